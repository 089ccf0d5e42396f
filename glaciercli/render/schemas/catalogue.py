"""Every document and line that the program prints, and the schema of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glaciercli.render.schemas import archives, costs, machine, streams, transfers, vaults
from glaciercli.render.schemas.shapes import Document, Page, Record, Rule

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: dict[str, Document] = {
    one.command: one
    for module in (transfers, archives, vaults, costs, machine)
    for one in module.DOCUMENTS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A schema before it is written: what is read, and the records that it may be."""

    #: What the schema's file and ID begin with.
    name: str
    title: str
    says: str
    records: Sequence[Record]

    def written(self, *, closed: bool = False, examples: Iterable[Any] = ()) -> Rule:
        """Return the schema; a closed one calls members that it does not know wrong."""
        page = Page(closed=closed)
        body = _body(self.records, page)
        found: Rule = {
            "$schema": _DIALECT,
            "$id": f"urn:glaciercli:schema:{self.name}",
            "title": self.title,
            "description": self.says,
            **body,
        }
        if page.defined:
            found["$defs"] = page.defined
        if shown := list(examples):
            found["examples"] = shown
        return found


def document_schema(command: str) -> Schema:
    """Return the schema of what a command prints with ``-o json``."""
    found = DOCUMENTS[command]
    return Schema(
        name=command.replace(" ", "-"),
        title=found.title,
        says=f"What `glaciercli {command} -o json` prints.",
        records=found.documents,
    )


def line_schema(command: str) -> Schema:
    """Return the schema of each line that a command prints with ``-o jsonl``."""
    found = DOCUMENTS[command]
    return Schema(
        name=f"{command.replace(' ', '-')}.line",
        title=f"{found.title}: a line",
        says=f"A line of what `glaciercli {command} -o jsonl` prints: {found.row}.",
        records=found.lines,
    )


def stream_schemas() -> tuple[Schema, Schema]:
    """Return the schemas of what stands on standard error."""
    return (
        Schema(
            name="error",
            title="Why a command failed",
            says="A line on standard error with -o json and -o jsonl.",
            records=(streams.ERROR,),
        ),
        Schema(
            name="event",
            title="What happens while a command runs",
            says="A line on standard error with -o jsonl -v.",
            records=streams.EVENTS,
        ),
    )


def schemas() -> list[Schema]:
    """Return every schema."""
    commands = sorted(DOCUMENTS)
    made = [each(command) for command in commands for each in (document_schema, line_schema)]
    return [*made, *stream_schemas()]


def _body(records: Sequence[Record], page: Page) -> Rule:
    if len(records) == 1:
        return records[0].body(page)
    return {"anyOf": [one.rule(page) for one in records]}
