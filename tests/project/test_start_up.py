"""A command loads what it needs and no more: what it costs to start is what it imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.sources import ROOT

#: What takes long to load, or has no business in a command that asks nobody.
HEAVY = {"boto3", "botocore", "aiohttp", "rich", "glaciercli.server", "asyncio", "http.client"}

_CODE = """
import sys
from glaciercli.cli.main import main
code = main(sys.argv[1:])
print("LOADED", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def loaded(place: Path, *argv: str, code: int = 0, **changes: str) -> set[str]:
    """Run a command line and return the modules that it took."""
    env = {
        **os.environ,  # noqa: TID251 - for a child process
        "HOME": str(place),
        "XDG_DATA_HOME": str(place),
        "XDG_CONFIG_HOME": str(place),
        "GLACIERCLI_KEY_MAP": str(place / "key-map.sqlite3"),
        **changes,
    }
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *argv],
        cwd=ROOT,
        env=env,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == code, done.stderr
    return set(done.stderr.partition("LOADED")[2].split())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--help", 0),
        ("--version", 0),
        ("nosuch", 2),
        ("list --nosuch", 2),
        ("upload --help", 0),
        ("retrieve --help", 0),
        ("serve --help", 0),
        ("--local list", 0),
        ("--local list -o json", 0),
        ("keymap path", 0),
        ("completion bash", 0),
    ],
)
def test_nothing_heavy_is_loaded(tmp_path: Path, line: str, code: int) -> None:
    assert loaded(tmp_path, *line.split(), code=code) & HEAVY == set()


@pytest.mark.parametrize("line", ["--help", "--version", "nosuch", "list --help"])
def test_a_line_that_does_nothing_opens_no_database(tmp_path: Path, line: str) -> None:
    modules = loaded(tmp_path, *line.split(), code=2 if line == "nosuch" else 0)
    assert modules & {"sqlite3", "platformdirs", "tomli", "glaciercli.keymap"} == set()


def test_help_loads_no_command(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--help")
    assert {one for one in modules if one.startswith("glaciercli.cli.commands.")} == set()
