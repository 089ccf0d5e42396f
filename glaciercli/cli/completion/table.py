"""The table of all commands and of what each of them takes, made from the commands themselves."""

import json
import os
from typing import TypedDict

#: What a parameter takes: one of some words, or one of the kinds below.
Kind = str | list[str]

#: Anything; nothing can be offered.
TEXT = "text"
#: No value at all.
FLAG = "flag"
FILE, DIRECTORY = "file", "dir"
#: An archive, by VAULT/NAME, and a vault alone.
REF, VAULT = "ref", "vault"
STORE, JOB = "store", "job"
#: Files, and a vault at the end of the list.
SOURCE = "source"

PATH = os.path.join(os.path.dirname(__file__), "commands.json")


class Argument(TypedDict):
    """An argument; one that takes many words takes all that are left."""

    kind: Kind
    many: bool


class Option(TypedDict):
    """An option under each of its names; two of them may give the same parameter."""

    names: list[str]
    kind: Kind
    many: bool
    about: str
    #: The name of the parameter.
    gives: str
    #: The value that a flag gives to it.
    value: str | None


class Command(TypedDict):
    """A command; one with commands below it takes no arguments."""

    about: str
    options: list[Option]
    arguments: list[Argument]
    below: dict[str, "Command"]


class Table(TypedDict):
    """The whole program, and what every command of it takes besides."""

    program: Command
    options: list[Option]
    aliases: dict[str, str]


def load() -> Table:
    """Return the table of this version."""
    with open(PATH, encoding="utf-8") as file:
        table: Table = json.load(file)
    return table
