"""What each command calls is what the table of permissions says, and docs/iam.md shows it."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from glaciercli.cli.manual_entries import program
from glaciercli.cli.manual_iam import page
from glaciercli.core.permissions import OF_THE_ACCOUNT, PERMISSIONS, commands_with, needed
from glaciercli.server.policies.actions import OPERATIONS
from tests.cli.conftest import Run, Server

MIB = 1024**2
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"

#: Each command as it is run, in this order; what an archive is called, what is there before.
SESSION = (
    ("vault create", "vault create photos"),
    ("vault list", "vault list"),
    ("upload", "upload small photos"),
    ("upload", "upload big photos --part-size 1MiB"),
    ("sync", "sync tree photos/tree"),
    ("sync +--delete", "sync less photos/tree --delete --yes"),
    ("keymap store", "keymap store photos"),
    ("inventory refresh", "inventory refresh photos"),
    ("retrieve", "retrieve photos/small --to out --wait"),
    ("job list", "job list"),
    # An ID may begin with a hyphen.
    ("job show", "job show -- photos JOB"),
    ("vault show", "vault show photos"),
    ("upload-parts list", "upload-parts list"),
    ("upload-parts abort", "upload-parts abort photos --all --yes"),
    ("delete", "delete photos/small --yes"),
    ("keymap recover", "keymap recover photos --wait --key-map recovered"),
    ("keymap store", "keymap store photos --prune --keep 1 --yes"),
    ("vault tag set", "vault tag set photos a=b"),
    ("vault tag list", "vault tag list photos"),
    ("vault tag unset", "vault tag unset photos a"),
    ("vault policy set", "vault policy set photos --preset allow-read=123456789012"),
    ("vault policy show", "vault policy show photos"),
    ("vault policy remove", "vault policy remove photos"),
    ("vault notify set", f"vault notify set photos {TOPIC} --dry-run"),
    ("vault notify set", f"vault notify set photos {TOPIC}"),
    ("vault notify show", "vault notify show photos"),
    ("vault notify remove", "vault notify remove photos --dry-run"),
    ("vault notify remove", "vault notify remove photos"),
    ("vault lock start", "vault lock start photos --preset deny-delete-while-tagged=Hold"),
    ("vault lock show", "vault lock show photos"),
    ("vault delete +--with-archives", "vault delete photos --with-archives --dry-run"),
    ("vault lock abort", "vault lock abort photos"),
    ("account policy show", "account policy show"),
    ("account policy set", "account policy set --unlimited"),
    ("account capacity list", "account capacity list"),
    ("account capacity buy", "account capacity buy --yes"),
    ("vault lock start", "vault lock start photos --preset deny-delete-while-tagged=Hold"),
    ("vault lock complete", "vault lock complete photos --confirm photos"),
    ("vault delete +--with-archives", "vault delete photos --with-archives --yes --key-map new"),
    ("vault create", "vault create empty"),
    ("vault delete", "vault delete empty"),
)

#: What a command calls only where something went wrong before, or was done elsewhere.
RARE = {
    "upload": {"AbortMultipartUpload", "ListMultipartUploads", "ListParts"},
    "sync": {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "InitiateMultipartUpload",
        "ListMultipartUploads",
        "ListParts",
        "UploadMultipartPart",
    },
    "keymap store": {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "InitiateMultipartUpload",
        "ListMultipartUploads",
        "ListParts",
        "UploadMultipartPart",
    },
}
RARE["sync +--delete"] = RARE["sync"]

#: Commands that ask nobody.
ALONE = (
    "list photos",
    "rename photos/small photos/smaller",
    "inventory show photos",
    "inventory export photos",
    "keymap check",
    "keymap path",
    "cost photos",
)


@pytest.fixture
def files(work: Path) -> None:
    for name in ("tree/a", "tree/b", "less/a", "less/new", "small"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text(name)
    (work / "less/a").write_text("tree/a")
    (work / "big").write_bytes(b"x" * (17 * MIB))


def orphan(server: Server) -> None:
    """Begin an upload that nobody finishes."""
    server.client.initiate_multipart_upload(vaultName="photos", partSize=str(MIB))


@pytest.mark.usefixtures("files")
def test_each_command_calls_what_the_table_says(run: Run, server: Server) -> None:
    called: dict[str, set[str]] = defaultdict(set)
    for command, line in SESSION:
        if command in {"upload-parts list", "upload-parts abort", "vault delete +--with-archives"}:
            orphan(server)
        if "JOB" in line:
            (job, *_) = server.client.list_jobs(vaultName="photos")["JobList"]
            line = line.replace("JOB", job["JobId"])  # noqa: PLW2901 - known only now
        if "--prune" in line:
            # Two copies of a second have one name, and only one of another name is an older one.
            time.sleep(1)  # noqa: TID251 - the program has the clock of the machine
        seen = len(server.service.seen)
        done = run(*line.split(), env=server.env)
        assert done.code == 0, (line, done.err)
        called[command] |= {one.operation for one in server.service.seen[seen:]}
    for command, operations in called.items():
        assert operations <= set(PERMISSIONS[command]), command
        missing = set(PERMISSIONS[command]) - operations - RARE.get(command, set())
        assert missing == set(), f"{command} never called {missing}"
    assert set(called) == set(PERMISSIONS)


@pytest.mark.usefixtures("files")
def test_commands_that_are_not_in_the_table_ask_nobody(run: Run, vault: Server) -> None:
    run("upload", "small", "photos").ok()
    seen = len(vault.service.seen)
    for line in ALONE:
        run(*line.split()).ok()
    assert len(vault.service.seen) == seen


def lines() -> Iterator[str]:
    return (" ".join(entry.words) for entry in program().leaves())


def test_the_table_speaks_of_commands_and_operations_that_there_are() -> None:
    assert {line.partition(" +")[0] for line in PERMISSIONS} <= set(lines())
    assert set(needed()) <= set(OPERATIONS)
    assert set(OPERATIONS) >= OF_THE_ACCOUNT
    assert commands_with("PurchaseProvisionedCapacity") == ("account capacity buy",)


def test_the_ready_made_policies_are_valid_and_the_page_has_every_command() -> None:
    text = page()
    policies = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert len(policies) == 4
    for policy in policies:
        for statement in policy["Statement"]:
            operations = {one.removeprefix("glacier:") for one in statement["Action"]}
            assert (statement["Resource"] == "*") == (operations <= OF_THE_ACCOUNT)
    for line in PERMISSIONS:
        assert f"| `{line.replace('+', '')}` |" in text
