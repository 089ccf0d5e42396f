"""What is asked of the archives in the key map."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault


class Sort(Enum):
    """In what order archives are listed."""

    NAME = "name"
    #: The largest first.
    SIZE = "size"
    #: The newest first.
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    """Which names match, and where there is no need to look."""

    matches: Callable[[str], bool]
    #: For a name that does not match: the folder, with its slash, below which nothing does.
    barren_folder: Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFilter:
    """Which archives are wanted, whatever they are called."""

    #: None means every live one.
    states: frozenset[ArchiveState] = frozenset()
    uploaded_before: datetime | None = None
    uploaded_after: datetime | None = None
    larger_than_bytes: int | None = None
    smaller_than_bytes: int | None = None
    unnamed: bool = False
    all_versions: bool = False

    @property
    def wants_tombstones(self) -> bool:
        """Whether deleted archives are asked for; then a name has no newest version."""
        return any(not state.is_live for state in self.states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which archives of one vault are wanted."""

    vault: KnownVault
    wanted: ArchiveFilter
    #: The row of the one archive that is meant.
    key: int | None = None
    #: The name that is meant.
    name: str | None = None
    #: What names start with; with one, archives without a name are not meant.
    prefix: str = ""
    glob: Glob | None = None
