"""What was tried, and what was lost by it."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much of each kind was tried; counts add up."""

    kill_points: int = 0
    #: Those of the kill points that hit a run that mended what an earlier kill had left.
    compound: int = 0
    power_cuts: int = 0
    histories: int = 0
    faults: int = 0
    #: States of small worlds, and changed bytes for readers.
    states: int = 0
    cases: int = 0
    #: What has to be given to have each failure again, and what it was.
    lost: tuple[str, ...] = ()

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(
            kill_points=self.kill_points + other.kill_points,
            compound=self.compound + other.compound,
            power_cuts=self.power_cuts + other.power_cuts,
            histories=self.histories + other.histories,
            faults=self.faults + other.faults,
            states=self.states + other.states,
            cases=self.cases + other.cases,
            lost=self.lost + other.lost,
        )

    def besides(self) -> Iterator[str]:
        """Yield the lines before that at the end."""
        if self.compound:
            yield f"{self.compound} of the kills hit what went on after another"
        if self.states:
            yield f"{self.states} states of small worlds"
        if self.cases:
            yield f"{self.cases} changed bytes for readers"

    def __str__(self) -> str:
        """Return the line at the end."""
        return (
            f"torture: {self.kill_points} kill points, {self.power_cuts} power cuts,"
            f" {self.histories} histories, {self.faults} faults, {len(self.lost)} lost"
        )
