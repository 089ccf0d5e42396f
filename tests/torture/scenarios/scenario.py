"""A command that writes, and the world in which it has something to do."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.torture.program import Program
from tests.torture.world import World

Prepare = Callable[[World, Program], None]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A line that is killed, and the world before it."""

    name: str
    prepare: Prepare
    line: tuple[str, ...]
    stdin: bytes = b""
    #: What the line may answer when it has nothing left to do.
    done: frozenset[int] = frozenset({0})
    #: Files that are never the same twice, and the line that proves one.
    proofs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether a line that is repeated after its end begins anew, and pays again.
    begins_anew: bool = False
    #: How many archives such a line draws by chance: one that has a job already needs no other.
    draws: int = 0
    #: How many requests with content a kill may cost, one part a worker in general.
    sent_again: int = 1
    #: Raises where the files are not as a killed line may leave them, before anything else runs.
    stands: Callable[[World], None] = lambda _: None
