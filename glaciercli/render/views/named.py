"""Where the names of archives came from, in a sentence."""

from collections.abc import Mapping

#: What is no name of a tool's.
_BLANK = "blank"
_UNDECODABLE = "undecodable"

#: The formats whose word is not their own.
_WORDS = {
    "cloudberry": "CloudBerry",
    "fastglacier": "FastGlacier",
    "gc1": "glaciercli",
    "plain": "plain text",
    "qnap": "QNAP",
    "sagu": "SAGU",
    "synology": "Synology",
}


def sentence(formats: Mapping[str, int]) -> str | None:
    """Return how many archives are named, by whom, and how many are not; none for none.

    For instance ``41,210 named: FastGlacier 39,800, mt2 1,410; 212 blank; 3 undecodable``.
    """
    ranked = sorted(formats.items(), key=lambda item: (-item[1], item[0]))
    named = [(kind, count) for kind, count in ranked if kind not in {_BLANK, _UNDECODABLE}]
    parts = []
    if named:
        tools = ", ".join(f"{_WORDS.get(kind, kind)} {count:,}" for kind, count in named if count)
        parts.append(f"{sum(count for _, count in named):,} named: {tools}")
    parts += [f"{formats[kind]:,} {kind}" for kind in (_BLANK, _UNDECODABLE) if formats.get(kind)]
    return "; ".join(parts) or None
