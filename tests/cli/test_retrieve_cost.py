"""``glaciercli retrieve``: the price first, a budget that holds, and no day overfilled."""

import os
import pty
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Spawn

BILLED = '[stores.local]\nkind = "local"\nbilled = true\n'


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with three archives of 4, 2 and 1 bytes; returns the current directory."""
    for name, content in (("a", b"aaaa"), ("b", b"bb"), ("c", b"c")):
        (photos / name).write_bytes(content)
    local("upload", "a", "b", "c", "photos").ok()
    return photos


@pytest.fixture
def billed(home: Path) -> None:
    """Let the embedded service stand in for one that bills."""
    configure(home, BILLED)


def configure(home: Path, text: str) -> None:
    config = home / "config" / "glaciercli" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text)


def jobs(local: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local("job", "list", "-o", "json").json["jobs"]
    return found


def resize(key_map: Path, **sizes: int) -> None:
    with closing(sqlite3.connect(key_map)) as connection, connection:
        for name, size in sizes.items():
            connection.execute("UPDATE archives SET size_bytes = ? WHERE name = ?", (size, name))


@pytest.mark.usefixtures("stored", "billed")
def test_without_a_terminal_nothing_that_costs_is_asked_for(local: Run) -> None:
    said = local("retrieve", "photos/**", "--to", "back/").failed(2, "this costs money")
    assert "3 archives, 7 B, standard tier" in said.err
    assert "< $0.01" in said.err
    assert "prices: us-east-1, AWS price list, 2025-07-04" in said.err
    assert jobs(local) == []


@pytest.mark.usefixtures("stored", "billed")
@pytest.mark.parametrize("consent", [("--yes",), ("--max-cost", "0.01")])
def test_a_word_for_it_or_a_budget_is_a_yes(local: Run, consent: tuple[str, ...]) -> None:
    said = local("retrieve", "photos/**", "--to", "back/", *consent).ok()
    assert "asking for 3 archives, 7 B, standard tier, less than $0.01 before" in said.err
    assert len(jobs(local)) == 3


@pytest.mark.usefixtures("stored", "billed")
def test_what_is_asked_for_already_needs_no_second_yes(local: Run) -> None:
    local("retrieve", "photos/**", "--to", "back/", "--yes").ok()
    local("retrieve", "photos/**", "--to", "other/").ok()
    assert len(jobs(local)) == 3


@pytest.mark.usefixtures("stored", "billed")
@pytest.mark.parametrize(("answer", "code", "count"), [(b"y\n", 0, 3), (b"n\n", 130, 0)])
def test_on_a_terminal_it_is_asked_about(
    local: Run, spawn: Spawn, answer: bytes, code: int, count: int
) -> None:
    ours, theirs = pty.openpty()
    try:
        process = spawn("--local", "retrieve", "photos/**", "--to", "back/", stdin=theirs)
        os.write(ours, answer)
        _, err = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == code, err
    assert b"Ask for them?" in err
    assert len(jobs(local)) == count


@pytest.mark.usefixtures("stored")
def test_a_store_that_bills_nothing_asks_nothing(local: Run) -> None:
    local("retrieve", "photos/**", "--to", "back/").ok()


@pytest.mark.usefixtures("stored")
def test_above_the_budget_nothing_happens(local: Run, work: Path, key_map: Path) -> None:
    resize(key_map, a=2**40)
    line = ("retrieve", "photos/**", "--to", "back/")
    # A TiB: $10.24 and $92.16 for the transfer, and a few requests.
    said = local(*line, "--max-cost", "102.40").failed(14, "--max-cost allows $102.40")
    assert "it costs $102.4" in said.err
    assert "hint: --tier bulk costs $94.72" in said.err
    assert jobs(local) == []
    assert not (work / "back").exists()
    said = local(*line, "--max-cost", "102.40", "--dry-run").failed(14)
    assert "this does not fit --max-cost, $102.40" in said.out
    fits = local(*line, "--max-cost", "102.41", "--dry-run", "-o", "json").ok().json
    assert fits["fits"] is True
    assert fits["max_usd"] == "102.41"


@pytest.mark.usefixtures("stored")
def test_a_budget_of_zero_lets_only_free_things_happen(local: Run, work: Path) -> None:
    (work / "none").touch()
    local("upload", "none", "photos").ok()
    line = ("retrieve", "--to", "back/", "--max-cost", "0")
    local(*line, "photos/a").failed(14, "--max-cost allows $0")
    assert jobs(local) == []
    local(*line, "photos/none").ok()
    assert (work / "back" / "none").read_bytes() == b""
    local("retrieve", "photos/a", "--to", "back/").ok()
    # It is here already: nothing is left to pay.
    local(*line, "photos/a").ok()


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("budget", ["-1", "nan", "inf", "lots", "", "$5", "1e30", "1_0", "\u0661"])
def test_a_budget_of_nonsense_is_refused(local: Run, budget: str) -> None:
    local("retrieve", "photos/a", f"--max-cost={budget}").failed(2, "no amount of dollars")
    assert jobs(local) == []


@pytest.mark.usefixtures("stored")
def test_what_the_line_spent_before_counts(local: Run, home: Path) -> None:
    configure(home, '[prices.us-east-1]\n"vault/retrieval-requests/standard" = 1000\n')
    local("retrieve", "photos/a", "--to", "back/", "--max-cost", "1.01").ok()
    line = ("retrieve", "photos/[ab]", "--to", "back/")
    said = local(*line, "--max-cost", "1.01").failed(14, "spent before")
    assert "with the $1.000002 spent before" in said.err
    local(*line, "--max-cost", "2.01").ok()
    assert len(jobs(local)) == 2


def test_a_budget_cannot_be_kept_without_prices(local: Run, work: Path) -> None:
    mars = ("--region", "mars-north-1")
    local("vault", "create", "rover", *mars).ok()
    (work / "a").write_bytes(b"x")
    local("upload", "a", "rover", *mars).ok()
    said = local("retrieve", "rover/a", "--to", "back", "--max-cost", "100", *mars)
    said.failed(14, "no price is known of mars-north-1/vault/retrieval/standard")
    local("retrieve", "rover/a", "--to", "back", *mars).ok()


@pytest.mark.usefixtures("stored")
def test_a_day_holds_no_more_than_it_may(local: Run, work: Path) -> None:
    line = ("retrieve", "photos/**", "--to", "back/", "--max-bytes-per-day", "4B", "-o", "json")
    first = local(*line).failed(75).json
    assert [one["name"] for one in first["retrieved"]] == ["a"]
    assert [(one["name"], one["job_id"]) for one in first["pending"]] == [("b", None), ("c", None)]
    assert all(one["due_at"] < one["expected_at"] for one in first["pending"])
    again = local(*line).failed(75).json
    assert (again["retrieved"], len(jobs(local))) == ([], 1)
    text = local(*line[:-2]).failed(75)
    assert "2 archives put off: the same line asks for them later, from about " in text.err
    assert text.out.startswith("not ready: b, asked for from about ")
    assert {path.name for path in (work / "back").iterdir()} == {"a"}


@pytest.mark.usefixtures("stored")
def test_a_dry_run_says_what_is_asked_for_later(local: Run) -> None:
    line = ("retrieve", "photos/**", "--max-bytes-per-day", "6B", "--to", "back/", "--dry-run")
    said = local(*line, "-o", "json").ok().json
    assert said["ask_now"] == {"archives": 2, "size_bytes": 6}
    assert said["ask_later"] == {"archives": 1, "size_bytes": 1}
    assert [one["due_at"] is None for one in said["would_retrieve"]] == [True, True, False]
    # The whole of it is priced, not today's part.
    assert {one["requests"] for one in said["retrieving"]} == {3}
    text = local(*line).ok().out
    assert "would start c from about " in text
    assert "asked for in the last 24 hours: 0 B of 6 B" in text
    assert "1 archive, 1 B put off: the same line asks for them from about " in text


@pytest.mark.usefixtures("stored")
def test_what_no_day_may_hold_is_told_and_the_rest_goes_on(local: Run, work: Path) -> None:
    said = local("retrieve", "photos/**", "--to", "back/", "--max-bytes-per-day", "3")
    said.failed(3, '"a" is larger than --max-bytes-per-day, 3 B')
    assert {path.name for path in (work / "back").iterdir()} == {"b", "c"}
    none = ("retrieve", "photos/a", "--to", "back/", "--max-bytes-per-day", "0")
    local(*none).failed(14)
    shown = local(*none, "--dry-run").failed(14)
    assert "would refuse a" in shown.out
    assert "would start" not in shown.out
    line = ("retrieve", "photos/**", "--to", "other/", "--max-bytes-per-day", "3", "--dry-run")
    assert local(*line, "-o", "json").failed(3).json["would_retrieve"][0]["step"] == "refuse"
    assert len(jobs(local)) == 2


@pytest.mark.usefixtures("stored")
def test_no_day_holds_what_has_an_unknown_size(local: Run, key_map: Path) -> None:
    resize(key_map, a=0, b=0)
    line = ("retrieve", "photos/**", "--to", "back/", "--max-bytes-per-day", "1GiB")
    shown = local(*line, "--dry-run").failed(3)
    assert "would refuse a" in shown.out
    assert "of unknown size, and so for no day: a" in shown.out
    local(*line).failed(3, 'nobody told the size of "a", so --max-bytes-per-day cannot be kept')
    assert len(jobs(local)) == 1
    local("retrieve", "photos/a", "--to", "back/").ok()


def test_no_more_is_asked_for_than_can_be_fetched_at_the_measured_speed(
    local: Run, stored: Path, key_map: Path
) -> None:
    large = stored / "large"
    large.write_bytes(os.urandom(33 * 2**20))
    local("upload", large, "photos").ok()
    local("retrieve", "photos/large", "--to", "back/").ok()
    with closing(sqlite3.connect(key_map)) as connection, connection:
        found = connection.execute("SELECT detail FROM journal WHERE event = 'fetched'").fetchall()
        assert found[0][0].startswith(f"{33 * 2**20} bytes in ")
        # As if the line were very slow: a byte in a second.
        connection.execute(
            "UPDATE journal SET detail = '1 bytes in 1000 ms' WHERE event = 'fetched'"
        )
    resize(key_map, a=40_000, b=24_000, c=900_000)
    line = ("retrieve", "photos/[abc]", "--to", "back/", "--dry-run")
    said = local(*line, "-o", "json").ok().json
    # What can be fetched in 18 hours, of the 24 that an output is kept.
    assert said["bytes_per_second"] == 1
    assert said["ask_now"] == {"archives": 2, "size_bytes": 64_000}
    assert [one["due_at"] is None for one in said["would_retrieve"]] == [True, True, False]
    text = local(*line).ok().out
    assert "at 1 B/s fetching takes 11 d 3 h; an output is kept for 24 h" in text
    assert "takes longer than that alone, about 11 jobs from now on: c" in text
    assert said["retrieving"][0]["requests"] == 13
    # --limit-rate bounds the speed as well.
    said = local(*line, "--limit-rate", "1GiB", "-o", "json").ok().json
    assert said["bytes_per_second"] == 1
