"""``glaciercli vault tag|policy|lock|notify``: shown, set, checked first, and never by mistake."""

import csv
import io
import json
import os
import pty
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run, Server, Spawn

TOPIC = "arn:aws:sns:us-east-1:123456789012:glacier-jobs"


@pytest.fixture
def lock(local: Run, photos: Path) -> Run:
    """A vault with a lock in progress, and how to speak of it."""
    del photos
    local("vault", "lock", "start", "photos", "--preset", "deny-delete-for-days=365").ok()

    def run_it(*argv: object, **given: object) -> Done:
        return local("vault", "lock", *argv, **given)

    return run_it


def test_tags_are_set_listed_and_unset(local: Run, photos: Path) -> None:
    del photos
    tag = ("vault", "tag")
    many = [f"k{number:02}=v {number}" for number in range(23)]
    local(*tag, "set", "photos", *many, "empty=").ok()
    listed = local(*tag, "list", "photos", "-o", "json").ok().json
    assert listed["tags"] == {"empty": "", **dict(one.split("=") for one in many)}
    again = local(*tag, "set", "photos", *many, "k00=new", "-o", "json").ok().json
    assert again["set"] == {"k00": "new"}
    gone = local(*tag, "unset", "photos", *(f"k{number:02}" for number in range(24)))
    assert len(gone.ok().lines) == 23
    assert local(*tag, "list", "photos", "-o", "csv").ok().lines == ["key,value", "empty,"]


def test_more_tags_than_a_vault_may_have_are_refused_before_any_is_set(
    local: Run, photos: Path
) -> None:
    del photos
    tags = [f"k{number}=v" for number in range(51)]
    local("vault", "tag", "set", "photos", *tags).failed(14, "would have 51 tags")
    assert local("vault", "tag", "list", "photos").ok().out == ""
    local("vault", "tag", "set", "photos", *tags[:50]).ok()


def test_a_dry_run_of_tags_changes_nothing(local: Run, photos: Path) -> None:
    del photos
    local("vault", "tag", "set", "photos", "a=b").ok()
    said = local("vault", "tag", "set", "photos", "c=d", "--dry-run").ok()
    assert said.lines == ["would be set c = d"]
    local("vault", "tag", "unset", "photos", "a", "--dry-run").ok()
    assert local("vault", "tag", "list", "photos", "-o", "jsonl").jsonl == [
        {"key": "a", "value": "b"}
    ]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("tag set photos nonsense", 2, "is no tag"),
        ("tag set photos =x", 2, "is no tag"),
        ("tag set photos a:b=c", 1, "Invalid tag key"),
        ("tag list nothing", 10, "does not exist"),
        ("policy show nothing", 10, "does not exist"),
        ("policy set photos", 2, "--preset"),
        ("policy set photos nosuch.json", 1, "nosuch.json"),
        ("policy set photos . --preset deny-delete", 2, "a policy comes from"),
        ("policy set photos --preset deny-all", 2, 'no preset "deny-all"'),
        ("lock start photos --preset allow-read=123456789012", 2, "no preset"),
        ("lock complete photos --confirm photos", 14, "has no lock in progress"),
        ("notify set photos nonsense", 2, "is no topic"),
        ("notify set nothing " + TOPIC, 10, "does not exist"),
        ("notify remove nothing --dry-run", 10, "does not exist"),
    ],
)
def test_bad_input_is_told(local: Run, photos: Path, line: str, code: int, words: str) -> None:
    del photos
    local("vault", *line.split()).failed(code, words)


def test_a_policy_that_is_no_json_is_told_with_line_and_column(local: Run, photos: Path) -> None:
    (photos / "bad.json").write_text('{"Statement": [\n  {"Effect": oops}\n]}')
    said = local("vault", "policy", "set", "photos", "bad.json").failed(2)
    assert '"bad.json", line 2, column 14' in said.err
    text = (photos / "bad.json").read_bytes()
    said = local("vault", "lock", "start", "photos", "-", stdin=text).failed(2)
    assert "standard input, line 2, column 14" in said.err
    assert local("vault", "policy", "show", "photos", "-o", "json").json["policy"] is None
    (photos / "long").write_bytes(b" " * 30_000)
    local("vault", "policy", "set", "photos", "long").failed(1, "20,480 bytes are the most")
    (photos / "latin").write_bytes(b"\xe4")
    local("vault", "policy", "set", "photos", "latin").failed(1, "no UTF-8")


