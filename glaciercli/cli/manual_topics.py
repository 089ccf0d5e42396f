"""Manual pages about files, section 5, made from the documents that explain them.

Understands the Markdown that docs/ is written in: headings, paragraphs, fenced text, tables, lists,
and in a line code, emphasis and links.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glaciercli.cli import mdoc

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*|(?<!\*)\*([^*\s][^*]*)\*(?!\*)")
_CODE = re.compile(r"(`[^`]+`)")
#: Beyond the first column of a table, every cell says which column it is of, if there are several.
_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A page of section 5: its name, what it is about, and the document that it is made from."""

    name: str
    about: str
    document: str


TOPICS = (
    Topic(
        name="glaciercli-config",
        about="what can be set in glaciercli, and where",
        document="docs/configuration.md",
    ),
    Topic(
        name="glaciercli-keymap",
        about="the file in which glaciercli keeps the names of archives",
        document="docs/key-map.md",
    ),
)


def page(topic: Topic, root: str) -> str:
    """Return the page of a topic; ``root`` is where its document is found."""
    with open(os.path.join(root, topic.document), encoding="utf-8") as file:
        blocks = list(_blocks(file.read().splitlines()))
    head = mdoc.head(topic.name, topic.about, section=5, made_from=topic.document)
    body = [line for block in blocks for line in _lines(block)]
    if body and body[0] == ".Pp":
        body = body[1:]
    see = [".Sh SEE ALSO", ".Xr glaciercli 1"]
    return "\n".join((*head, ".Sh DESCRIPTION", *_tidied(body), *see)) + "\n"


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield what belongs together: a paragraph, a heading, a table, a list, fenced text."""
    block: list[str] = []
    is_fenced = False
    for line in lines:
        if line.startswith("```"):
            is_fenced = not is_fenced
            if is_fenced:
                yield from _some(block)
                block = [line]
                continue
        elif is_fenced or (line and not line.startswith("#")):
            block.append(line)
            continue
        yield from _some(block)
        yield from _some([line] if line.startswith("#") else [])
        block = []
    yield from _some(block)


def _some(block: list[str]) -> Iterator[list[str]]:
    if block:
        yield block


def _lines(block: list[str]) -> Iterator[str]:
    first = block[0]
    if first.startswith("# "):
        return
    if first.startswith("## "):
        yield f".Sh {mdoc.escape(_plain(first[3:]).upper())}"
    elif first.startswith("### "):
        yield f".Ss {mdoc.escape(_plain(first[4:]))}"
    elif first.startswith("```"):
        yield from mdoc.literal(block[1:])
    elif first.startswith("|"):
        yield from _table([_cells(line) for line in block])
    elif first.startswith("- "):
        yield from _list(block)
    elif first.startswith("    "):
        yield from mdoc.literal([line[4:] for line in block])
    else:
        yield ".Pp"
        yield from mdoc.texts(_plain(" ".join(block)))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _table(rows: list[list[str]]) -> Iterator[str]:
    """Yield a table as a list: what the first column names, and what the others say of it."""
    head, _, *body = rows
    yield ".Bl -tag -width Ds"
    for tag, *rest in body:
        yield f".It {mdoc.escape(_plain(tag).replace('`', ''))}"
        for name, cell in zip(head[1:], rest, strict=True):
            said = _plain(cell if len(head) == _TWO or not cell else f"{name}: {cell}")
            yield from mdoc.texts(said if said.endswith((".", ":")) else f"{said}.")
    yield ".El"


def _list(block: Sequence[str]) -> Iterator[str]:
    items: list[str] = []
    for line in block:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += f" {line.strip()}"
    yield ".Bl -bullet"
    for one in items:
        yield ".It"
        yield from mdoc.texts(_plain(one))
    yield ".El"


def _plain(text: str) -> str:
    """Return text without links and emphasis; what is code stays marked."""
    shown = _LINK.sub(r"\1", text.replace(r"\|", "|"))
    parts = _CODE.split(shown)
    return "".join(
        part if part.startswith("`") else _EMPHASIS.sub(lambda found: found[1] or found[2], part)
        for part in parts
    )


def _tidied(lines: Sequence[str]) -> Iterator[str]:
    """Leave out the paragraph breaks that a heading or a list makes by itself."""
    before = ""
    for line in lines:
        if line == ".Pp" and before.startswith((".Sh", ".Ss")):
            continue
        before = line
        yield line
