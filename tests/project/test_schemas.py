"""Every command that prints a document has a schema, and the documented sessions keep to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from glaciercli.cli import manual_schemas
from glaciercli.cli.manual_entries import program
from glaciercli.render.schemas.catalogue import DOCUMENTS, Schema, document_schema, schemas
from glaciercli.render.schemas.scalars import COUNT, TEXT
from glaciercli.render.schemas.shapes import Member, Page, Record, record
from tests.project.sources import ROOT

#: What prints no document: a script, the URL of a service, a session for people.
NO_DOCUMENT = {"completion", "serve", "demo"}

SCHEMAS = schemas()
EXAMPLES = manual_schemas.examples((ROOT / manual_schemas.SESSIONS).read_text(encoding="utf-8"))


def name_of(schema: Schema) -> str:
    return schema.name


def members(rule: Any) -> Iterator[tuple[str, Any]]:
    """Every member that a schema declares, however deep."""
    if isinstance(rule, list):
        for one in rule:
            yield from members(one)
    elif isinstance(rule, dict):
        yield from rule.get("properties", {}).items()
        for one in rule.values():
            yield from members(one)


def test_every_command_has_the_schema_of_its_document() -> None:
    commands = {" ".join(entry.words) for entry in program().leaves()}
    assert set(DOCUMENTS) == commands - NO_DOCUMENT


@pytest.mark.parametrize("schema", SCHEMAS, ids=name_of)
def test_a_schema_is_one_of_its_dialect(schema: Schema) -> None:
    Draft202012Validator.check_schema(schema.written())


@pytest.mark.parametrize("schema", SCHEMAS, ids=name_of)
def test_every_member_has_a_sentence_and_its_unit(schema: Schema) -> None:
    for name, rule in members(schema.written()):
        assert rule["description"].endswith("."), name
        if name.endswith("_bytes"):
            assert "integer" in rule["type"], name
            assert "byte" in rule["description"] or name == "bytes_per_second", name
        if name.endswith(("_at", "_date")):
            assert rule["format"] == "date-time", name
        assert "size" not in name or name.endswith("_bytes"), name


def test_every_document_has_an_example_that_fits_it() -> None:
    for one in SCHEMAS:
        closed = Draft202012Validator(one.written(closed=True))
        for example in EXAMPLES.get(one.name, ()):
            assert not [found.message for found in closed.iter_errors(example)], one.name
    with_examples = {name for name, found in EXAMPLES.items() if found}
    assert {document_schema(command).name for command in DOCUMENTS} <= with_examples


def test_a_reader_may_not_stumble_over_a_member_of_a_later_version() -> None:
    schema = document_schema("vault create")
    said = {"vault": "photos", "deed": "created", "dry_run": False, "later": 1}
    assert Draft202012Validator(schema.written()).is_valid(said)
    assert not Draft202012Validator(schema.written(closed=True)).is_valid(said)
    del said["vault"]
    assert not Draft202012Validator(schema.written()).is_valid(said)


def test_no_two_records_of_a_page_share_a_name() -> None:
    def named(member: Member) -> Record:
        return record(member, name="same")

    one, other = (
        named(Member(name="a", shape=TEXT, says=".")),
        named(Member(name="a", shape=COUNT, says=".")),
    )
    page = Page(closed=False)
    assert one.rule(page) == one.rule(page) == {"$ref": "#/$defs/same"}
    with pytest.raises(AssertionError):
        other.rule(page)


def test_a_document_that_is_wrong_is_found_out() -> None:
    (example,) = EXAMPLES["vault-create"]
    closed = Draft202012Validator(document_schema("vault create").written(closed=True))
    assert closed.is_valid(example)
    for wrong in ({"vault": None}, {"deed": "made"}, {"dry_run": "no"}):
        assert not closed.is_valid({**example, **wrong})


def test_the_page_about_documents_leads_to_the_schemas() -> None:
    text = (ROOT / manual_schemas.SESSIONS).read_text(encoding="utf-8")
    assert "](schemas/README.md)" in text
    assert "](schemas/error.schema.json)" in text
