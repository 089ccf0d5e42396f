"""The manual: pages, reference and completion scripts, all made from the commands.

``python -m glaciercli.cli.manual [ROOT]`` writes them.  They are committed, and a test makes them
again and compares.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from glaciercli.cli import manual_iam, manual_markdown, manual_mdoc
from glaciercli.cli.manual_entries import program, shared_options
from glaciercli.cli.shells import script

#: The completion script of each shell, under the name by which the shell looks for it.
_SCRIPTS = {
    "bash": "glaciercli.bash",
    "zsh": "_glaciercli",
    "fish": "glaciercli.fish",
    "powershell": "glaciercli.ps1",
}


def files() -> dict[str, str]:
    """Return every file of the manual: its path below the repository, and its text."""
    whole, shared = program(), shared_options()
    made = {f"man/{whole.page}.1": manual_mdoc.first_page(whole, shared)}
    for one in whole.below:
        made[f"man/{one.page}.1"] = manual_mdoc.page(one, whole.below)
    for shell, name in _SCRIPTS.items():
        made[f"completions/{name}"] = script(shell) + "\n"
    made["docs/cli-reference.md"] = manual_markdown.reference(whole, shared)
    made["docs/iam.md"] = manual_iam.page()
    return made


def write(root: str, made: Mapping[str, str]) -> None:
    """Write the files, and remove the pages of commands that are gone."""
    for path, text in made.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    pages = os.path.join(root, "man")
    for name in os.listdir(pages):
        if name.endswith(".1") and f"man/{name}" not in made:
            os.remove(os.path.join(pages, name))


def main(argv: Sequence[str]) -> int:
    """Write the manual below the directory that is named, or below this one."""
    made = files()
    write(argv[0] if argv else ".", made)
    sys.stdout.write(f"{len(made)} files written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