def test_a_policy_that_the_service_refuses_is_told(local: Run, photos: Path) -> None:
    rule = {"Effect": "Deny", "Principal": "*", "Action": "glacier:Nonsense", "Resource": "*"}
    (photos / "odd.json").write_text(json.dumps({"Statement": [rule]}))
    local("vault", "policy", "set", "photos", "odd.json").failed(1, "refused")
    local("vault", "lock", "start", "photos", "odd.json").failed(1, "policy is invalid")


def test_a_policy_goes_round(local: Run, photos: Path) -> None:
    line = ("vault", "policy", "set", "photos", "--preset", "deny-delete-for-days=30")
    assert "would be set" in local(*line, "--dry-run").ok().lines[0]
    assert local("vault", "policy", "show", "photos").ok().lines == [
        "vault photos has no access policy"
    ]
    local(*line, "--preset", "allow-store=123456789012").ok()
    shown = local("vault", "policy", "show", "photos", "-o", "json").ok().json["policy"]
    assert [one["Effect"] for one in shown["Statement"]] == ["Deny", "Allow"]
    (photos / "p.json").write_text(json.dumps(shown))
    removed = local("vault", "policy", "remove", "photos").ok()
    assert json.loads("\n".join(removed.lines[1:])) == shown
    local("vault", "policy", "set", "photos", "p.json").ok()
    said = local("vault", "policy", "set", "photos", "p.json", "-o", "csv").ok().out
    (row,) = csv.DictReader(io.StringIO(said))
    assert json.loads(row["before"]) == shown
    assert "replaced" in local("vault", "policy", "set", "photos", "p.json").ok().lines[0]


