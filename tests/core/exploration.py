"""Every state that a small world can come to, the nearest first: the first trace is a shortest."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)


class Broken(AssertionError):
    """A state that must not be can be come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """How far an exploration came."""

    states: int
    depth: int
    #: Whether there is nothing beyond.
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer(Generic[State]):
    """A world: how it begins, the steps from each state, and what is wrong with a state."""

    begin: State
    steps: Callable[[State], Iterable[tuple[str, State]]]
    wrong: Callable[[State], str | None]

    def explore(self, *, most_states: int, most_depth: int | None = None) -> Explored:
        """Visit states in order of their distance; raise ``Broken`` with the way to a wrong one."""
        seen, edge, depth = {self.begin}, [self.begin], 0
        while edge and len(seen) < most_states and depth != most_depth:
            edge = self._next_edge(edge, seen, depth)
            depth += 1
        return Explored(states=len(seen), depth=depth, whole=not edge)

    def walk(self, chance: Random, *, steps: int) -> int:
        """Go so far by chance, and return how far it was; raise ``Broken`` at a wrong state."""
        state, way = self.begin, list[str]()
        for _ in range(steps):
            following = list(self.steps(state))
            if not following:
                break
            label, state = chance.choice(following)
            way.append(label)
            problem = self.wrong(state)
            if problem is not None:
                raise Broken(f"{problem}: {'; '.join(way)}")
        return len(way)

    def _next_edge(self, edge: list[State], seen: set[State], depth: int) -> list[State]:
        found = []
        for state in edge:
            for _, after in self.steps(state):
                if after not in seen:
                    seen.add(after)
                    found.append(after)
                    problem = self.wrong(after)
                    if problem is not None:
                        raise Broken(f"{problem}: {'; '.join(self._way_to(after, depth + 1))}")
        return found

    def _way_to(self, goal: State, depth: int) -> list[str]:
        """Return the steps to a state: looked for anew, so that no state need remember its own."""
        came: dict[State, tuple[str, State] | None] = {self.begin: None}
        edge = [self.begin]
        for _ in range(depth):
            following = []
            for state in edge:
                for label, after in self.steps(state):
                    if after not in came:
                        came[after] = (label, state)
                        following.append(after)
            edge = following
        way = []
        at = came[goal]
        while at is not None:
            way.append(at[0])
            at = came[at[1]]
        return way[::-1]
