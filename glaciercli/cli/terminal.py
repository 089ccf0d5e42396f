"""How wide the terminal is."""

import os
from typing import TextIO

from glaciercli.config.environment import Environment

#: Below this no column is left for words.
_NARROWEST = 40


def columns(stream: TextIO | None, environment: Environment) -> int | None:
    """Return the width of the terminal that a stream is; ``None`` if it is none."""
    if stream is None or not stream.isatty():
        return None
    try:
        # What shutil does, without its compressors: they take longer to load than the help.
        return told_columns(environment) or max(
            os.get_terminal_size(stream.fileno()).columns, _NARROWEST
        )
    except OSError:
        return None


def told_columns(environment: Environment) -> int | None:
    """Return the width that COLUMNS tells."""
    told = environment.get("COLUMNS") or ""
    return max(int(told), _NARROWEST) if told.isdecimal() and told.isascii() else None
