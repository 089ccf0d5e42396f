import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glaciercli.ports import WireRequest
from glaciercli.server import documents
from glaciercli.server.wire import WireError
from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import VAULT
from tests.server.raw_http import Answer, ask, open_anonymous
from tests.server.test_notifications_config import ARCHIVE, TOPIC
from tests.server.vault_policies import denying

PATH = f"/-/vaults/{VAULT}"
ADD, REMOVE = ("POST", f"{PATH}/tags?operation=add"), ("POST", f"{PATH}/tags?operation=remove")
NOTIFY, ACCESS = ("PUT", f"{PATH}/notification-configuration"), ("PUT", f"{PATH}/access-policy")
LOCK, JOB = ("POST", f"{PATH}/lock-policy"), ("POST", f"{PATH}/jobs")
ALL = (ADD, REMOVE, NOTIFY, ACCESS, LOCK, JOB)

HALF = b'"\\ud800"'


@pytest.fixture
def anonymous(open_bench: OpenBench) -> Bench:
    bench = open_anonymous(open_bench)
    bench.client.create_vault(vaultName=VAULT)
    return bench


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"{}"',
        b"\xff\xfe",
        b"{'Tags':{}}",
        b'{"Policy":NaN}',
        b'{"Tags":{"a":Infinity}}',
        b'{"a":' * 50_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b"[" * 200_000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(anonymous: Bench, body: bytes) -> None:
    for method, path in ALL:
        check(ask(anonymous, method, path, body), "SerializationException")


def check(answer: Answer, code: str) -> None:
    assert (answer.status, answer.json["code"]) == (400, code)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (ADD, b'{"Tags":[]}'),
        (ADD, b'{"Tags":"a"}'),
        (ADD, b'{"Tags":0}'),
        (ADD, b'{"Tags":{"a":1}}'),
        (ADD, b'{"Tags":{"a":{"b":"c"}}}'),
        (ADD, b'{"Tags":{"a":' + HALF + b"}}"),
        (ADD, b'{"Tags":{' + HALF + b':"a"}}'),
        (REMOVE, b'{"TagKeys":{"a":"b"}}'),
        (REMOVE, b'{"TagKeys":"a"}'),
        (REMOVE, b'{"TagKeys":[1e400]}'),
        (REMOVE, b'{"TagKeys":[["a"]]}'),
        (REMOVE, b'{"TagKeys":[' + HALF + b"]}"),
        (NOTIFY, b'{"SNSTopic":{},"Events":[]}'),
        (NOTIFY, b'{"SNSTopic":' + HALF + b',"Events":[]}'),
        (NOTIFY, b'{"SNSTopic":"arn","Events":"x"}'),
        (ACCESS, b'{"Policy":{"Version":"2012-10-17"}}'),
        (ACCESS, b'{"Policy":false}'),
        (ACCESS, b'{"Policy":' + HALF + b"}"),
        (LOCK, b'{"Policy":["x"]}'),
        (LOCK, b'{"Policy":12345678901234567890123}'),
        (JOB, b'{"Type":["inventory-retrieval"]}'),
        (JOB, b'{"Type":"inventory-retrieval","InventoryRetrievalParameters":[]}'),
    ],
)
def test_a_member_of_another_type_is_refused(
    anonymous: Bench, call: tuple[str, str], body: bytes
) -> None:
    check(ask(anonymous, *call, body), "SerializationException")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (ADD, b'{"Tags":null}'),
        (REMOVE, b'{"TagKeys":null}'),
        (NOTIFY, b'{"SNSTopic":null,"Events":[]}'),
        (NOTIFY, b'{"SNSTopic":"arn","Events":null}'),
        (ACCESS, b'{"Policy":null}'),
        (LOCK, b'{"Policy":null}'),
        (JOB, b'{"Type":null}'),
    ],
)
def test_a_member_that_is_null_is_absent(
    anonymous: Bench, call: tuple[str, str], body: bytes
) -> None:
    check(ask(anonymous, *call, body), "MissingParameterValueException")


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "text/plain; x"])
@pytest.mark.parametrize(
    ("call", "document"),
    [
        (ADD, {"Tags": {"a": "b"}, "More": 1}),
        (REMOVE, {"TagKeys": ["a"]}),
        (NOTIFY, {"SNSTopic": TOPIC, "Events": [ARCHIVE]}),
        (ACCESS, {"Policy": denying("glacier:ListJobs")}),
    ],
)
def test_a_body_is_read_whatever_its_type_is_said_to_be(
    anonymous: Bench, call: tuple[str, str], document: Any, kind: str
) -> None:
    body = json.dumps(document).encode()
    assert ask(anonymous, *call, body, content_type=kind).status == 204


def test_of_two_members_with_one_name_the_last_counts(anonymous: Bench) -> None:
    assert (
        ask(anonymous, *ADD, b'{"Tags":{"a":"1","a":"2"},"Tags":{"b":"1","b":"2"}}').status == 204
    )
    assert anonymous.client.list_tags_for_vault(vaultName=VAULT)["Tags"] == {"b": "2"}


# Not ``st.recursive``, which reads this file again while it runs, and warns of what it does not
# find there if the file was edited meanwhile.
ODD: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=4)
        | st.lists(ODD, max_size=2)
        | st.dictionaries(
            st.sampled_from(["Tags", "TagKeys", "SNSTopic", "Events", "Policy", "a"]),
            ODD,
            max_size=3,
        )
    )
)


@pytest.fixture
def quiet(open_bench: OpenBench) -> Bench:
    bench = open_bench(replace(SETTINGS, verify_signatures=False))
    bench.client.create_vault(vaultName=VAULT)
    return bench


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(ALL), ODD)
def test_no_body_is_a_failure_of_the_service(
    quiet: Bench, call: tuple[str, str], document: Any
) -> None:
    body = json.dumps(document).encode()
    answer = quiet.application.handle(
        WireRequest(
            method=call[0],
            target=call[1],
            headers=(("x-amz-glacier-version", "2012-06-01"),),
            body=io.BytesIO(body),
            body_bytes=len(body),
        )
    )
    assert answer.status in (204, 400)


def test_a_document_gives_its_members_by_type() -> None:
    found = documents.parse('{"a":"é","b":{"c":[1,null]},"d":"","e":null}'.encode())
    assert (found.text("a"), found.text("d"), found.text("e"), found.text("f")) == (
        "é",
        None,
        None,
        None,
    )
    part = found.part("b")
    assert part is not None
    assert part.items("c") == (1, None)
    assert (found.part("e"), found.items("e")) == (None, None)
    with pytest.raises(WireError, match="Required parameter missing: d"):
        found.required_text("d")
