"""Shapes of values, records and lists, and the JSON Schema that says each.

A shape is declared with what a reader has to know: every member has a sentence.  Records with a
name are written once a page, below ``$defs``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol

Rule = dict[str, Any]


#: What a line is, where a document is one object or has several lists.
WHOLE = "the one object"
ITEM = "an item, with `outcome`: the list that it is from"


@dataclass(slots=True, kw_only=True)
class Page:
    """One schema in the making."""

    #: Whether a member that is not declared is wrong.  It is for the tests, and never for readers:
    #: a later version may add members.
    closed: bool
    #: The records that are written below ``$defs``, and what the schema says of each.
    named: dict[str, "Record"] = field(default_factory=dict)
    defined: dict[str, Rule] = field(default_factory=dict)


class Shape(Protocol):
    """What values look like."""

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A value without parts: a text, a number, or true and false."""

    says: Mapping[str, Any]

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it."""
        del page
        return dict(self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """Any number of values of one shape."""

    of: Shape

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it."""
        return {"type": "array", "items": self.of.rule(page)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """An object whose keys are values themselves."""

    of: Shape

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it."""
        return {"type": "object", "additionalProperties": self.of.rule(page)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrNull:
    """A value that may be null."""

    of: Shape

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it."""
        found = self.of.rule(page)
        if "type" not in found:
            return {"anyOf": [found, {"type": "null"}]}
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a record: its name, its shape, and a sentence about it."""

    name: str
    shape: Shape
    says: str
    required: bool = True

    def or_null(self, when: str) -> "Member":
        """Return the same member, which is null in some case."""
        return replace(self, shape=OrNull(of=self.shape), says=f"{self.says} Null {when}.")

    def only(self, when: str) -> "Member":
        """Return the same member, which is there in some case only."""
        return replace(self, required=False, says=f"{self.says} Only {when}.")

    def saying(self, sentence: str) -> "Member":
        """Return the same member with another sentence."""
        return replace(self, says=sentence)

    def called(self, name: str) -> "Member":
        """Return the same member under another name."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object with members; one with a name is written once a page."""

    members: tuple[Member, ...]
    name: str | None = None

    def rule(self, page: Page) -> Rule:
        """Return the part of a schema that says it: for a named one, where it is written."""
        if self.name is None:
            return self.body(page)
        if self.name not in page.named:
            page.named[self.name] = self
            page.defined[self.name] = self.body(page)
        assert page.named[self.name] == self, f"two records are called {self.name}"
        return {"$ref": f"#/$defs/{self.name}"}

    def body(self, page: Page) -> Rule:
        """Return what the schema says of the record itself."""
        found: Rule = {
            "type": "object",
            "properties": {
                one.name: {"description": one.says, **one.shape.rule(page)} for one in self.members
            },
            "required": [one.name for one in self.members if one.required],
        }
        return {**found, "additionalProperties": False} if page.closed else found

    def member(self, name: str) -> Member:
        """Return the member of that name."""
        return next(one for one in self.members if one.name == name)

    def without(self, *names: str) -> "Record":
        """Return a record that lacks some members, and has no name."""
        return Record(members=tuple(one for one in self.members if one.name not in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one command prints: its documents with ``-o json``, its lines with ``-o jsonl``."""

    #: The command as it is typed, without the program's name.
    command: str
    title: str
    #: What one of its lines is, and one row of its CSV.
    row: str
    documents: tuple[Record, ...]
    lines: tuple[Record, ...]
    #: The command whose documented sessions show such a document.
    like: str | None = None


def word(*words: str) -> Scalar:
    """Return one of some words."""
    return Scalar(says={"type": "string", "enum": list(words)})


def word_of(kind: type[Enum]) -> Scalar:
    """Return the value of one of an enumeration's members."""
    return word(*(one.value for one in kind))


def exactly(text: str) -> Scalar:
    """Return the text and nothing else."""
    return Scalar(says={"const": text, "type": "string"})


def record(*members: Member, name: str | None = None) -> Record:
    """Return a record with these members."""
    return Record(members=members, name=name)


def outcomes(*records: Record, of: Iterable[str] | None = None) -> tuple[Record, ...]:
    """Return the lines of documents with several lists: each item, with the list that it is from.

    ``of`` names the lists that have lines, all of them where it is not given.
    """
    chosen = None if of is None else set(of)
    found: dict[str, Record] = {}
    for one in (one for each in records for one in each.members):
        if not isinstance(one.shape, ListOf) or not isinstance(one.shape.of, Record):
            continue
        if chosen is None or one.name in chosen:
            from_list = Member(
                name="outcome",
                shape=exactly(one.name),
                says="The list of the document that this item is from.",
            )
            found.setdefault(one.name, record(from_list, *one.shape.of.members))
    return tuple(found.values())
