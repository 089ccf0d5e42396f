"""AddTagsToVault, ListTagsForVault, RemoveTagsFromVault.

Rules: "Tagging Amazon S3 Glacier Resources" in the Amazon Glacier developer guide.
"""

import unicodedata
from typing import Any

from glaciercli.ports import WireResponse
from glaciercli.server import documents
from glaciercli.server.catalogue import tags
from glaciercli.server.documents import Document
from glaciercli.server.service import Service, require_vault
from glaciercli.server.wire import (
    Call,
    ErrorCode,
    WireError,
    empty_answer,
    invalid,
    json_answer,
    missing,
)

_MAX_TAGS = 50
_MAX_IN_CALL = 10
_KEY_MAX, _VALUE_MAX = 128, 255

# A colon is not among them, so no key begins with the reserved "aws:".
_SIGNS = frozenset("_./=+-@")


def add_tags_to_vault(service: Service, call: Call) -> WireResponse:
    """Add tags to a vault, all of them or none."""
    added = _added(documents.parse(call.document))
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        if len(tags.find(tx, vault.row).keys() | added.keys()) > _MAX_TAGS:
            raise WireError(
                ErrorCode.LIMIT_EXCEEDED,
                "The quota for the number of tags that can be assigned to this resource has been"
                " reached.",
            )
        tags.put(tx, vault.row, added)
    return empty_answer(204)


def _added(document: Document) -> dict[str, str]:
    given = document.part("Tags")
    if given is None:
        raise missing("Tags")
    _check_count(len(given.members))
    return {_key(key): _value(value) for key, value in given.members.items()}


def _check_count(count: int) -> None:
    if not 1 <= count <= _MAX_IN_CALL:
        raise invalid(f"A call must name 1 to {_MAX_IN_CALL} tags; this one names {count}.")


def _key(key: str) -> str:
    if not 1 <= len(documents.as_text(key, "A tag key")) <= _KEY_MAX or not _is_taggable(key):
        raise invalid(
            f"Invalid tag key: {key}. It must be 1 to {_KEY_MAX} letters, digits, spaces and"
            " _./=+-@ signs, and must not begin with aws:."
        )
    return key


def _value(given: Any) -> str:
    if given is None:
        raise invalid("A tag value must not be null; it may be empty.")
    value = documents.as_text(given, "A tag value")
    if len(value) > _VALUE_MAX or not _is_taggable(value):
        raise invalid(
            f"Invalid tag value: {value}. It must be up to {_VALUE_MAX} letters, digits, spaces"
            " and _./=+-@ signs."
        )
    return value


def _is_taggable(text: str) -> bool:
    return all(one in _SIGNS or _is_letter_digit_or_space(one) for one in text)


def _is_letter_digit_or_space(one: str) -> bool:
    category = unicodedata.category(one)
    return category[0] in "LN" or category == "Zs"


def list_tags_for_vault(service: Service, call: Call) -> WireResponse:
    """Answer all tags of a vault."""
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        return json_answer({"Tags": tags.find(tx, vault.row)})


def remove_tags_from_vault(service: Service, call: Call) -> WireResponse:
    """Remove tags from a vault; a key that it lacks is no error."""
    keys = _removed(documents.parse(call.document))
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        tags.remove(tx, vault.row, keys)
    return empty_answer(204)


def _removed(document: Document) -> list[str]:
    given = document.items("TagKeys")
    if given is None:
        raise missing("TagKeys")
    _check_count(len(given))
    if None in given:
        raise invalid("A tag key must not be null.")
    return [documents.as_text(key, "A tag key") for key in given]
