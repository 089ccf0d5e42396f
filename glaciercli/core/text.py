"""Text from outside, made safe to show; names in files and answers are never changed.

An archive's name, a description or a server's message may hold anything: escape sequences that
rewrite the screen, controls that turn the reading direction, characters that nobody sees.
"""

#: Escapes with a letter of their own.
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

#: What `str.isprintable` rejects although a reader sees it, or needs it: the blanks of Unicode
#: (class Zs), the joiner that holds emoji together, and the Arabic, Syriac and Kaithi number
#: signs, which are drawn.
_VISIBLE = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000\u200d"
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

#: Where a byte that is no UTF-8 stands in a file name: U+DC80 for 0x80, up to U+DCFF.
_ESCAPED_BYTES = range(0xDC80, 0xDD00)


def printable(text: str) -> str:
    r"""Return the text on one line, with everything that is not plainly visible escaped.

    A line feed becomes ``\n``, an escape ``\x1b``, a bidi override ``\u202e``, a byte that is no
    UTF-8 ``\xff``.  A backslash stays as it is: the result is for eyes, JSON output has the exact
    text, and so text that is made printable twice does not change again.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _VISIBLE else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    """Return the visible form of one character."""
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code in _ESCAPED_BYTES:
        code -= 0xDC00
    if code <= 0xFF:  # noqa: PLR2004 - the last character that two digits can name
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun, such as ``1 archive`` and ``12,000 archives``."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"
