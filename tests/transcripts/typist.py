"""Types the lines of a session: the program's own in this process, all others to a shell."""

import io
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from glaciercli.cli.main import main

#: What only a shell understands.
_FOR_A_SHELL = re.compile(r"[|<>;&$`*]|\bcd\b")


@dataclass
class Typist:
    """Somebody at a shell, whose home directory is empty."""

    home: Path
    variables: dict[str, str]
    code: int = 0
    exported: dict[str, str] = field(default_factory=dict)

    def type(self, line: str, *, answer: str | None = None) -> str:
        """Type a line and return what the terminal shows.

        ``answer`` is typed too, where the program itself asks something on a terminal.
        """
        if line == "echo $?":
            shown, self.code = f"{self.code}\n", 0
            return shown
        if found := re.fullmatch(r"export (\w+)=(\S+)", line):
            self.exported[found[1]] = found[2].replace("~", str(self.home), 1)
            return ""
        words = shlex.split(line)
        if words[0] == "glaciercli" and not _FOR_A_SHELL.search(_unquoted(line)):
            shown = self._in_process([self._expanded(word) for word in words[1:]], answer)
        else:
            shown = self._in_shell(line)
        return shown.replace(str(self.home), "/home/me")

    def _expanded(self, word: str) -> str:
        return str(self.home) + word[1:] if word == "~" or word.startswith("~/") else word

    def _in_process(self, words: list[str], answer: str | None) -> str:
        shown = io.BytesIO()
        terminal = io.TextIOWrapper(shown, encoding="utf-8", write_through=True)
        with self._surroundings(answer), redirect_stdout(terminal), redirect_stderr(terminal):
            self.code = main(words)
        terminal.detach()
        return shown.getvalue().decode()

    def _in_shell(self, line: str) -> str:
        program = f'glaciercli() {{ "{sys.executable}" -m glaciercli "$@"; }}\n'
        done = subprocess.run(
            ["/bin/bash", "-c", program + line],
            cwd=self.home,
            env={**self.variables, **self.exported},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        self.code = done.returncode
        return done.stdout.decode()

    @contextmanager
    def _surroundings(self, answer: str | None) -> Iterator[None]:
        """Stand in the home directory, with the variables of the session and no others."""
        before, place, given = dict(os.environ), os.getcwd(), sys.stdin  # noqa: TID251
        os.environ.clear()  # noqa: TID251 - a session has variables of its own
        os.environ.update(self.variables | self.exported)  # noqa: TID251
        os.chdir(self.home)
        try:
            with _keyboard(answer) as typed:
                sys.stdin = typed
                yield
        finally:
            sys.stdin = given
            os.chdir(place)
            os.environ.clear()  # noqa: TID251
            os.environ.update(before)  # noqa: TID251


@contextmanager
def _keyboard(answer: str | None) -> Iterator[TextIO]:
    """Have a terminal at which an answer is typed, or nothing at all to read from."""
    if answer is None:
        with open(os.devnull, encoding="utf-8") as nothing:
            yield nothing
        return
    hand, screen = pty.openpty()
    try:
        os.write(hand, f"{answer}\n".encode())
        with open(screen, encoding="utf-8") as terminal:
            yield terminal
    finally:
        os.close(hand)


def _unquoted(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", line)


def at_home(home: Path) -> Typist:
    """Return somebody who has just moved in."""
    home.mkdir(parents=True)
    own = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    # A checkout that is not installed has the package beside the tests.
    return Typist(home=home, variables={**own, "PYTHONPATH": str(Path(__file__).parents[2])})
