"""Write down anew what the sessions of the documents print: ``python -m tests.transcripts``."""

import sys
import tempfile
from pathlib import Path

from tests.transcripts.page import Step, alike, rewritten, steps_of
from tests.transcripts.pages import PAGES, ROOT
from tests.transcripts.picture import PICTURE, picture
from tests.transcripts.typist import at_home


def record(path: Path) -> bool:
    """Run a document's sessions; write what is printed if more than times and IDs differ."""
    text = path.read_text(encoding="utf-8")
    printed: dict[Step, list[str]] = {}
    with tempfile.TemporaryDirectory() as place:
        typist = at_home(Path(place) / "home")
        for step in steps_of(text):
            shown = typist.type(step.line)
            if "Traceback" in shown:
                sys.exit(f"{path}: {step.line}\n{shown}")
            if step.is_shown and alike(shown) != alike("".join(f"{one}\n" for one in step.printed)):
                printed[step] = shown.splitlines()
    path.write_text(rewritten(text, printed), encoding="utf-8")
    return bool(printed)


if __name__ == "__main__":
    changed = [page for page in PAGES if record(ROOT / page)]
    (ROOT / PICTURE).write_text(picture(ROOT / "README.md"), encoding="utf-8")
    sys.stdout.write("".join(f"{page} written\n" for page in changed))
