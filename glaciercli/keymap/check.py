"""Looking a key map over: what SQLite finds, and what this program itself relies on.

docs/key-map.md lists the rules.  Nothing is ever changed.
"""

from collections.abc import Iterator

from glaciercli import errors
from glaciercli.keymap import described, identifiers, schema
from glaciercli.keymap.check_rules import REBUILD, RESTORE, RULES, Rule
from glaciercli.keymap.database import Database
from glaciercli.keymap.sources import Heard
from glaciercli.model.care import Finding

_MOST_EXAMPLES = 3


def findings(opened: Database, *, full: bool, heard: Heard) -> Iterator[Finding]:
    """Yield what is wrong with a key map, what SQLite finds first; ``full`` takes longer.

    ``heard`` is told how many of the steps are done.
    """
    steps = len(RULES) + 2
    sound = True
    for finding in sqlite_findings(opened, full=full):
        sound = False
        yield finding
    heard(1, steps)
    if not sound:
        # Whatever else a broken file says is not worth repeating.
        return
    yield from _loose_ends(opened)
    if schema.needs_migration(opened):
        # The rules are those of the newest format, which the next run that opens it brings it to.
        heard(steps, steps)
        return
    opened.define("is_token", identifiers.is_token, takes=2)
    opened.define("kept_token", identifiers.kept_of_raw)
    opened.define("follows", described.follows, takes=4)
    for done, rule in enumerate(RULES, start=2):
        heard(done, steps)
        yield from _broken(opened, rule)
    heard(steps, steps)


def refuse_unsound(opened: Database, *, path: str) -> None:
    """Raise ``KeyMapDamaged`` with the first thing that is wrong with a key map."""
    found = next(findings(opened, full=False, heard=lambda _done, _steps: None), None)
    if found is not None:
        shown = f" ({', '.join(found.examples)})" if found.examples else ""
        raise errors.KeyMapDamaged(
            f'"{path}" is damaged: {found.what}{shown}', hint="nothing was changed"
        )


def sqlite_findings(opened: Database, *, full: bool) -> Iterator[Finding]:
    """Yield what SQLite itself finds; a page that cannot be read is a finding too."""
    try:
        told = [
            str(row[0]) for row in opened.query(f"PRAGMA {'integrity' if full else 'quick'}_check")
        ]
    except errors.KeyMapDamaged as error:
        told = [error.message]
    if told != ["ok"]:
        yield _finding("sqlite", "SQLite finds the file broken", told, advice=REBUILD)


def _loose_ends(opened: Database) -> Iterator[Finding]:
    """Yield the rows that point at rows that are not there."""
    found = [
        f"{row[0]} row {row[1]} points to no row of {row[2]}"
        for row in opened.query("PRAGMA foreign_key_check")
    ]
    if found:
        what = "rows that point at rows that are not there"
        yield _finding("foreign_key", what, found, advice=RESTORE)


def _broken(opened: Database, rule: Rule) -> Iterator[Finding]:
    examples: list[str] = []
    count = 0
    for row in opened.query(f"SELECT {rule.rows}"):
        count += 1
        if count <= _MOST_EXAMPLES:
            examples.append(str(row[0]))
    if count:
        yield Finding(
            kind=rule.kind,
            what=rule.what,
            count=count,
            examples=tuple(examples),
            advice=rule.advice,
        )


def _finding(kind: str, what: str, found: list[str], *, advice: str) -> Finding:
    return Finding(
        kind=kind,
        what=what,
        count=len(found),
        examples=tuple(found[:_MOST_EXAMPLES]),
        advice=advice,
    )


def rule_kinds() -> list[str]:
    """Return the word of each rule, for the documentation."""
    return ["sqlite", "foreign_key", *(rule.kind for rule in RULES)]
