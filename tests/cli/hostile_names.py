"""Names and descriptions that were chosen to do harm, as many as are wanted."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from unicodedata import normalize

from glaciercli import errors
from glaciercli.core.description import encode

#: What a terminal, a shell, a spreadsheet or a markup language would act upon.
PIECES = (
    b"plain", b"\n", b"\r", b"\t", b"\x07", b"\x08", b"\x7f", b"\x1b[31;1337m",
    b"\x1b]0;canary\x07", b"\x1b[2J", b"\x1bc", "\x9b1337h".encode(),
    "\x85\x90\x9c".encode(), "\u202etxt.exe".encode(), "\u2066\u2069\u200f\u061c".encode(),
    "\u2028\u2029\ufeff\u200b".encode(), b"-", b"--force", b" ", b"  ", b"~", b"~root",
    b"$HOME", b"`id`", b"$(id)", b"%s%n", b"%2e%2e", b"..", b"...", b".", b"C:",
    b"C:\\x", b"\\\\host\\share", b"con", b"nul.txt", b"a:b", b"[bold red]x[/]",
    b"[link=http://x]", b"<b>&amp;", b"=cmd|' /C calc'!A0", b"@SUM(1)", b"+1", b'"',
    b"'", b",", b";", b"|", b"*", b"?", b"[a-z]", b"id:x", b"name:x", b"gc1 {}",
    b"mt2 x", b"\xff", b"\xfe\x80", b"\xed\xa0\x80", b"\xc3(",
    normalize("NFC", "\u00e9").encode(), normalize("NFD", "\u00e9").encode(), "漢🏔".encode(),
    b"null",
)  # fmt: skip

_STEP_MOST = 255


def file_names(rng: Random, count: int) -> list[bytes]:
    """Return relative paths that a file system can hold, none in the way of another."""
    return [_path(rng, number) for number in range(count)]


def _path(rng: Random, number: int) -> bytes:
    steps = [_step(rng, 200) for _ in range(rng.choice((0, 0, 1, 2, 3)))]
    # No directory ends so: a file's name is never that of a directory.
    last = b"~%d" % number
    longest = b"x" * (_STEP_MOST - len(last)) if rng.random() < 0.05 else _step(rng, 80)
    path = b"/".join([*steps, longest + last])
    # Some pieces have slashes of their own; no walk finds an empty step.
    return b"/".join(step for step in path.split(b"/") if step not in {b"", b"."})


def _step(rng: Random, most: int) -> bytes:
    step = b"".join(rng.choices(PIECES, k=rng.randrange(1, 5)))[:most]
    return step if step.strip(b".") else step + b"d"


#: Where a name leads that is not to be followed.
_WAYS = (
    "../",
    "../../../../",
    "/",
    "//",
    "/{outside}/",
    "a/../../",
    "./",
    "a//",
    "~/",
    "C:\\..\\",
    "",
)


def descriptions(rng: Random, count: int, *, outside: str) -> Iterator[tuple[str, str]]:
    """Yield names that no walk of a tree would find, each with a description that says it."""
    made = 0
    while made < count:
        way = rng.choice(_WAYS).format(outside=outside.strip("/"))
        piece = _step(rng, 60).decode("utf-8", "surrogateescape")
        end = rng.choice(("", "", "", "/", "/..", "/.", "\0", "\ud800", "x" * _STEP_MOST))
        name = f"{way}{piece}~{made}{end}"
        with suppress(errors.BadUsage, UnicodeEncodeError):
            yield name, _description(rng, name, made)
            made += 1


def _description(rng: Random, name: str, number: int) -> str:
    """Return a description of one format or another; it raises what it cannot say."""
    match rng.randrange(4):
        case 0:
            record = {"filename": name, "mtime": "20240102T030405Z"}
            spelled = json.dumps(record, ensure_ascii=False).encode()
            return "mt2 " + urlsafe_b64encode(spelled).decode().rstrip("=")
        case 1:
            path = b64encode(name.encode("utf-8", "surrogateescape")).decode()
            return f"<m><v>4</v><p>{path}</p><lm>20240102T030405Z</lm></m>"
        case _:
            return encode(name=name, modified_ns=None, tag=f"{number:016}")
