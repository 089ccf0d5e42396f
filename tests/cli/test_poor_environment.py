"""The program where little is as usual."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Spawn, finished

#: No language, no clock that anybody has, a terminal that can do nothing, and a trap.
POOR = {
    "LC_ALL": "C",
    "TZ": "Nowhere/At-All:77",
    "TERM": "dumb",
    "COLUMNS": "1",
    "LINES": "0",
    "PAGER": "/nowhere",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


@pytest.mark.covers("H15")
def test_it_works_and_runs_nothing_that_lies_about(spawn: Spawn, work: Path) -> None:
    for trap in ("boto3.py", "click.py", "glaciercli.py", "sitecustomize.py"):
        (work / trap).write_text("raise SystemExit('a trap')")
    env = {**os.environ, **POOR}  # noqa: TID251 - a child's
    (work / "é").write_bytes(b"content")
    # As the installed command does, which has no directory of the user's on its path.
    start = ["-P", "-c", "from glaciercli.cli.process import run; run()"]
    for words in (["vault", "create", "v"], ["upload", "é", "v"], ["list", "v"]):
        argv = [sys.executable, *start, "--local", *words]
        done = finished(spawn(argv=argv, env=env))
        assert (done.code, done.err) == (0, ""), (words, done)
    assert "é".encode() in done.raw