@pytest.mark.covers("N18")
def test_what_a_policy_denies_is_denied(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    local("vault", "policy", "set", "photos", "--preset", "deny-delete").ok()
    local("delete", "photos/a", "--yes").failed(13)
    local("vault", "policy", "remove", "photos").ok()
    local("delete", "photos/a", "--yes").ok()


def test_a_lock_shows_its_window_and_every_line_warns_of_it(lock: Run, local: Run) -> None:
    shown = lock("show", "photos", "-o", "json").ok().json
    assert (shown["state"], len(shown["lock_id"])) == ("in_progress", 24)
    assert shown["expires_at"] is not None
    lines = lock("show", "photos").ok().lines
    assert "23 h 59 min left" in lines[0]
    assert "vault lock complete photos" in "\n".join(lines)
    assert "23 h 59 min left" in local("vault", "show", "photos").ok().out
    warned = local("job", "list", "photos").ok().err
    assert warned.count("is in progress until") == 1
    assert "is in progress" not in lock("abort", "photos").ok().err
    assert local("job", "list", "photos").ok().err == ""


def test_a_lock_can_be_taken_back_and_begun_anew(lock: Run) -> None:
    lock("start", "photos", "--preset", "deny-delete").failed(14, "in progress until")
    assert lock("abort", "photos", "--dry-run").ok().lines == [
        "lock of vault photos would be aborted"
    ]
    lock("abort", "photos").ok()
    assert lock("abort", "photos").ok().lines == ["vault photos has no lock"]
    lock("complete", "photos", "--confirm", "photos").failed(14, "no lock in progress")
    dry = lock("start", "photos", "--preset", "deny-delete", "--dry-run", "-o", "json").ok().json
    assert (dry["lock_id"], dry["dry_run"]) == (None, True)
    assert lock("show", "photos").ok().lines == ["vault photos has no lock"]
    lock("start", "photos", "--preset", "deny-delete").ok()


def test_locking_for_ever_needs_the_name(lock: Run) -> None:
    refused = lock("complete", "photos").failed(2, "no terminal to ask on")
    assert "hint: --confirm photos" in refused.err
    lock("complete", "photos", "--yes").failed(2)
    lock("complete", "photos", "--confirm", "photo").failed(2, "nothing was done")
    assert "never" in lock("complete", "photos", "--dry-run").ok().lines[0]
    assert lock("show", "photos", "-o", "json").json["state"] == "in_progress"
    lock("complete", "photos", "--confirm", "photos").ok()
    shown = lock("show", "photos", "-o", "json").json
    assert (shown["state"], shown["expires_at"]) == ("locked", None)
    assert "locked for ever" in lock("show", "photos").ok().lines[0]


def test_a_final_lock_stays(lock: Run) -> None:
    lock("complete", "photos", "--confirm", "photos").ok()
    assert lock("complete", "photos").ok().lines == ["vault photos is locked already"]
    lock("abort", "photos").failed(14, "nobody can take that back")
    lock("start", "photos", "--preset", "deny-delete").failed(14, "locked already")


@pytest.mark.parametrize(("answer", "code"), [(b"photos\n", 0), (b"yes\n", 130), (b"\x04", 130)])
def test_on_a_terminal_the_name_is_typed_out(
    lock: Run, spawn: Spawn, answer: bytes, code: int
) -> None:
    ours, its = pty.openpty()
    try:
        process = spawn("--local", "vault", "lock", "complete", "photos", stdin=its)
        os.write(ours, answer)
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(its)
    assert process.returncode == code, err
    assert b'Type "photos"' in err
    state = "locked" if code == 0 else "in_progress"
    assert lock("show", "photos", "-o", "json").json["state"] == state


def test_another_machine_needs_the_id_of_the_lock(lock: Run, work: Path) -> None:
    lock_id = lock("show", "photos", "-o", "json").json["lock_id"]
    other = ("--key-map", work / "other.sqlite3", "--confirm", "photos")
    lock("complete", "photos", *other).failed(2, "does not know the ID")
    assert "not known here" in lock("show", "photos", *other[:2]).ok().out
    lock("complete", "photos", *other, "--lock-id", "x" * 24).failed(1, "is not the ID")
    lock("complete", "photos", *other, f"--lock-id={lock_id}").ok()


def test_a_start_whose_answer_was_lost_is_told_and_taken_back(run: Run, vault: Server) -> None:
    line = ("vault", "lock", "start", "photos", "--preset", "deny-delete")
    vault.service.loses("InitiateVaultLock")
    said = run(*line).failed(1, "the answer was lost")
    assert "vault lock abort photos" in said.err
    assert run("vault", "lock", "show", "photos", "-o", "json").json["lock_id"] is None
    run("vault", "lock", "abort", "photos").ok()
    run(*line).ok()


def test_notifications_are_set_and_removed(local: Run, photos: Path) -> None:
    del photos
    line = ("vault", "notify", "set", "photos", TOPIC)
    local(*line, "--dry-run").ok()
    assert local("vault", "notify", "show", "photos", "-o", "json").ok().json == {
        "vault": "photos",
        "topic": None,
        "events": [],
    }
    local(*line, "--event", "archive").ok()
    assert local("vault", "notify", "show", "photos", "-o", "json").json["events"] == ["archive"]
    local(*line).ok()
    shown = local("vault", "notify", "show", "photos").ok().out
    assert "hears of finished archive and inventory jobs" in shown
    local("vault", "notify", "remove", "photos").ok()
    assert "no topic hears" in local("vault", "notify", "show", "photos").ok().out


def test_a_vault_is_shown_with_all_its_settings(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"abc")
    local("upload", "a", "photos").ok()
    local("inventory", "refresh", "photos").ok()
    local("vault", "tag", "set", "photos", "owner=ann").ok()
    local("vault", "policy", "set", "photos", "--preset", "allow-read=123456789012").ok()
    local("vault", "lock", "start", "photos", "--preset", "deny-delete").ok()
    local("vault", "notify", "set", "photos", TOPIC).ok()
    lines = local("vault", "show", "photos").ok().lines
    assert "tags            owner = ann" in lines
    assert any("123456789012:root DescribeJob" in one for one in lines)
    assert "                deny everybody DeleteArchive" in lines
    assert any(TOPIC in one for one in lines)
    assert "uploads         none" in lines
    assert "jobs            1 ready" in lines
    (row,) = local("vault", "show", "photos", "-o", "jsonl").ok().jsonl
    assert (row["jobs_ready"], row["unfinished_uploads"], row["known_archives"]) == (1, 0, 1)
    assert row["reconciled_inventory_at"] is not None


def test_what_may_not_be_looked_at_is_named_and_the_rest_is_shown(local: Run, photos: Path) -> None:
    rule = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["glacier:ListTagsForVault", "glacier:ListJobs"],
        "Resource": "*",
    }
    text = json.dumps({"Statement": [rule]}).encode()
    local("vault", "policy", "set", "photos", "-", stdin=text).ok()
    lines = local("vault", "show", "photos").ok().lines
    assert "tags            may not be looked at" in lines
    assert "jobs            may not be looked at" in lines
    hidden = local("vault", "show", "photos", "-o", "json").ok().json["hidden"]
    assert [one["what"] for one in hidden] == ["jobs", "tags"]
    del photos
