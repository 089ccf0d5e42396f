"""The first session of the README as a picture of a terminal."""

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.transcripts.page import steps_of

PICTURE = "docs/session.svg"

_COLUMNS = 84
_THEME = TerminalTheme((24, 26, 31), (214, 218, 224), [(0, 0, 0)] * 8)


def picture(readme: Path) -> str:
    """Return the picture; it loads nothing from elsewhere."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), color_system="truecolor")
    for step in steps_of(readme.read_text(encoding="utf-8")):
        if step.is_shown:
            console.print(Text("$ ", style="#7fb069").append(step.line, style="bold #ffffff"))
            for line in step.printed:
                console.print(Text(line, style="#d6dae0"))
    made = console.export_svg(title="glaciercli", theme=_THEME, unique_id="session")
    return re.sub(r"@font-face \{.*?\}\s*", "", made, flags=re.DOTALL).rstrip() + "\n"
