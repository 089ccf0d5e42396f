"""Which files of a tree are wanted, by patterns in the language of gitignore.

Names are the bytes of relative paths, that of a directory with a slash behind it.  The rules of
gitignore hold: the last pattern that matches decides, ``!`` takes back, a slash in front or within
ties a pattern to the place that its rules stand for, one behind it means directories alone.  What
is in an excluded directory is excluded, whatever else says of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from glaciercli.core import gitignore
from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

#: Tells of a name whether a set of patterns excludes it, takes it back, or says nothing.
_Check = Callable[[str], bool | None]

_SLASH = ord("/")


class PatternRules:
    """The patterns of one run, in order of weight.

    Those to exclude that the user gave weigh most, then those that stand in the tree, the deepest
    first, then those that the user had in a file.
    """

    def __init__(
        self,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        exclude_from: Sequence[str] = (),
    ) -> None:
        self._exclude = _compiled(exclude)
        self._exclude_from = _compiled(exclude_from)
        self._include = _compiled(include)
        #: What stands in the tree, by the directory that it stands for.
        self._of_places: dict[bytes, _Check] = {}
        #: The patterns given by the user that have matched nothing so far.
        self._idle = {one: _compiled([one.lstrip("!")]) for one in (*include, *exclude)}

    @property
    def active(self) -> bool:
        """Whether there are any patterns at all."""
        given = (self._exclude, self._exclude_from, self._include)
        return bool(self._of_places) or any(one is not None for one in given)

    @property
    def idle(self) -> list[str]:
        """The patterns given by the user that matched nothing."""
        return list(self._idle)

    def add(self, directory: bytes, patterns: Sequence[str]) -> None:
        """Take in the patterns that stand in a directory of the tree; raise ``BadUsage``."""
        check = _compiled(patterns)
        if check is not None:
            self._of_places[directory] = check

    def excludes(self, name: bytes) -> bool:
        """Tell whether a file, or a directory, is kept out; its directories are known not to be."""
        self._strike_off(_text(name))
        for check, rest in self._checks(name):
            said = check(_text(rest))
            if said is not None:
                return said
        return False

    def takes(self, name: bytes) -> bool:
        """Tell whether a file, or an empty directory, is among those to include."""
        return self._include is None or bool(self._include(_text(name)))

    def wants(self, name: bytes) -> bool:
        """Tell whether a name is wanted, its directories being looked at as well."""
        steps = (name[: place + 1] for place in _slashes(name.rstrip(b"/")))
        return not any(map(self.excludes, steps)) and not self.excludes(name) and self.takes(name)

    def _checks(self, name: bytes) -> Iterator[tuple[_Check, bytes]]:
        """Yield whom to ask of a name, the weightiest first, and of which part of it."""
        if self._exclude is not None:
            yield self._exclude, name
        if self._of_places:
            for place in reversed([-1, *_slashes(name.rstrip(b"/"))]):
                check = self._of_places.get(name[: place + 1])
                if check is not None:
                    yield check, name[place + 1 :]
        if self._exclude_from is not None:
            yield self._exclude_from, name

    def _strike_off(self, text: str) -> None:
        for pattern, check in tuple(self._idle.items()):
            if check is None or check(text) is not None:
                del self._idle[pattern]


def _compiled(patterns: Iterable[str]) -> _Check | None:
    """Return what tells whether patterns match; ``None`` where there are none."""
    lines = [one for one in patterns if one.strip() and not one.startswith("#")]
    if not lines:
        return None
    # Most runs have no patterns, and need not wait for this.
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec(list(map(gitignore.pattern, lines)), backend="simple")
    except ValueError as error:
        raise BadUsage(
            f"a pattern makes no sense: {printable(str(error))}",
            hint="patterns are written as in a .gitignore file",
        ) from error
    return lambda text: spec.check_file(text, separators=()).include


def _slashes(name: bytes) -> list[int]:
    """Return where the slashes of a name stand."""
    return [place for place, byte in enumerate(name) if byte == _SLASH]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
