"""Every example in a command's help does what it says, typed by somebody whose files it names."""

import pytest

from glaciercli.cli.manual_entries import Entry, program
from tests.examples.typing_lines import prepared, typed
from tests.examples.world import World

#: `demo` is left out: each of its lines starts a process, and tests/cli/test_serve.py runs it.
LEAVES = [entry for entry in program().leaves() if entry.words != ("demo",)]


@pytest.mark.parametrize("entry", LEAVES, ids=lambda entry: entry.line)
def test_the_examples_of_a_command_do_what_they_say(entry: Entry, world: World) -> None:
    command = " ".join(entry.words)
    for example in entry.examples:
        world.tidy()
        shown = typed(prepared(world, command), command, example)
        assert world.typist.code == 0, f"{example}\n{shown}"
        assert "glaciercli: error:" not in shown
        assert "Traceback" not in shown
