import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, refused
from tests.server.raw_http import ask, open_anonymous

QUOTA = "The quota for the number of tags that can be assigned to this resource has been reached."


@pytest.fixture
def vault(open_bench: OpenBench) -> GlacierClient:
    client = open_bench().client
    client.create_vault(vaultName=VAULT)
    return client


def add(client: GlacierClient, tags: dict[str, str]) -> None:
    client.add_tags_to_vault(vaultName=VAULT, Tags=tags)


def listed(client: GlacierClient) -> dict[str, str]:
    return client.list_tags_for_vault(vaultName=VAULT)["Tags"]


def fill(client: GlacierClient, count: int) -> None:
    for first in range(0, count, 10):
        add(client, {f"key{one}": "" for one in range(first, min(first + 10, count))})


def test_tags_are_added_overwritten_listed_and_removed(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    assert listed(client) == {}
    add(client, {"b": "1", "a": "", "A": "x"})
    add(client, {"b": "2"})
    assert listed(client) == {"A": "x", "a": "", "b": "2"}
    client.remove_tags_from_vault(vaultName=VAULT, TagKeys=["b", "nothing"])
    client.remove_tags_from_vault(vaultName=VAULT, TagKeys=["b"])
    assert listed(client) == {"A": "x", "a": ""}


def test_tags_belong_to_one_vault_and_go_with_it(vault: GlacierClient) -> None:
    vault.create_vault(vaultName="other")
    add(vault, {"a": "1"})
    assert vault.list_tags_for_vault(vaultName="other")["Tags"] == {}
    vault.delete_vault(vaultName=VAULT)
    vault.create_vault(vaultName=VAULT)
    assert listed(vault) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k" * 128, "v" * 255),
        ("\U00010400" * 128, "ä" * 255),
        ("a b_c.d/e=f+g-h@i", "0 _./=+-@"),
        ("日本語", "\u0661\u00a0x"),
        (" ", " "),
    ],
)
def test_letters_digits_spaces_and_some_signs_make_a_tag(
    vault: GlacierClient, key: str, value: str
) -> None:
    add(vault, {key: value})
    assert listed(vault) == {key: value}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "x"),
        ("k" * 129, "x"),
        ("k", "v" * 256),
        ("aws:owner", "x"),
        ("AWS:owner", "x"),
        ("a,b", "x"),
        ("a\n", "x"),
        ("a\u2028", "x"),
        ("k", "\x00"),
        ("k", "a:b"),
        ("k", "😀"),
    ],
)
def test_an_illegal_tag_is_refused_with_the_whole_call(
    vault: GlacierClient, key: str, value: str
) -> None:
    with refused("InvalidParameterValueException", 400):
        add(vault, {"good": "1", key: value})
    assert listed(vault) == {}


def test_a_call_names_one_to_ten_tags(vault: GlacierClient) -> None:
    add(vault, {f"k{one}": "" for one in range(10)})
    for count in (0, 11):
        keys = [f"k{one}" for one in range(count)]
        with refused("InvalidParameterValueException", 400):
            add(vault, dict.fromkeys(keys, ""))
        with refused("InvalidParameterValueException", 400):
            vault.remove_tags_from_vault(vaultName=VAULT, TagKeys=keys)
    assert len(listed(vault)) == 10


def test_fifty_tags_are_the_limit_and_overwriting_is_no_growth(vault: GlacierClient) -> None:
    fill(vault, 49)
    with refused("LimitExceededException", 400, QUOTA):
        add(vault, {"one": "", "two": ""})
    add(vault, {"fiftieth": ""})
    with refused("LimitExceededException", 400, QUOTA):
        add(vault, {"key0": "changed", "another": ""})
    add(vault, {"key0": "changed"})
    assert len(listed(vault)) == 50
    assert listed(vault)["key0"] == "changed"


def test_without_tags_or_keys_something_is_missing(vault: GlacierClient) -> None:
    with refused("MissingParameterValueException", 400, "Required parameter missing: Tags"):
        vault.add_tags_to_vault(vaultName=VAULT)
    with refused("MissingParameterValueException", 400, "Required parameter missing: TagKeys"):
        vault.remove_tags_from_vault(vaultName=VAULT)


def test_a_vault_that_is_not_there_has_no_tags(vault: GlacierClient) -> None:
    arn = "arn:aws:glacier:us-east-1:000000000000:vaults/nothing"
    message = f"Vault not found for ARN: {arn}"
    with refused("ResourceNotFoundException", 404, message):
        vault.list_tags_for_vault(vaultName="nothing")
    with refused("ResourceNotFoundException", 404, message):
        vault.add_tags_to_vault(vaultName="nothing", Tags={"a": "b"})
    with refused("ResourceNotFoundException", 404, message):
        vault.remove_tags_from_vault(vaultName="nothing", TagKeys=["a"])


@pytest.fixture
def anonymous(open_bench: OpenBench) -> Bench:
    bench = open_anonymous(open_bench)
    bench.client.create_vault(vaultName=VAULT)
    return bench


@pytest.mark.parametrize("query", ["", "?", "?operation", "?operation=", "?operation=ADD", "?a=b"])
def test_posting_to_tags_needs_one_of_two_operations(anonymous: Bench, query: str) -> None:
    answer = ask(anonymous, "POST", f"/-/vaults/{VAULT}/tags{query}", b'{"Tags":{"a":"b"}}')
    assert (answer.status, answer.json["code"]) == (400, "InvalidParameterValueException")
    assert listed(anonymous.client) == {}


def test_the_operation_is_found_among_other_parameters(anonymous: Bench) -> None:
    path = f"/-/vaults/{VAULT}/tags?x=1&operation=%61dd&y"
    assert ask(anonymous, "POST", path, b'{"Tags":{"a":"b"}}').status == 204
    assert listed(anonymous.client) == {"a": "b"}


def test_a_value_that_is_null_is_refused(anonymous: Bench) -> None:
    path = f"/-/vaults/{VAULT}/tags?operation=add"
    answer = ask(anonymous, "POST", path, b'{"Tags":{"b":"","a":null}}')
    assert (answer.status, answer.json["code"]) == (400, "InvalidParameterValueException")


def test_a_key_that_is_null_is_refused(anonymous: Bench) -> None:
    path = f"/-/vaults/{VAULT}/tags?operation=remove"
    answer = ask(anonymous, "POST", path, b'{"TagKeys":["a",null]}')
    assert (answer.status, answer.json["code"]) == (400, "InvalidParameterValueException")
