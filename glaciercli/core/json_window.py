"""JSON documents of any length, read piece by piece in constant memory."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from glaciercli.core.listed import RECORD_MOST_CHARACTERS
from glaciercli.errors import GlacierCliError

_BLANKS = " \t\r\n"

#: What ends an object of a list and goes on to the next, as most programs write it.
_BETWEEN = "},"

#: How much is read ahead, so that the window moves seldom.
_AHEAD_CHARACTERS = 16 * RECORD_MOST_CHARACTERS

#: How much is decoded at once: what the processor's cache holds goes twice as fast.
_AT_ONCE_CHARACTERS = 2 * RECORD_MOST_CHARACTERS

#: Makes the error for a reason and an offset.
Refuse = Callable[[str, int], GlacierCliError]


class JsonWindow:
    """A piece of a long text that moves on as it is read.

    ``refuse`` makes the error for a reason and an offset in characters.
    """

    def __init__(self, chunks: Iterable[str], *, refuse: Refuse) -> None:
        self._refuse = refuse
        self._chunks = iter(chunks)
        self._text = ""
        self._at = 0
        self._dropped = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=_no_number)
        #: Where the last ``values`` began.
        self._began = 0
        #: Up to where elements are read one by one.
        self._singly_until = 0

    @property
    def offset(self) -> int:
        """How many characters were read."""
        return self._dropped + self._at

    def peek(self) -> str:
        """Return the next character that is no blank, or nothing at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if self._ended:
                return ""
            self._fill()

    def skip(self, character: str) -> None:
        """Pass over a character, if it is the next one."""
        if self.peek() == character:
            self._at += 1

    def expect(self, character: str) -> None:
        """Pass over a character, which has to be the next one."""
        found = self.peek()
        if found != character:
            self.fail(f'"{character}" was expected' if found else "it ends too early")
        self._at += 1

    def value(self) -> Any:
        """Return the next JSON value."""
        self.peek()
        self._fill()
        try:
            value, stop = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._fail_to_decode(error)
        except (ValueError, RecursionError):
            self.fail("a value is none that such a file holds")
        if stop - self._at > RECORD_MOST_CHARACTERS:
            self.fail(f"a record is longer than {RECORD_MOST_CHARACTERS:,} characters")
        self._at = stop
        return value

    def values(self) -> list[Any]:
        """Return many elements of a list of objects, without the comma behind the last one.

        They are those that the window holds whole, which is far quicker than one by one.  There
        are none where ``value`` has to be asked for the next one.  ``reread`` takes them back.
        """
        self.peek()
        self._fill()
        self._began = start = self._at
        stop = self._text.rfind(_BETWEEN, start, start + _AT_ONCE_CHARACTERS) + 1
        if self.offset < self._singly_until or stop <= start:
            return []
        inside = self._text[start:stop]
        try:
            found: list[Any] = self._decoder.decode(f"[{inside}]")
        except (ValueError, RecursionError):
            found = []
        if not found or not _are_short(inside):
            self.reread()
            return []
        self._at = stop
        return found

    def reread(self) -> None:
        """Go back to before the last ``values``; what they were is to be read one by one.

        So no text is decoded more than twice, whatever it holds.
        """
        self._at = self._began
        self._singly_until = self.offset + _AT_ONCE_CHARACTERS

    def fail(self, reason: str, *, offset: int | None = None) -> NoReturn:
        """Say what is wrong here."""
        raise self._refuse(reason, self.offset if offset is None else offset)

    def _fail_to_decode(self, error: json.JSONDecodeError) -> NoReturn:
        """Say why there is no value here."""
        open_string = error.msg.startswith("Unterminated")
        if not self._ended and (open_string or error.pos - self._at > RECORD_MOST_CHARACTERS):
            self.fail(f"a record is longer than {RECORD_MOST_CHARACTERS:,} characters")
        if self._ended and (open_string or error.pos >= len(self._text.rstrip(_BLANKS))):
            self.fail("it ends too early", offset=self._dropped + len(self._text))
        self.fail(error.msg[0].lower() + error.msg[1:], offset=self._dropped + error.pos)

    def _fill(self) -> None:
        """Have a whole record in the window, if the text goes on that long."""
        if self._ended or len(self._text) - self._at > RECORD_MOST_CHARACTERS:
            return
        self._dropped += self._at
        pieces, length = [self._text[self._at :]], len(self._text) - self._at
        for chunk in self._chunks:
            pieces.append(chunk)
            length += len(chunk)
            if length >= _AHEAD_CHARACTERS:
                break
        else:
            self._ended = True
        self._text, self._at = "".join(pieces), 0


def _are_short(inside: str) -> bool:
    """Tell whether elements are surely no longer than one may be, as far as they look alike."""
    half = RECORD_MOST_CHARACTERS // 2
    # Where every half has an end of one, nothing that lies between two ends is longer than whole.
    starts = range(0, len(inside) - half, half)
    return all(inside.find(_BETWEEN, at, at + half) >= 0 for at in starts)


def _no_number(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(name)
