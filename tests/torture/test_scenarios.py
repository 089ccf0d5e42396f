"""Each command that writes is killed."""

from glaciercli.cli.manual_entries import program
from tests.torture.scenarios import SCENARIOS

#: They only show something, or write nothing that outlasts them.
_READING = {
    "account capacity list",
    "account policy show",
    "completion",
    "config path",
    "config show",
    "cost",
    "demo",
    "doctor",
    "inventory export",
    "inventory show",
    "job show",
    "keymap check",
    "keymap path",
    "keymap snapshots",
    "list",
    "treehash",
    "upload-parts list",
    "vault lock show",
    "vault notify show",
    "vault policy show",
    "vault tag list",
}

#: It ends only when it is told to; what it does for a request is done for any line here.
_SERVING = {"serve"}


def test_each_command_that_writes_is_killed() -> None:
    commands = {entry.words for entry in program().leaves()}
    # None of them is the beginning of another.
    killed = {words for words in commands for one in SCENARIOS if one.line[: len(words)] == words}
    assert not {" ".join(words) for words in killed} & _READING
    assert {" ".join(words) for words in commands - killed} == _READING | _SERVING
