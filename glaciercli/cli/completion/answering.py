"""The answer to a shell that asks what the word at the cursor may become."""

import sys
from collections.abc import Iterator

from glaciercli.cli.completion import VARIABLE, table
from glaciercli.cli.completion.candidates import candidates
from glaciercli.cli.completion.dialects import DIALECTS
from glaciercli.cli.completion.line import Line
from glaciercli.config.environment import Environment


def answer(environment: Environment) -> int:
    """Print what is offered, and return the exit code."""
    shell, _, wish = (environment.get(VARIABLE) or "").partition("_")
    if shell not in DIALECTS or wish != "complete":
        return 1
    for line in _offered(shell, environment):
        sys.stdout.write(line + "\n")
    return 0


def _offered(shell: str, environment: Environment) -> Iterator[str]:
    dialect = DIALECTS[shell]
    words = environment.get("COMP_WORDS") or "glaciercli"
    typed = dialect.read(words, environment.get("COMP_CWORD") or "")
    line = Line(table.load(), typed.words)
    for candidate in candidates(line, typed.word):
        yield dialect.tell(candidate, typed)
