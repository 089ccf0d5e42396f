"""Descriptions that follow from the name, the time and the mark, so that nobody has to keep them.

One follows only if it comes out again to the last character.  Listings ask for it, so whatever
takes long to import is imported where it is needed.
"""

import re
from binascii import b2a_base64
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from glaciercli.core import times


class Form(IntEnum):
    """How a description is written; the numbers stand in key maps."""

    #: A record of ours.
    OURS = 1
    #: That of mt-aws-glacier, whose two members come in either order.
    MT2_NAME_FIRST = 2
    MT2_TIME_FIRST = 3
    #: That of FastGlacier and those who copied it, in its newest and its first version.
    FASTGLACIER_4 = 4
    FASTGLACIER_2 = 5


class Said(NamedTuple):
    """What a description says of its archive."""

    name: str
    #: Nanoseconds since 1970.
    modified_ns: int | None
    tag: str | None


_BEGINNINGS = {
    "gc1": (Form.OURS,),
    "mt2": (Form.MT2_NAME_FIRST, Form.MT2_TIME_FIRST),
    "<m>": (Form.FASTGLACIER_4, Form.FASTGLACIER_2),
}


def form_of(text: str, said: Said) -> Form | None:
    """Return the form in which a description follows from what it says, None where it does not."""
    forms = _BEGINNINGS.get(text[:3], ())
    return next((form for form in forms if written(form, said) == text), None)


def read_ours(text: str) -> Said | None:
    """Return what a record of ours says, if it is one that follows; ``None`` for many that do too.

    It is for very many: in a few times the length of the text, and nothing is decoded twice.
    """
    found = _ours_as_most().fullmatch(text)
    if found is None or len(text) > _LONGEST_PLAIN or "  " in text:
        return None
    name, date, second, fraction, tag = found.groups()
    if date is None:
        return Said(name, None, tag)
    try:
        day = _days_since_1970(date)
    except ValueError:
        return None
    hours, minutes, seconds = int(second[:2]), int(second[3:5]), int(second[6:])
    whole = day * 86_400 + hours * 3600 + minutes * 60 + seconds
    modified_ns = whole * 10**9 + (int(fraction.ljust(9, "0")) if fraction else 0)
    # What no column holds is kept as another time.
    return Said(name, modified_ns, tag) if abs(modified_ns) < _MOST_NS else None


@cache
def _ours_as_most() -> re.Pattern[str]:
    """Return the form of most records of ours, in which nothing is escaped."""
    return re.compile(
        r'gc1 \{"n":"([ !#-\[\]-~]+)",'
        r'(?:"m":"([0-9]{4}-[0-9]{2}-[0-9]{2})T((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])'
        r'(?:\.([0-9]{0,8}[1-9]))?Z",)?'
        r'"u":"([A-Za-z0-9_-]*)"\}'
    )


@lru_cache(maxsize=1024)
def _days_since_1970(date: str) -> int:
    return (datetime.fromisoformat(date).replace(tzinfo=UTC) - times.EPOCH).days


def written(form: Form, said: Said) -> str | None:
    """Return the description of some form, None where there is none."""
    if form is Form.OURS:
        return _ours(said)
    if said.modified_ns is None or not said.name:
        return None
    try:
        moment = times.format_ns(said.modified_ns).replace("-", "").replace(":", "")
        return _foreign(form, said.name, moment)
    except ValueError:
        # A time outside all calendars, or half a character.
        return None


def _ours(said: Said) -> str | None:
    name, modified_ns, tag = said
    if not name or tag is None:
        return None
    plain = _plain_record(name, modified_ns, tag)
    if plain is not None:
        return plain
    from glaciercli.core import description
    from glaciercli.errors import BadUsage

    try:
        return description.encode(name=name, modified_ns=modified_ns, tag=tag)
    except (ValueError, BadUsage):
        return None


_MOST_NS = 2**63

#: What may stand in a record as it is, but for two blanks side by side.
_ESCAPED = frozenset('"\\\x7f')
_LONGEST_PLAIN = 800


def _plain_record(name: str, modified_ns: int | None, tag: str) -> str | None:
    """Return what ``description.encode`` does for most names, without its imports."""
    both = name + tag
    if not both.isascii() or not both.isprintable() or len(both) > _LONGEST_PLAIN:
        return None
    if "  " in both or not _ESCAPED.isdisjoint(both):
        return None
    try:
        moment = "" if modified_ns is None else f'"m":"{times.format_ns(modified_ns)}",'
    except ValueError:
        moment = ""
    return f'gc1 {{"n":"{name}",{moment}"u":"{tag}"}}'


def _foreign(form: Form, name: str, moment: str) -> str:
    """Return the description of another tool; the moment is as ``20121114T201618Z``."""
    if form in {Form.FASTGLACIER_4, Form.FASTGLACIER_2}:
        version = 4 if form is Form.FASTGLACIER_4 else 2
        path = b2a_base64(name.encode("utf-8", "surrogateescape"), newline=False).decode("ascii")
        return f"<m><v>{version}</v><p>{path}</p><lm>{moment}</lm></m>"
    import json

    members = [f'"filename":{json.dumps(name, ensure_ascii=False)}', f'"mtime":"{moment}"']
    if form is Form.MT2_TIME_FIRST:
        members.reverse()
    record = b2a_base64(f"{{{','.join(members)}}}".encode(), newline=False)
    digits = record.decode("ascii").rstrip("=").replace("+", "-").replace("/", "_")
    return f"mt2 {digits}"
