"""Every operation of the service model has a route, and answers in the modelled form."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from glaciercli.server import routes
from glaciercli.server.wire import parse_target
from tests.server.conformance import steps
from tests.server.conformance.shapes import check_parsed, check_success, model, operations
from tests.server.conformance.steps import VAULT
from tests.server.conformance.wire import Answer, Wire


def policy(**statement: Any) -> bytes:
    """Return a body that sets a policy of one statement."""
    usual = {"Effect": "Allow", "Principal": "*", "Action": "glacier:*", "Resource": steps.ARN}
    document = {"Version": "2012-10-17", "Statement": [{**usual, **statement}]}
    return json.dumps({"Policy": json.dumps(document)}).encode()


YOUNG = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "1"}}
LOCK = policy(Effect="Deny", Action="glacier:DeleteArchive", Condition=YOUNG)
TOPIC = (
    b'{"SNSTopic":"arn:aws:sns:us-east-1:000000000000:topic",'
    b'"Events":["ArchiveRetrievalCompleted"]}'
)


def _abort_upload(wire: Wire) -> Answer:
    return wire.ask("DELETE", steps.initiate(wire))


def _complete_upload(wire: Wire) -> Answer:
    upload = steps.initiate(wire)
    steps.put_whole(wire, upload)
    return steps.complete(wire, upload)


def _list_parts(wire: Wire) -> Answer:
    upload = steps.initiate(wire, text="words")
    steps.put_whole(wire, upload)
    return wire.ask("GET", upload)


def _list_uploads(wire: Wire) -> Answer:
    steps.initiate(wire)
    return wire.ask("GET", f"{VAULT}/multipart-uploads")


def _initiate_job(wire: Wire) -> Answer:
    steps.upload(wire)
    return steps.initiate_job(wire, Type="inventory-retrieval")


def _describe_job(wire: Wire) -> Answer:
    steps.upload(wire)
    return wire.ask("GET", steps.inventory(wire))


def _list_jobs(wire: Wire) -> Answer:
    steps.retrieval(wire, steps.upload(wire))
    steps.inventory(wire)
    return wire.ask("GET", f"{VAULT}/jobs")


def _lock(wire: Wire) -> Answer:
    return wire.ask("POST", f"{VAULT}/lock-policy", LOCK)


def _complete_lock(wire: Wire) -> Answer:
    lock_id = _lock(wire).ok(201).headers["x-amz-lock-id"]
    return wire.ask("POST", f"{VAULT}/lock-policy/{lock_id}")


def _after(first: Callable[[Wire], Answer], method: str, path: str) -> Callable[[Wire], Answer]:
    def scenario(wire: Wire) -> Answer:
        assert first(wire).status < 300
        return wire.ask(method, path)

    return scenario


def _asking(method: str, path: str, body: bytes = b"") -> Callable[[Wire], Answer]:
    return lambda wire: wire.ask(method, path, body)


_ACCESS = f"{VAULT}/access-policy"
_NOTIFICATIONS = f"{VAULT}/notification-configuration"
_RATE = "/-/policies/data-retrieval"
_CAPACITY = "/-/provisioned-capacity"
_TAGS = f"{VAULT}/tags"

_set_access = _asking("PUT", _ACCESS, LOCK)
_set_topic = _asking("PUT", _NOTIFICATIONS, TOPIC)
_set_rate = _asking("PUT", _RATE, b'{"Policy":{"Rules":[{"Strategy":"FreeTier"}]}}')
_purchase = _asking("POST", _CAPACITY)
_add_tags = _asking("POST", f"{_TAGS}?operation=add", b'{"Tags":{"a":"b"}}')

#: For each operation a request that succeeds, in a region that has one empty vault.
SCENARIOS: dict[str, Callable[[Wire], Answer]] = {
    "AbortMultipartUpload": _abort_upload,
    "AbortVaultLock": _after(_lock, "DELETE", f"{VAULT}/lock-policy"),
    "AddTagsToVault": _add_tags,
    "CompleteMultipartUpload": _complete_upload,
    "CompleteVaultLock": _complete_lock,
    "CreateVault": _asking("PUT", "/-/vaults/new"),
    "DeleteArchive": lambda wire: wire.ask("DELETE", f"{VAULT}/archives/{steps.upload(wire)}"),
    "DeleteVault": _asking("DELETE", VAULT),
    "DeleteVaultAccessPolicy": _after(_set_access, "DELETE", _ACCESS),
    "DeleteVaultNotifications": _after(_set_topic, "DELETE", _NOTIFICATIONS),
    "DescribeJob": _describe_job,
    "DescribeVault": _asking("GET", VAULT),
    "GetDataRetrievalPolicy": _after(_set_rate, "GET", _RATE),
    "GetJobOutput": lambda wire: wire.ask(
        "GET", steps.retrieval(wire, steps.upload(wire, text="words")) + "/output"
    ),
    "GetVaultAccessPolicy": _after(_set_access, "GET", _ACCESS),
    "GetVaultLock": _after(_lock, "GET", f"{VAULT}/lock-policy"),
    "GetVaultNotifications": _after(_set_topic, "GET", _NOTIFICATIONS),
    "InitiateJob": _initiate_job,
    "InitiateMultipartUpload": lambda wire: wire.ask(
        "POST", f"{VAULT}/multipart-uploads", headers={"x-amz-part-size": "1048576"}
    ),
    "InitiateVaultLock": _lock,
    "ListJobs": _list_jobs,
    "ListMultipartUploads": _list_uploads,
    "ListParts": _list_parts,
    "ListProvisionedCapacity": _after(_purchase, "GET", _CAPACITY),
    "ListTagsForVault": _after(_add_tags, "GET", _TAGS),
    "ListVaults": _asking("GET", "/-/vaults"),
    "PurchaseProvisionedCapacity": _purchase,
    "RemoveTagsFromVault": _asking("POST", f"{_TAGS}?operation=remove", b'{"TagKeys":["a"]}'),
    "SetDataRetrievalPolicy": _set_rate,
    "SetVaultAccessPolicy": _set_access,
    "SetVaultNotifications": _set_topic,
    "UploadArchive": lambda wire: wire.ask(
        "POST", f"{VAULT}/archives", b"content", headers=steps.hashes(b"content")
    ),
    "UploadMultipartPart": lambda wire: steps.put_part(wire, steps.initiate(wire), b"part", 0),
}


def test_the_model_has_33_operations_and_there_is_a_request_for_each() -> None:
    assert len(operations()) == 33
    assert SCENARIOS.keys() == set(operations())


@pytest.mark.parametrize("operation", operations())
def test_an_operation_is_found_by_its_modelled_method_and_path(operation: str) -> None:
    asked = model().operation_model(operation).http
    path, _, query = asked["requestUri"].partition("?")
    names = {"accountId": "-", "vaultName": "v", "archiveId": "a", "uploadId": "u", "jobId": "j"}
    filled = path.format_map({**names, "lockId": "l"})
    target = parse_target(f"{filled}?{query}" if query else filled)
    assert routes.find(asked["method"], target).route.operation == operation


@pytest.mark.parametrize("operation", operations())
@pytest.mark.usefixtures("vault")
def test_an_operation_answers_as_modelled(wire: Wire, operation: str) -> None:
    answer = SCENARIOS[operation](wire)
    check_success(operation, answer)
    check_parsed(operation, answer)
