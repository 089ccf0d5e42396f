"""What the care for the key map finds."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a key map that should not be so."""

    #: A stable word for it.
    kind: str
    #: What is wrong, in a sentence.
    what: str
    count: int
    #: The first few of them.
    examples: tuple[str, ...]
    #: What to do.
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How much a key map holds."""

    vaults: int
    #: Archives that are not deleted, and tombstones.
    live_archives: int
    deleted_archives: int
    uploads: int
    jobs: int
    downloads: int
    inventories: int
    journal_entries: int


@dataclass(slots=True, kw_only=True)
class MergeCounts:
    """What became of the rows of another key map."""

    vaults_added: int = 0
    archives_added: int = 0
    #: Known to both, and now known better.
    archives_changed: int = 0
    archives_unchanged: int = 0
    #: Archives that were live here, and that the other key map knows to be deleted.
    archives_deleted: int = 0
    uploads_added: int = 0
    jobs_added: int = 0
    inventories_added: int = 0
    journal_added: int = 0
    #: Downloads under way are of files on the other machine, and stay there.
    downloads_left: int = 0

    def __add__(self, other: "MergeCounts") -> "MergeCounts":
        """Return what became of the rows of two."""
        both = asdict(other)
        return MergeCounts(**{name: count + both[name] for name, count in asdict(self).items()})

    @property
    def changes(self) -> int:
        """How many rows were put in or changed."""
        return (
            self.vaults_added
            + self.archives_added
            + self.archives_changed
            + self.uploads_added
            + self.jobs_added
            + self.inventories_added
            + self.journal_added
        )
