"""Archives grouped and counted: by folder, by age, by size."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many archives are of one kind, and how much they hold."""

    count: int = 0
    size_bytes: int = 0

    def with_more(self, other: "Share") -> "Share":
        """Return both together."""
        return Share(count=self.count + other.count, size_bytes=self.size_bytes + other.size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What stands below a folder; ``name`` is ``None`` for what has no name at all."""

    #: Ends with a slash; for what stands in no folder it is that of all of them, or empty.
    name: str | None
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The largest folders, and everything else in one sum."""

    largest: tuple[Folder, ...]
    others: Share
    #: How many folders the sum is of.
    other_folders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddities:
    """How many archives have something that moving them has to mind."""

    unnamed: int
    #: Names with several live versions, and the versions beyond the first.
    repeated_names: int
    further_versions: int
    long_names: int
    large: int
    huge: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Beyond what a name is long, and an archive large or huge; in bytes."""

    name_bytes: int
    large_bytes: int
    huge_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What archives are as objects elsewhere."""

    #: Their bytes, where each counts for a least size.
    least_bytes: int
    #: The requests that it takes to put them there, where a request takes so many bytes at most.
    requests: int
