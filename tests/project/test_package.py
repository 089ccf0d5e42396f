"""What is handed out works where nothing of the development environment is."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

from tests.project.sources import PACKAGE, ROOT


def needed(name: str, found: set[str]) -> set[str]:
    """A distribution and whatever it needs to run, by name."""
    if name not in found:
        found.add(name)
        for line in metadata.requires(name) or ():
            requirement, _, marker = line.partition(";")
            bare = "".join(one if one.isalnum() or one in "-_." else " " for one in requirement)
            if "extra ==" not in marker and _is_there(dependency := bare.split()[0]):
                needed(dependency, found)
    return found


def _is_there(name: str) -> bool:
    # What another Python or platform needs is not installed here.
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the source archive, as they are handed out."""
    place = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return place


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (found,) = built.glob("*.whl")
    return zipfile.ZipFile(found)


@pytest.fixture(scope="module")
def alone(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the program from the wheel and what it needs to run, and no more."""
    place = tmp_path_factory.mktemp("alone")
    wheel.extractall(place)  # noqa: S202 - our own, just built
    for name in needed("glaciercli", set()) - {"glaciercli"}:
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            target = place / top
            if not target.exists():
                target.symlink_to(Path(str(distribution.locate_file(top))))
    return place


@pytest.fixture(scope="module")
def in_one_file(alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program and what it needs in one file, as `make dist` makes it."""
    place = tmp_path_factory.mktemp("zipapp")
    shutil.copytree(alone, place / "site", ignore=shutil.ignore_patterns("__pycache__"))
    made = place / "glaciercli.pyz"
    words = ["-e", "glaciercli.cli.process:run", "--uncompressed", "-o", str(made)]
    subprocess.run(
        [Path(sys.executable).with_name("shiv"), "--site-packages", place / "site", *words],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(place / "site")
    return made


def from_directory(alone: Path) -> list[str]:
    """What starts the program from a directory, which comes before any other place."""
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(alone)!r}); sys.argv[0] = 'glaciercli'; "
        "runpy.run_module('glaciercli', run_name='__main__')"
    )
    return ["-c", code]


def run(start: Sequence[str], home: Path, *words: str) -> str:
    """Run the program with nothing but what it declares, in an empty home."""
    done = subprocess.run(
        # No place for packages is looked into.
        [sys.executable, "-I", "-S", *start, *words],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_needs_nothing_but_what_it_declares(alone: Path, tmp_path: Path) -> None:
    start = from_directory(alone)
    (tmp_path / "beach.jpg").write_text("sea")
    assert run(start, tmp_path, "--version").startswith("glaciercli ")
    run(start, tmp_path, "--local", "vault", "create", "photos")
    run(start, tmp_path, "--local", "upload", "beach.jpg", "photos")
    run(start, tmp_path, "--local", "retrieve", "photos/**", "--to", "back/")
    assert (tmp_path / "back" / "beach.jpg").read_text() == "sea"
    assert run(start, tmp_path, "--local", "cost", "photos").startswith("photos: 1 archive")
    assert run(start, tmp_path, "config", "init").startswith("written ")


def test_one_file_is_the_whole_program(in_one_file: Path, tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_text("sea")
    start = [str(in_one_file)]
    assert run(start, tmp_path, "--version").startswith("glaciercli ")
    run(start, tmp_path, "--local", "vault", "create", "photos")
    run(start, tmp_path, "--local", "upload", "beach.jpg", "photos")


def test_a_wheel_has_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wheel.namelist() if name.startswith("glaciercli/")} == there


def test_a_wheel_puts_pages_completions_and_schemas_in_their_places(
    wheel: zipfile.ZipFile,
) -> None:
    data = {name.partition(".data/data/")[2] for name in wheel.namelist() if ".data/data/" in name}
    pages = {
        f"share/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "man").rglob("*.[15]")
    }
    schemas = {
        f"share/glaciercli/schemas/{path.name}" for path in (ROOT / "docs" / "schemas").iterdir()
    }
    assert pages | schemas <= data
    assert data - pages - schemas == {
        "share/bash-completion/completions/glaciercli",
        "share/zsh/site-functions/_glaciercli",
        "share/fish/vendor_completions.d/glaciercli.fish",
    }


def test_a_source_archive_can_be_built_and_tested(built: Path) -> None:
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"glaciercli", "tests", "docs", "man", "completions", "Makefile", "tools"} <= top
    assert {"pyproject.toml", "README.md", "requirements", "benchmarks"} <= top
