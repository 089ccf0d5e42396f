"""Secrets appear nowhere: on no screen, in no file, in no list of processes."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from glaciercli.cli.manual_entries import Entry, program
from tests.cli.conftest import Done, Run, Server, Spawn
from tests.cli.test_iam import ALONE, SESSION, orphan

#: What a temporary login of AWS has besides the keys.
TOKEN = "CANARY-session-token-Zm9vYmFyYmF6"  # noqa: S105 - that is the point

#: What somebody may have written into the address of a service, before its host.
PASSWORD = "CANARY-password-in-a-URL"  # noqa: S105

#: The suite has the loudest one; GLACIERCLI_SECRETS=1 tries each.
_STEP = 1 if os.environ.get("GLACIERCLI_SECRETS") else -3  # noqa: TID251 - how long it may take

LOUDNESS = ((), ("--verbose",), ("--debug", "--verbose"))

#: Lines that go wrong, so that errors are told.
FAILING = (
    "list photos/nothing",
    "upload missing photos",
    "retrieve nowhere/x",
    "vault show nowhere",
    "doctor",
    "config show",
)


@pytest.fixture
def env(server: Server) -> dict[str, str]:
    url = server.url.replace("http://", f"http://somebody:{PASSWORD}@")
    return {**server.env, "AWS_SESSION_TOKEN": TOKEN, "AWS_ENDPOINT_URL_GLACIER": url}


def known(env: Mapping[str, str]) -> list[str]:
    """Return what must not be seen."""
    return [env["AWS_SECRET_ACCESS_KEY"], TOKEN, PASSWORD]


def written(home: Path) -> Iterator[tuple[Path, bytes]]:
    for place, _, names in os.walk(home):
        for name in names:
            yield Path(place, name), Path(place, name).read_bytes()


def check(secrets: list[str], done: Done, line: str) -> None:
    for secret in secrets:
        assert secret not in done.err, line
        assert secret.encode() not in done.raw, line
    # Whatever signs a request is as good as the key, for that request.
    assert "Signature=" not in done.err + done.raw.decode("utf-8", "replace"), line


@pytest.fixture
def files(work: Path) -> None:
    for name in ("tree/a", "tree/b", "less/a", "small", "big"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text(name)


@pytest.mark.covers("H14")
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("loudness", LOUDNESS[::_STEP], ids=" ".join)
def test_no_command_shows_or_keeps_a_secret(
    run: Run, server: Server, home: Path, env: Mapping[str, str], loudness: tuple[str, ...]
) -> None:
    secrets = known(env)
    for line in (*(line for _, line in SESSION), *ALONE, *FAILING):
        if line.startswith("upload-parts"):
            orphan(server)
        check(secrets, run(*line.split(), *loudness, env=dict(env)), line)
    for path, content in written(home):
        for secret in secrets:
            assert secret.encode() not in content, path


@pytest.mark.covers("H14")
@pytest.mark.parametrize("loudness", LOUDNESS[::_STEP], ids=" ".join)
def test_no_refusal_shows_a_secret(
    run: Run, env: dict[str, str], loudness: tuple[str, ...]
) -> None:
    wrong = {**env, "AWS_SECRET_ACCESS_KEY": "CANARY/wrong+secret"}
    nowhere = {**env, "AWS_ENDPOINT_URL_GLACIER": f"http://somebody:{PASSWORD}@127.0.0.1:9"}
    behind = {**env, "HTTP_PROXY": f"http://somebody:{PASSWORD}@127.0.0.1:9", "NO_PROXY": ""}
    for environment in (wrong, nowhere, behind):
        for line in ("vault list", "doctor"):
            done = run(*line.split(), *loudness, env=environment)
            assert done.code != 0
            check(known(environment), done, line)


@pytest.mark.covers("H14")
def test_no_list_of_processes_shows_a_secret(spawn: Spawn, env: dict[str, str]) -> None:
    process = spawn("upload", "-", "photos", "--name", "x", env={**os.environ, **env})  # noqa: TID251 - a child's
    shown = b""
    while not shown:
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert b"upload" in shown
    assert not any(secret.encode() in shown for secret in known(env))


def leaves(entry: Entry) -> list[Entry]:
    return [found for one in entry.below for found in leaves(one)] or [entry]


def test_no_option_takes_a_secret() -> None:
    secret = re.compile(r"--[a-z-]*(?:secret|password|passphrase|token)")
    for entry in leaves(program()):
        found = [one for one in entry.options if secret.search(str(one))]
        assert found == [], entry.line
