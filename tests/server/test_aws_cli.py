"""The AWS command line runs a whole life cycle against ``glaciercli serve``, a real process."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server.payloads import MIB, content, tree_hash

AWS = Path(sys.executable).with_name("aws")

#: Takes command lines, one after the other: the program takes half a second to start.
SHELL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from awscli.clidriver import create_clidriver
program = create_clidriver()
for line in sys.stdin:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = program.main(json.loads(line))
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""

BODY = content(MIB + 5)
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"


def policy(action: str) -> str:
    """Return a document that sets a policy, which forbids one action."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"glacier:{action}",
        "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps({"Policy": json.dumps(document)})


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class AwsCli:
    """The program, and where its configuration and credentials come from."""

    environment: dict[str, str]
    url: str
    shell: "subprocess.Popen[str]"

    def start(self, *words: str) -> str:
        """Run a command that must succeed in a process of its own; return what it printed."""
        return subprocess.run(
            [AWS, *self._line(*words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout

    def run(self, *words: str) -> Done:
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(json.dumps(self._line(*words)) + "\n")
        self.shell.stdin.flush()
        code, out, err = json.loads(self.shell.stdout.readline())
        return Done(code=code, out=out, err=err)

    def _line(self, *words: str) -> list[str]:
        usual = ("--account-id", "-", "--endpoint-url", self.url, "--output", "json")
        return ["glacier", *words, *usual]

    def __call__(self, command: str, *options: str) -> Any:
        """Run a command that must succeed and return what it printed."""
        done = self.run(command, *options)
        assert done.code == 0, done.err
        return json.loads(done.out) if done.out.strip() else None

    def at(self, command: str, *options: str) -> Any:
        """Run a command on the vault of this test."""
        return self(command, "--vault-name", "photos", *options)

    def refused(self, code: str, command: str, *options: str) -> None:
        done = self.run(command, "--vault-name", "photos", *options)
        assert done.code in (254, 255)
        assert f"({code})" in done.err


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[AwsCli]:
    plain = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin"}
    serve = ["serve", "--port", "0", "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        [sys.executable, "-m", "glaciercli", *serve],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=plain,
        text=True,
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    try:
        environment = {**plain, **_exported(process)}
        with _shell(environment) as shell:
            yield AwsCli(environment=environment, url=url, shell=shell)
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in said


def _shell(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SHELL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )


def _exported(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Return the variables that the service tells its users to set."""
    assert process.stderr
    found: dict[str, str] = {}
    while len(found) < 3:
        words = process.stderr.readline().split()
        if words[:1] == ["export"]:
            name, _, value = words[1].partition("=")
            found[name] = value
    return {**found, "AWS_DEFAULT_REGION": found["AWS_REGION"]}


def test_the_aws_command_line_runs_a_whole_life_cycle(aws: AwsCli, tmp_path: Path) -> None:
    assert aws.at("create-vault") == {"location": "/000000000000/vaults/photos"}
    _configure(aws)
    _lock(aws)
    first = _upload(aws, tmp_path)
    second = _upload_in_parts(aws, tmp_path)
    assert json.loads(aws.start("list-vaults"))["VaultList"][0]["NumberOfArchives"] == 2
    _retrieve(aws, tmp_path, second)
    _take_stock(aws, tmp_path, {first, second})
    for archive_id in (first, second):
        aws.at("delete-archive", f"--archive-id={archive_id}")
    aws.at("delete-vault")


def _configure(aws: AwsCli) -> None:
    aws.at("add-tags-to-vault", "--tags", "colour=red,empty=")
    assert aws.at("list-tags-for-vault") == {"Tags": {"colour": "red", "empty": ""}}
    aws.at("set-vault-access-policy", "--policy", policy("ListJobs"))
    aws.refused("AccessDeniedException", "list-jobs")
    aws.at("delete-vault-access-policy")
    topic = {"SNSTopic": TOPIC, "Events": ["ArchiveRetrievalCompleted"]}
    aws.at("set-vault-notifications", "--vault-notification-config", json.dumps(topic))
    assert aws.at("get-vault-notifications") == {"vaultNotificationConfig": topic}


def _lock(aws: AwsCli) -> None:
    aws.at("initiate-vault-lock", "--policy", policy("DeleteArchive"))
    aws.at("abort-vault-lock")
    lock_id = aws.at("initiate-vault-lock", "--policy", policy("AddTagsToVault"))["lockId"]
    aws.at("complete-vault-lock", f"--lock-id={lock_id}")
    assert aws.at("get-vault-lock")["State"] == "Locked"


def _upload(aws: AwsCli, place: Path) -> str:
    file = place / "whole"
    file.write_bytes(BODY)
    sent = aws.at("upload-archive", "--body", str(file), "--archive-description", "a  b")
    assert sent["checksum"] == tree_hash(BODY)
    return str(sent["archiveId"])


def _upload_in_parts(aws: AwsCli, place: Path) -> str:
    opened = aws.at("initiate-multipart-upload", "--part-size", str(MIB))
    upload = f"--upload-id={opened['uploadId']}"
    for start in range(0, len(BODY), MIB):
        part = BODY[start : start + MIB]
        file = place / "part"
        file.write_bytes(part)
        span = f"bytes {start}-{start + len(part) - 1}/*"
        sent = aws.at("upload-multipart-part", upload, "--range", span, "--body", str(file))
        assert sent["checksum"] == tree_hash(part)
    # A page each: the program follows the markers.
    assert len(aws.at("list-parts", upload, "--page-size", "1")["Parts"]) == 2
    whole = ("--archive-size", str(len(BODY)), "--checksum", tree_hash(BODY))
    return str(aws.at("complete-multipart-upload", upload, *whole)["archiveId"])


def _retrieve(aws: AwsCli, place: Path, archive_id: str) -> None:
    wanted = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": "Bulk"})
    job = f"--job-id={aws.at('initiate-job', '--job-parameters', wanted)['jobId']}"
    assert aws.at("describe-job", job)["StatusCode"] == "Succeeded"
    target = place / "output"
    told = aws.at("get-job-output", job, "--range", f"bytes={MIB}-", str(target))
    assert (told["status"], told["contentRange"]) == (206, f"bytes {MIB}-{MIB + 4}/{len(BODY)}")
    assert target.read_bytes() == BODY[MIB:]
    told = aws.at("get-job-output", job, str(target))
    assert (told["status"], told["checksum"]) == (200, tree_hash(BODY))
    assert target.read_bytes() == BODY


def _take_stock(aws: AwsCli, place: Path, expected: set[str]) -> None:
    job_id = aws.at("initiate-job", "--job-parameters", '{"Type":"inventory-retrieval"}')["jobId"]
    aws.at("get-job-output", f"--job-id={job_id}", str(place / "inventory"))
    inventory = json.loads((place / "inventory").read_bytes())
    assert {archive["ArchiveId"] for archive in inventory["ArchiveList"]} == expected
    listed = aws.at("list-jobs", "--completed", "true", "--page-size", "1")["JobList"]
    assert {job["Action"] for job in listed} == {"ArchiveRetrieval", "InventoryRetrieval"}
