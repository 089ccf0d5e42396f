"""AddTagsToVault, ListTagsForVault, RemoveTagsFromVault: every documented answer."""

import json
from typing import Any

import pytest

from tests.server.conformance.steps import ARN, VAULT
from tests.server.conformance.wire import Answer, Wire, check_refused, invalid, missing, not_found

TAGS = f"{VAULT}/tags"


def add(wire: Wire, tags: Any) -> Answer:
    return wire.ask("POST", f"{TAGS}?operation=add", json.dumps({"Tags": tags}).encode())


def remove(wire: Wire, keys: Any) -> Answer:
    return wire.ask("POST", f"{TAGS}?operation=remove", json.dumps({"TagKeys": keys}).encode())


def listed(wire: Wire) -> Any:
    return wire.ask("GET", TAGS).ok(200).json


@pytest.mark.usefixtures("vault")
def test_tags_are_added_overwritten_and_removed(wire: Wire) -> None:
    assert listed(wire) == {"Tags": {}}
    add(wire, {"a": "1", "b": ""}).ok(204)
    add(wire, {"a": "2", "A": "3"}).ok(204)
    assert listed(wire) == {"Tags": {"A": "3", "a": "2", "b": ""}}
    remove(wire, ["a", "nothing"]).ok(204)
    remove(wire, ["a"]).ok(204)
    assert listed(wire) == {"Tags": {"A": "3", "b": ""}}


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k", ""),
        ("k" * 128, "v" * 255),
        ("ключ", "величина"),
        ("a b_./=+-@", "a b_./=+-@"),
        ("1", "0"),
    ],
)
def test_legal_tags(wire: Wire, key: str, value: str) -> None:
    add(wire, {key: value}).ok(204)
    assert listed(wire) == {"Tags": {key: value}}


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    ("key", "value"),
    [("", "x"), ("k" * 129, "x"), ("k", "v" * 256), ("aws:k", "x"), ("a*", "x"), ("k", "a\nb"),
     ("k", None), ("k", "a,b")],
)  # fmt: skip
def test_an_illegal_tag_spoils_the_whole_call(wire: Wire, key: str, value: str | None) -> None:
    invalid(add(wire, {"good": "x", key: value}))
    assert listed(wire) == {"Tags": {}}


@pytest.mark.usefixtures("vault")
def test_a_call_names_one_to_ten_tags(wire: Wire) -> None:
    ten = [f"k{number}" for number in range(10)]
    invalid(add(wire, {}))
    invalid(remove(wire, []))
    add(wire, dict.fromkeys(ten, "x")).ok(204)
    invalid(add(wire, dict.fromkeys([*ten, "one"], "x")))
    invalid(remove(wire, [*ten, "one"]))
    remove(wire, ten).ok(204)
    assert listed(wire) == {"Tags": {}}


@pytest.mark.usefixtures("vault")
def test_a_vault_has_at_most_fifty_tags(wire: Wire) -> None:
    for tens in range(5):
        add(wire, {f"k{tens}{ones}": "x" for ones in range(10)}).ok(204)
    check_refused(
        add(wire, {"one": "more"}),
        400,
        "LimitExceededException",
        "The quota for the number of tags that can be assigned to this resource has been reached.",
    )
    add(wire, {"k00": "changed"}).ok(204)


@pytest.mark.usefixtures("vault")
def test_tags_and_keys_are_required(wire: Wire) -> None:
    missing(wire.ask("POST", f"{TAGS}?operation=add", b"{}"), "Tags")
    missing(add(wire, None), "Tags")
    missing(wire.ask("POST", f"{TAGS}?operation=remove", b"{}"), "TagKeys")


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize("query", ["", "?operation=", "?operation=Add", "?operation=list"])
def test_the_operation_is_add_or_remove(wire: Wire, query: str) -> None:
    answer = wire.ask("POST", TAGS + query, b'{"Tags":{"a":"b"}}')
    assert answer.status == 400
    assert answer.json["code"] in {
        "InvalidParameterValueException",
        "MissingParameterValueException",
    }


@pytest.mark.usefixtures("vault")
def test_what_is_no_document_is_refused(wire: Wire) -> None:
    wrong_tags: tuple[Any, ...] = ([], "x", 5, {"a": 5}, {"a": {}})
    for tags in wrong_tags:
        check_refused(add(wire, tags), 400, "SerializationException")
    wrong_keys: tuple[Any, ...] = ({}, "x", [5])
    for keys in wrong_keys:
        check_refused(remove(wire, keys), 400, "SerializationException")
    check_refused(wire.ask("POST", f"{TAGS}?operation=add", b"{"), 400, "SerializationException")


def test_tags_need_a_vault(wire: Wire) -> None:
    message = f"Vault not found for ARN: {ARN}"
    not_found(wire.ask("GET", TAGS), message)
    not_found(add(wire, {"a": "b"}), message)
    not_found(remove(wire, ["a"]), message)
