"""How each shell tells what is typed, and how it takes what is offered.

A script (see ``scripts``) calls the program with the line in ``COMP_WORDS`` and, in
``COMP_CWORD``, the number of the word at the cursor, or in bash and fish the text of it.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from glaciercli.cli.completion.candidates import WORD, Candidate

#: Stands for the cursor, so that the last word of a line is there although it is empty.
_CURSOR = "\N{OBJECT REPLACEMENT CHARACTER}"

_SPECIAL = {
    "": re.compile(r"([^\w@%+,./:=\-])"),
    '"': re.compile(r'([\\"$`])'),
}


class Typed(NamedTuple):
    """The words before the cursor, without the program's name, and the one that it is in."""

    words: Sequence[str]
    word: str
    #: What stands before the part of the word that the shell is going to replace.
    kept: str = ""
    #: The quotation mark that is open at the cursor.
    quote: str = ""


class Dialect(NamedTuple):
    """The two halves of a conversation with a shell."""

    read: Callable[[str, str], Typed]
    tell: Callable[[Candidate, Typed], str]


def _read_bash(line: str, replaced: str) -> Typed:
    words, quote = _split(line + _CURSOR)
    word = words.pop().replace(_CURSOR, "")
    return Typed(words[1:], word, word.removesuffix(_unquoted(replaced, quote)), quote)


def _tell_bash(candidate: Candidate, typed: Typed) -> str:
    """Return the part of a word that bash puts in, quoted as the word is."""
    if candidate.kind != WORD:
        return f"{candidate.kind},{candidate.value}"
    return f"{WORD},{_quoted(candidate.value.removeprefix(typed.kept), typed.quote)}"


def _read_fish(line: str, word: str) -> Typed:
    words = _split(line)[0][1:]
    begun = _split(word)[0][:1]
    if begun and words[-1:] == begun:
        words.pop()
    return Typed(words, begun[0] if begun else "")


def _tell_fish(candidate: Candidate, _typed: Typed) -> str:
    about = f"\t{candidate.about}" if candidate.about else ""
    return f"{candidate.kind},{candidate.value}{about}"


def _read_numbered(line: str, number: str) -> Typed:
    words, at = _split(line)[0], int(number or "0")
    return Typed(words[1:at], words[at] if at < len(words) else "")


def _tell_zsh(candidate: Candidate, _typed: Typed) -> str:
    # Where something is said about a word, the script hands both over with a colon between.
    value = candidate.value.replace(":", r"\:") if candidate.about else candidate.value
    return f"{candidate.kind}\n{value}\n{candidate.about or '_'}"


def _tell_powershell(candidate: Candidate, _typed: Typed) -> str:
    """Return a word, quoted if PowerShell would take it for several."""
    value = candidate.value
    if candidate.kind == WORD and not re.fullmatch(r"[\w./:=+\-]*", value):
        value = "'" + value.replace("'", "''") + "'"
    return f"{candidate.kind}\n{value}\n{candidate.about or '_'}"


DIALECTS: Mapping[str, Dialect] = {
    "bash": Dialect(_read_bash, _tell_bash),
    "zsh": Dialect(_read_numbered, _tell_zsh),
    "fish": Dialect(_read_fish, _tell_fish),
    "powershell": Dialect(_read_numbered, _tell_powershell),
}


def _split(text: str) -> tuple[list[str], str]:
    """Return the words of a line, the last of them perhaps unfinished, and the open quote."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:
        # It ends within quotes, or behind a backslash.
        words.append(lexer.token)
        state = str(getattr(lexer, "state", ""))
        return words, state if state in {"'", '"'} else ""
    return words, ""


def _unquoted(text: str, quote: str) -> str:
    """Return a part of a word as the program will see it."""
    if quote and not text.startswith(quote):
        text = quote + text
    words, _ = _split(text + _CURSOR)
    return words[-1].replace(_CURSOR, "") if words else ""


def _quoted(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", r"'\''")
    return _SPECIAL[quote].sub(r"\\\1", text)
