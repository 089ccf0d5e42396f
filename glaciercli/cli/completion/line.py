"""A line up to the cursor: which command it names, what it gave, and what is open."""

from collections.abc import Mapping, Sequence

from glaciercli.cli.completion.table import FLAG, Argument, Command, Option, Table


class Line:
    """The words before the one at the cursor, as the program would take them."""

    def __init__(self, table: Table, words: Sequence[str]) -> None:
        self.command: Command | None = table["program"]
        #: What the options on the line give, by the names of parameters.
        self.settings: dict[str, str] = {}
        #: The arguments so far.
        self.arguments: list[str] = []
        #: An option whose value comes next.
        self.waiting: Option | None = None
        #: Whether ``--`` was there: no options after it.
        self.is_options_over = False
        self._shared = table["options"]
        self._aliases: Mapping[str, str] = table["aliases"]
        self._given: set[str] = set()
        for word in words:
            self._take(word)

    def options(self) -> list[Option]:
        """Return the options that may still come."""
        if self.command is None or self.is_options_over:
            return []
        options = [*self.command["options"], *self._shared]
        return [one for one in options if one["many"] or one["gives"] not in self._given]

    def argument(self) -> Argument | None:
        """Return the argument that comes next."""
        if self.command is None:
            return None
        for number, argument in enumerate(self.command["arguments"]):
            if argument["many"] or number == len(self.arguments):
                return argument
        return None

    def option(self, name: str) -> Option | None:
        """Return the option of a name."""
        own = self.command["options"] if self.command else []
        return next((one for one in (*own, *self._shared) if name in one["names"]), None)

    def _take(self, word: str) -> None:
        if self.waiting is not None:
            self._give(self.waiting, word)
        elif self.is_options_over or not word.startswith("-") or word == "-":
            self._take_argument(word)
        elif word == "--":
            self.is_options_over = True
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            self._take_option(name, value if equals else None)
        else:
            self._take_letters(word[1:])

    def _take_argument(self, word: str) -> None:
        if self.command is None or not self.command["below"]:
            self.arguments.append(word)
            return
        self.command = self.command["below"].get(self._aliases.get(word, word))
        self.is_options_over = False

    def _take_letters(self, letters: str) -> None:
        """Take ``-qv`` and ``-ojson``."""
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            option = self.option(name)
            if option is not None and option["kind"] != FLAG:
                self._take_option(name, letters or None)
                return
            self._take_option(name, None)

    def _take_option(self, name: str, value: str | None) -> None:
        option = self.option(name)
        if option is None:
            return
        if option["kind"] != FLAG and value is None:
            self.waiting = option
        else:
            self._give(option, value)

    def _give(self, option: Option, value: str | None) -> None:
        self.waiting = None
        self._given.add(option["gives"])
        told = option["value"] if option["kind"] == FLAG else value
        if told is not None:
            self.settings[option["gives"]] = told
