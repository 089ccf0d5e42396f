"""The manual: pages, reference, completion scripts and schemas, all made from the program.

``python -m glaciercli.cli.manual [ROOT]`` writes them.  They are committed, and a test makes them
again and compares.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from glaciercli.cli import (
    manual_completion,
    manual_iam,
    manual_markdown,
    manual_mdoc,
    manual_schemas,
    manual_topics,
)
from glaciercli.cli.completion.scripts import script
from glaciercli.cli.manual_entries import program, shared_options

#: The completion script of each shell, under the name by which the shell looks for it.
_SCRIPTS = {
    "bash": "glaciercli.bash",
    "zsh": "_glaciercli",
    "fish": "glaciercli.fish",
    "powershell": "glaciercli.ps1",
}


def files(root: str) -> dict[str, str]:
    """Return every file of the manual: its path below the repository, and its text.

    The pages of section 5 are made from documents below ``root``, and so are the examples of the
    schemas.
    """
    whole, shared = program(), shared_options()
    made = {f"man/man1/{whole.page}.1": manual_mdoc.first_page(whole, shared)}
    for one in whole.below:
        made[f"man/man1/{one.page}.1"] = manual_mdoc.page(one, whole.below)
    for topic in manual_topics.TOPICS:
        made[f"man/man5/{topic.name}.5"] = manual_topics.page(topic, root)
    for shell, name in _SCRIPTS.items():
        made[f"completions/{name}"] = script(shell) + "\n"
    made["glaciercli/cli/completion/commands.json"] = manual_completion.page()
    made["docs/cli-reference.md"] = manual_markdown.reference(whole, shared)
    made["docs/iam.md"] = manual_iam.page()
    return made | manual_schemas.files(root)


def write(root: str, made: Mapping[str, str]) -> None:
    """Write the files, and remove the pages of commands that are gone."""
    for path, text in made.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    for section in ("man/man1", "man/man5", "docs/schemas"):
        for name in os.listdir(os.path.join(root, section)):
            if f"{section}/{name}" not in made:
                os.remove(os.path.join(root, section, name))


def main(argv: Sequence[str]) -> int:
    """Write the manual below the directory that is named, or this one, whose docs/ are read."""
    root = argv[0] if argv else "."
    made = files(root)
    write(root, made)
    sys.stdout.write(f"{len(made)} files written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
