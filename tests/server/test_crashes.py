"""``kill -9`` at any moment: what was acknowledged is there, what was not is whole or nowhere."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.server.crash_work import Worker, check, check_what_is_listed
from tests.server.raw_http import Remote, ask

ROUNDS = 5
CLIENTS = 4


@contextmanager
def program(data_dir: Path) -> Iterator[tuple[Remote, "subprocess.Popen[str]"]]:
    """Run the real program; whatever is left of it is killed in the end."""
    words = ["serve", "--port", "0", "--anonymous", "--data", str(data_dir)]
    with subprocess.Popen(
        [sys.executable, "-m", "glaciercli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PATH": os.defpath, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        try:
            assert process.stdout
            yield Remote(process.stdout.readline().strip()), process
        finally:
            process.kill()


def referenced(data_dir: Path) -> set[str]:
    with closing(sqlite3.connect(data_dir / "catalogue.sqlite3")) as opened:
        rows = opened.execute(
            "SELECT file FROM blobs UNION"
            " SELECT output_file FROM jobs WHERE output_file IS NOT NULL"
        )
        return {row[0] for row in rows}


def check_no_leftovers(data_dir: Path) -> None:
    assert list((data_dir / "incoming").iterdir()) == []
    assert {path.name for path in data_dir.glob("blobs/*/*")} == referenced(data_dir)


@pytest.mark.covers("E7")
@pytest.mark.parametrize("seed", range(1))
def test_whatever_the_moment_nothing_acknowledged_is_lost(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    data_dir = tmp_path / "data"
    done: list[Worker] = []
    for turn in range(ROUNDS):
        with program(data_dir) as (server, process):
            check_no_leftovers(data_dir)
            for worker in done[-CLIENTS:]:
                check(server, worker.ledger)
            ask(server, "PUT", "/-/vaults/v")
            workers = [Worker(server, seed * 1000 + turn * 10 + one) for one in range(CLIENTS)]
            threads = [threading.Thread(target=worker.work) for worker in workers]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 0.6))  # noqa: TID251 - the other side is a process
            process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
            done += workers
    assert any(worker.ledger.stored for worker in done)
    with program(data_dir) as (server, _):
        check_no_leftovers(data_dir)
        for worker in done[-CLIENTS:]:
            check(server, worker.ledger)
        check_what_is_listed(server, {one for worker in done for one in worker.ledger.stored})
