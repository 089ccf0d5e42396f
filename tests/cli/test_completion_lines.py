"""What is offered, compared with Click's own answer for the same commands, on lines by chance."""

from collections.abc import Iterator

import click
from click.shell_completion import ShellComplete
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from glaciercli.cli.completion import table
from glaciercli.cli.completion.candidates import candidates
from glaciercli.cli.completion.line import Line
from glaciercli.cli.main import cli

TABLE = table.load()

#: What Click knows of: the rest is looked up in the key map.
STATIC = {table.TEXT, table.FLAG, table.FILE, table.DIRECTORY}


def ours(words: list[str], word: str) -> set[tuple[str, str, str]]:
    """Return what this program offers."""
    return {(one.kind, one.value, one.about) for one in candidates(Line(TABLE, words), word)}


def clicks(words: list[str], word: str) -> set[tuple[str, str, str]]:
    """Return what Click offers, a value behind ``--option=`` with that."""
    shell = ShellComplete(cli, {"obj": {}}, "glaciercli", "_GLACIERCLI_COMPLETE")
    head = word[: word.find("=") + 1] if word.startswith("--") else ""
    return {
        (one.type, head * (one.type == "plain") + str(one.value), one.help or "")
        for one in shell.get_completions(list(words), word)
    }


def commands(
    command: table.Command = TABLE["program"], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], table.Command]]:
    """Yield every command with the words that lead to it."""
    yield path, command
    for name, below in command["below"].items():
        yield from commands(below, (*path, name))


PATHS = dict(commands())


def spoken(command: table.Command) -> st.SearchStrategy[list[str]]:
    """Options of a command with values, and arguments."""
    options = [*command["options"], *TABLE["options"]]
    shown = [one for one in options if "--help" not in one["names"]]
    # A command of commands takes the first word that is no option for a command.
    arguments = st.just(["photos"]) if command["arguments"] else st.just([])
    return st.one_of(st.sampled_from(shown).flatmap(given_option), arguments)


def given_option(option: table.Option) -> st.SearchStrategy[list[str]]:
    """An option in one of its spellings, with a value where it takes one."""
    name = st.sampled_from(option["names"])
    if option["kind"] == table.FLAG:
        return name.map(lambda one: [one])
    kind = option["kind"]
    value = st.sampled_from(kind) if isinstance(kind, list) else st.just("7")
    joined = st.tuples(name, value).map(
        lambda pair: [f"{pair[0]}={pair[1]}" if pair[0].startswith("--") else "".join(pair)]
    )
    return st.one_of(st.tuples(name, value).map(list), joined)


def begun(command: table.Command) -> st.SearchStrategy[str]:
    """The beginning of a word."""
    names = [name for one in (*command["options"], *TABLE["options"]) for name in one["names"]]
    whole = st.sampled_from([*names, *command["below"], "photos"])
    return st.tuples(whole, st.integers(0, 12)).map(lambda pair: pair[0][: pair[1]])


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[str], str]:
    """A line up to the cursor, and the word that is in its place."""
    path = draw(st.sampled_from(sorted(PATHS)))
    command, words = PATHS[path], list(path)
    for spoken_words in draw(st.lists(spoken(command), max_size=4)):
        words.extend(spoken_words)
    open_options = [one for one in command["options"] if one["kind"] != table.FLAG]
    ends_with_value = draw(st.booleans())
    if open_options and ends_with_value:
        option = draw(st.sampled_from(open_options))
        word = draw(begun_value(option))
        is_joined = draw(st.booleans())
        if is_joined:
            return words, f"{option['names'][0]}={word}"
        return [*words, option["names"][0]], word
    return words, draw(begun(command))


def begun_value(option: table.Option) -> st.SearchStrategy[str]:
    """The beginning of a value."""
    kind = option["kind"]
    whole = st.sampled_from(kind) if isinstance(kind, list) else st.just("name")
    return st.tuples(whole, st.integers(0, 4)).map(lambda pair: pair[0][: pair[1]])


def is_static(words: list[str], word: str) -> bool:
    """Tell whether the answer follows from the commands alone."""
    line = Line(TABLE, words)
    name = word.partition("=")[0]
    option = line.waiting or (line.option(name) if "=" in word else None)
    argument = line.argument()
    if option is not None:
        kind = option["kind"]
    elif argument is None or word.startswith("-"):
        return True
    else:
        kind = argument["kind"]
    return isinstance(kind, list) or kind in STATIC


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines())
@example(([], ""))
@example((["vault"], ""))
@example((["ls"], "--so"))
@example((["list", "-o"], "j"))
@example((["list", "-qv", "-ojson"], "-"))
@example((["retrieve", "photos/a", "--"], "-"))
@example((["nosuch"], ""))
def test_the_same_is_offered_as_click_would_offer(line: tuple[list[str], str]) -> None:
    words, word = line
    if words == ["nosuch"]:
        # Click begins anew; a command that there is not has no words.
        assert ours(words, word) == set()
    elif is_static(words, word):
        assert ours(words, word) == clicks(words, word)


def test_a_type_of_ours_is_offered_as_what_it_is() -> None:
    kinds = {
        str(argument["kind"]) for command in PATHS.values() for argument in command["arguments"]
    }
    assert {table.REF, table.VAULT, table.JOB, table.SOURCE} <= kinds
    assert Line(TABLE, ["list", "--store"]).waiting == Line(TABLE, []).option("--store")


def test_what_stood_before_the_command_is_not_offered_behind_it() -> None:
    assert "--quiet" in {value for _, value, _ in ours(["-v", "list"], "--")}
    assert "--quiet" not in {value for _, value, _ in ours(["-qv", "list"], "--")}


def test_no_value_is_offered_behind_an_equals_sign_that_belongs_to_it() -> None:
    assert ours(["list"], "-o=j") == set()
    assert ours(["list"], "--output=j") == {
        ("plain", "--output=json", ""),
        ("plain", "--output=jsonl", ""),
    }


def test_settings_are_taken_from_anywhere_on_the_line() -> None:
    line = Line(TABLE, ["--local", "list", "--key-map=m", "-o", "json", "--region", "eu"])
    assert line.settings == {"store": "local", "key_map": "m", "output": "json", "region": "eu"}
    assert isinstance(cli, click.Group)
