"""Whatever is wrong gets one clear sentence, a hint and its own exit code, and changes nothing."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run, Server, Spawn, finished

#: The words of a command line, its exit code, and a part of what it says.
BAD = [
    (["bogus"], 2, "no such command 'bogus'"),
    (["uplaod", "a", "photos"], 2, "did you mean upload"),
    (["vault", "bogus"], 2, "no such command 'bogus'"),
    (["list", "--bogus"], 2, "no such option"),
    (["upload", "a"], 2, "missing argument"),
    (["retrieve"], 2, "missing argument"),
    (["list", "-o", "xml"], 2, "'xml' is not one of"),
    (["--store", "nowhere", "list"], 2, 'there is no store "nowhere"'),
    (["list", "nowhere:photos"], 2, 'there is no store "nowhere"'),
    (["--store", "aws", "list", "local:photos"], 2, "one line works in one store"),
    (["--config", "gone.toml", "list"], 2, 'there is no configuration "'),
    (["--config", "a", "list"], 2, "is no valid TOML"),
    (["--config", "wrong.toml", "list"], 2, '"jobs" is a whole number'),
    (["--config", "odd.toml", "list"], 2, "defaults are tables"),
    (["treehash", "tree"], 1, "is a directory"),
    (["treehash", "empty"], 1, "is empty"),
    (["list", ""], 2, "the ref is empty"),
    (["list", "photos/"], 2, "ends where a name should start"),
    (["list", "/etc/passwd"], 2, "names no vault"),
    (["list", "ph otos/a"], 2, "is no vault name"),
    (["vault", "create", "bad name"], 2, "is no vault name"),
    (["list", "--larger-than", "big"], 2, "big"),
    (["list", "--larger-than", "-5"], 2, "-5"),
    (["list", "--older-than", "yesterday"], 2, "yesterday"),
    (["list", "--state", "lost"], 2, "'lost' is not one of"),
    (["retrieve", "photos/a", "--tier", "instant"], 2, "'instant' is not one of"),
    (["retrieve", "photos/a", "--jobs", "0"], 2, "'--jobs'"),
    (["upload", "a", "photos", "--part-size", "3MiB"], 2, "no part size"),
    (["upload", "a", "photos", "--part-size", "8GiB"], 2, "no part size"),
    (["upload", "a", "photos", "--part-size", "many"], 2, "many"),
    (["upload", "a", "photos", "--limit-rate", "0"], 2, "too slow"),
    (["upload", "a", "photos", "--limit-rate", "500"], 2, "too slow"),
    (["upload", "a", "photos", "--description", "naïve"], 2, "printable ASCII"),
    (["upload", "a", "photos", "--description", "x" * 1025], 2, "1,024"),
    (["upload", "-", "photos"], 2, "standard input has no name"),
    (["upload", "a", "tree", "photos", "--name", "x"], 2, "--name goes with a single file"),
    (["upload", "tree", "photos", "--name", "x"], 2, "cannot name the directory"),
    (["upload", "a", "a", "photos"], 2, "would both be named"),
    (["upload", "a", "nothing"], 10, 'vault "nothing" does not exist'),
    (["upload", "a", "photos/id:abc"], 2, "no prefix"),
    (["sync", "tree", "nothing"], 10, 'vault "nothing" does not exist'),
    (["sync", "tree", "photos/id:abc"], 2, "no prefix"),
    (["sync", "a", "photos"], 1, "is no directory"),
    (["retrieve", "nothing/a"], 10, 'vault "nothing" does not exist'),
    (["retrieve", "photos/nothing"], 11, 'nothing in the key map is "photos/nothing"'),
    (["retrieve", "photos/*.nothing"], 11, "photos/*.nothing"),
    (["retrieve", "photos/id:zzzz"], 11, 'an ID starting "zzzz"'),
    (["retrieve", "photos/id:not an id!"], 11, "an ID starting"),
    (["delete", "photos"], 2, "is a whole vault"),
    (["delete", "photos/nothing", "--yes"], 11, "photos/nothing"),
    (["delete", "nothing/a", "--yes"], 10, 'vault "nothing" does not exist'),
    (["rename", "photos/nothing", "x"], 11, "photos/nothing"),
    (["list", "nothing"], 10, 'vault "nothing" does not exist'),
    (["list", "photos/nothing"], 11, "photos/nothing"),
    (["vault", "show", "nothing"], 10, 'vault "nothing" does not exist'),
    (["vault", "show", "photos/a"], 2, "is no vault"),
    (["vault", "delete", "nothing"], 10, 'vault "nothing" does not exist'),
    (["inventory", "refresh", "nothing"], 10, 'vault "nothing" does not exist'),
    (["inventory", "show", "nothing"], 10, 'vault "nothing" does not exist'),
    (["inventory", "export", "nothing"], 10, 'vault "nothing" does not exist'),
    (["inventory", "import", "photos", "gone.json"], 1, "no such file"),
    (["inventory", "import", "photos", "tree"], 1, "is a directory"),
    (["inventory", "import", "photos", "a"], 1, "malformed"),
    (["inventory", "refresh", "photos", "--max-age", "soon"], 2, "soon"),
    (["job", "list", "nothing"], 10, 'vault "nothing" does not exist'),
    (["job", "show", "photos", "nothing"], 1, 'has no job "nothing"'),
    (["job", "show", "photos", "-K9nothing"], 2, "that begins with a hyphen goes behind --"),
    (["job", "show", "--", "photos", "-K9nothing"], 1, 'has no job "-K9nothing"'),
    (["serve", "--port", "70000"], 2, "'--port'"),
    (["serve", "--retrieval-delay", "warp=1s"], 2, '"warp" is no tier'),
    (["serve", "--host", "no.such.host.invalid", "--port", "0"], 1, "cannot listen"),
    (["completion", "csh"], 2, "'csh' is not one of"),
    (["demo", "gone"], 2, "does not exist"),
    (["keymap", "bogus"], 2, "no such command 'bogus'"),
]


@pytest.fixture
def stocked(local: Run, photos: Path) -> Path:
    """A vault with one archive, a file, a directory; returns the current directory."""
    (photos / "a").write_bytes(b"words")
    (photos / "tree").mkdir()
    (photos / "tree" / "b").write_bytes(b"b")
    (photos / "empty").touch()
    (photos / "wrong.toml").write_text('jobs = "x"\n')
    (photos / "odd.toml").write_text("[defaults]\nlist = 1\n")
    local("upload", "a", "photos").ok()
    return photos


def told(done: Done, code: int, words: str) -> None:
    """Assert that a failure is one error and what to do about it, and nothing else."""
    done.failed(code, words)
    assert done.out == ""
    lines = [line for line in done.err.splitlines() if not line.startswith("  ")]
    assert [line.split(": ")[1] for line in lines] == ["error", "hint"], done.err
    assert done.err.isascii() or "naïve" in done.err


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("argv", "code", "words"), BAD, ids=[" ".join(argv)[:40] for argv, _, _ in BAD]
)
def test_what_is_wrong_is_told_and_nothing_changes(
    run: Run, key_map: Path, argv: list[str], code: int, words: str
) -> None:
    before = key_map.read_bytes()
    options = [] if "--store" in argv or any(":photos" in one for one in argv) else ["--local"]
    told(run(*options, *argv), code, words)
    assert key_map.read_bytes() == before


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_with_json_output_an_error_is_one_object(local: Run, form: str) -> None:
    said = local("list", "photos/nothing", "-o", form)
    error = json.loads(said.err)["error"]
    assert error.keys() == {"code", "message", "hint"}
    assert error["code"] == "no_such_archive"
    assert said.out == ""


def item_told(done: Done, code: int, words: str) -> None:
    """Assert that the one item of a command failed, in words for people."""
    done.failed(code)
    errors = [one for one in done.err.splitlines() if one.startswith("glaciercli: error: ")]
    assert len(errors) == 1
    assert words in errors[0]


def test_a_file_that_is_no_file_is_told(local: Run, stocked: Path) -> None:
    item_told(local("upload", "gone", "photos"), 1, "no such file")
    item_told(local("upload", "/dev/null", "photos"), 1, "no regular file")
    os.mkfifo(stocked / "pipe")
    item_told(local("upload", "pipe", "photos"), 1, "no regular file")
    (stocked / "dangling").symlink_to("nowhere")
    item_told(local("upload", "dangling", "photos"), 1, "no such file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_told(local: Run, stocked: Path) -> None:
    (stocked / "secret").write_bytes(b"s")
    (stocked / "secret").chmod(0)
    item_told(local("upload", "secret", "photos"), 1, "permission denied")


def test_a_directory_where_a_file_is_meant_is_told(local: Run, stocked: Path) -> None:
    (stocked / "back" / "a" / "x").mkdir(parents=True)
    item_told(local("retrieve", "photos/a", "--to", "back"), 1, "is a directory")
    item_told(local("retrieve", "photos/a", "--to", "back", "--overwrite"), 1, "is a directory")
    (stocked / "file").write_bytes(b"")
    item_told(local("retrieve", "photos/a", "--to", "file/"), 1, "file")
    item_told(local("retrieve", "photos/a", "--to", "file/sub/"), 1, "file")
    assert [path.name for path in stocked.rglob("*partial*")] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "damaged"), (b"no database at all" * 100, "damaged"), (None, "damaged")],
    ids=["empty", "foreign", "cut"],
)
@pytest.mark.usefixtures("stocked")
def test_a_damaged_key_map_is_told_and_left_alone(
    local: Run, key_map: Path, content: bytes | None, words: str
) -> None:
    if content is None:
        content = key_map.read_bytes()[:5000]
    key_map.write_bytes(content)
    for line in (["list"], ["vault", "list"], ["upload", "a", "photos"]):
        told(local(*line), 16, words)
    assert key_map.read_bytes() == content


@pytest.mark.usefixtures("stocked")
def test_a_key_map_of_a_newer_program_is_told_and_left_alone(local: Run, key_map: Path) -> None:
    with closing(sqlite3.connect(key_map)) as opened:
        opened.execute("PRAGMA user_version = 999")
    before = key_map.read_bytes()
    for line in (["list"], ["upload", "a", "photos"]):
        told(local(*line), 16, "newer")
    assert key_map.read_bytes() == before


def test_a_key_map_that_is_a_directory_or_has_no_place_is_told(local: Run, stocked: Path) -> None:
    (stocked / "place").mkdir()
    for place in ("place", "a/key-map", "/proc/nowhere/key-map"):
        said = local("vault", "list", "--key-map", place)
        assert said.code in {1, 16}, said.err
        told(said, said.code, "key map")


@pytest.mark.covers("N16")
def test_no_credentials_are_told(run: Run) -> None:
    told(run("vault", "list", "--region", "us-east-1"), 13, "no AWS credentials")


def test_no_region_is_told(run: Run) -> None:
    env = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    told(run("vault", "list", env=env), 2, "no region")


def test_an_unknown_profile_is_told(run: Run) -> None:
    told(run("vault", "list", "--region", "us-east-1", "--profile", "nobody"), 2, "nobody")


def test_a_refused_connection_is_told_soon(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    env = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
    said = run("vault", "list", "--endpoint-url", f"http://127.0.0.1:{port}", env=env)
    told(said, 17, "cannot be reached")


@pytest.mark.covers("N16")
def test_wrong_credentials_are_told(run: Run, server: Server) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        env = {**server.env, name: "wrong"}
        told(run(*server.options, "vault", "list", env=env), 13, "the service refused the request")


def test_an_endpoint_that_is_none_is_told(run: Run) -> None:
    env = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
    told(run("vault", "list", "--endpoint-url", "nonsense", env=env), 2, "nonsense")


def test_a_local_store_refuses_what_names_another_service(run: Run) -> None:
    for flag, value in (
        ("--endpoint-url", "http://127.0.0.1:1"),
        ("--profile", "backup"),
        ("--account-id", "111122223333"),
    ):
        said = run(flag, value, "vault", "list", env={"GLACIERCLI_STORE": "local"})
        told(said, 2, f'{flag} says nothing of store "local"')


@pytest.mark.usefixtures("stocked")
def test_nothing_is_asked_for_that_could_not_be_written(local: Run, stocked: Path) -> None:
    (stocked / "file").write_bytes(b"")
    (stocked / "dangling").symlink_to("nowhere")
    for place in ("file", "file/below", "dangling"):
        item_told(local("retrieve", "photos/*", "--to", place), 1, "is no directory")
    local("upload", "tree", "photos/file").ok()
    item_told(local("retrieve", "photos/file/*", "--to", "."), 1, "is no plain directory")
    assert local("job", "list").ok().out == ""


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A file system with hardly any room."""
    place = home / "small"
    place.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("mounting takes root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S607


@pytest.mark.covers("P6")
def test_a_full_disk_is_told_and_nothing_is_lost(
    local: Run, stocked: Path, small_disk: Path
) -> None:
    (stocked / "big").write_bytes(os.urandom(400_000))
    local("upload", "big", "photos").ok()
    line = ("retrieve", "photos/big", "--to", f"{small_disk}/")
    assert "are to be written below" in local(*line, "--dry-run").ok().out
    local(*line).failed(1, "no room left for what would be asked for")
    assert local("job", "list").ok().out == ""
    local("retrieve", "photos/big", "--to", "back").ok()
    assert (stocked / "back").read_bytes() == (stocked / "big").read_bytes()
    # What is ready is fetched as far as there is room, and beside it nothing is asked for.
    local("upload", "back", "photos/more").ok()
    item_told(local("retrieve", "photos/big", "--to", f"{small_disk}/"), 1, "no room left")
    both = local(
        "retrieve", "photos/big", "photos/more/back", "--to", f"{small_disk}/", "-o", "json"
    )
    assert [one["name"] for one in both.failed(1).json["failed"]] == ["more/back", "big"]
    assert len(local("job", "list", "-o", "json").json["jobs"]) == 1


@pytest.mark.covers("P5")
def test_a_full_standard_output_is_told(spawn: Spawn) -> None:
    with open("/dev/full", "wb") as full:
        done = finished(spawn("keymap", "path", stdout=full, stdin=subprocess.DEVNULL))
    assert done.code == 1
    assert "cannot write the result: No space left on device" in done.err
    assert "Traceback" not in done.err


@pytest.mark.covers("P5")
@pytest.mark.usefixtures("stocked")
def test_a_reader_that_goes_away_is_no_error(spawn: Spawn) -> None:
    process = spawn("--local", "list", "-o", "jsonl")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    assert process.wait(30) == 0


@pytest.mark.covers("P5")
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_whoever_does_not_read_the_help_is_no_error(spawn: Spawn, word: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = finished(spawn(word, stdout=writer))
    os.close(writer)
    assert (done.code, done.err) == (0, "")


@pytest.mark.covers("P5")
@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_the_exit_code_tells_what_standard_error_cannot(
    spawn: Spawn, stocked: Path, where: str
) -> None:
    start = f"{sys.executable} -m glaciercli --local"
    line = f"{start} list --nosuch {where}; echo $?; {start} upload {stocked} photos {where}"
    done = finished(spawn(argv=["/bin/sh", "-c", line]))
    assert done.lines[0] == "2"
    assert done.code == 0, done


@pytest.mark.parametrize("words", ["-ojson", "-qojson", "-o json", "--output=json"])
def test_a_line_that_is_refused_is_told_in_the_form_that_was_asked_for(
    local: Run, words: str
) -> None:
    done = local("list", *words.split(), "--nosuch")
    assert done.code == 2
    assert json.loads(done.err)["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("line", "code", "meant"),
    [
        ("list phots", 10, "photos"),
        ("vault show phots", 10, "photos"),
        ("retrieve photos/a.text", 11, "photos/a.txt"),
        ("delete photos/a.text", 11, "photos/a.txt"),
        ("rename photos/dri/b.txt b", 11, "photos/dir/b.txt"),
        ("cost photos/dir", 11, "photos/dir/**"),
    ],
)
def test_the_nearest_vault_or_name_is_offered(
    local: Run, work: Path, line: str, code: int, meant: str
) -> None:
    (work / "dir").mkdir()
    for name in ("a.txt", "dir/b.txt"):
        (work / name).write_text(name)
    local("vault", "create", "photos").ok()
    local("upload", "a.txt", "photos").ok()
    local("upload", "dir", "photos/dir/").ok()
    done = local(*line.split()).failed(code)
    assert f'hint: did you mean "{meant}"? if not: glaciercli ' in done.err.replace(
        "the key map does not know it: ", ""
    )
