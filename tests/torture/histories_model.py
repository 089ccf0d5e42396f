"""What must be true of a vault and of the key maps of those who use it, whatever happened.

The model believes the service, whose catalogue it reads, and what the machines were told; it
knows nothing of how a machine comes to its decisions.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from glaciercli.core.description import decode
from glaciercli.core.treehash import tree_hash
from glaciercli.model.archives import Archive, ArchiveState

S = ArchiveState

#: What stands for the content of an empty file, which has no tree hash.
NOTHING = b""

#: The states that say that the service has an archive.
_THERE = frozenset({S.UPLOADED, S.CONFIRMED, S.EMPTY})


def hash_of(content: bytes) -> bytes:
    return tree_hash([content]) if content else NOTHING


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An archive as the service has it."""

    archive_id: str
    vault: str
    description: str
    tree: bytes
    gone: bool

    @property
    def name(self) -> str | None:
        return decode(self.description).name

    @property
    def tag(self) -> str | None:
        return decode(self.description).tag

    @property
    def content(self) -> bytes:
        """The hash of the file that it holds."""
        return NOTHING if decode(self.description).size_bytes == 0 else self.tree

    @property
    def is_bytes(self) -> bool:
        """Whether it holds a file of its own, and is no link and no further name."""
        told = decode(self.description).attributes
        return told.target is None and told.linked_to is None


@dataclass(kw_only=True)
class Told:
    """What a machine was told, and may rely on for as long as its key map is not lost."""

    #: The name of each archive that it saw stored, or listed, by the ID.
    names: dict[str, str] = field(default_factory=dict)
    #: What its key map once called deleted.
    tombstones: set[str] = field(default_factory=set)
    #: The last archive that it stored under a vault and a name, whether or not it was told so.
    sent: dict[tuple[str, str | None], str] = field(default_factory=dict)
    #: All that it stored with nobody beside it, in that order.
    own: list[str] = field(default_factory=list)

    def copied(self) -> "Told":
        return Told(
            names=dict(self.names),
            tombstones=set(self.tombstones),
            sent=dict(self.sent),
            own=list(self.own),
        )

    def learn(self, other: "Told") -> None:
        """Take over what another key map relies on."""
        for archive_id, name in other.names.items():
            self.names.setdefault(archive_id, name)
        self.tombstones |= other.tombstones


@dataclass(kw_only=True)
class Model:
    """The whole truth, as far as it can be known from outside."""

    stored: dict[str, Stored] = field(default_factory=dict)
    #: What somebody asked to be deleted.
    doomed: set[str] = field(default_factory=set)
    #: The marks of what somebody asked to be deleted whose ID was not known.
    doomed_marks: set[str] = field(default_factory=set)
    #: Every name that an archive was ever given.
    names: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)

    def look(self, stored: Iterable[Stored]) -> list[Stored]:
        """Compare the service with what it had before, and return what is new."""
        now = {one.archive_id: one for one in stored}
        new = [one for one in now.values() if one.archive_id not in self.stored]
        for archive_id, one in now.items():
            if one.gone:
                assert self._is_doomed(archive_id, one), f"nobody deletes {one}"
        marks = Counter(one.description for one in now.values() if not one.gone)
        twice = [mark for mark, count in marks.items() if count > 1]
        assert not twice, f"one upload, two archives: {twice}"
        # A vault that is removed takes its deleted archives along.
        taken = {key: one for key, one in self.stored.items() if key not in now}
        lost = [one for key, one in taken.items() if not self._is_doomed(key, one)]
        assert not lost, f"an archive is lost: {lost}"
        self.stored |= {key: replace(one, gone=True) for key, one in taken.items()}
        self.stored |= now
        for one in new:
            if one.name is not None:
                self.names.setdefault(one.archive_id, set()).add(one.name)
        return new

    def _is_doomed(self, archive_id: str, one: Stored) -> bool:
        return archive_id in self.doomed or one.tag in self.doomed_marks

    def is_live(self, archive_id: str | None) -> bool:
        found = self.stored.get(archive_id or "")
        return found is not None and not found.gone

    def check_jobs(self, jobs: Iterable[tuple[object, ...]]) -> None:
        """See that nobody pays for what is being prepared, or can be fetched."""
        until: dict[object, int] = {}
        for archive, created_at, expires_at in sorted(jobs, key=lambda job: str(job[1])):
            assert isinstance(created_at, int)
            assert isinstance(expires_at, int)
            assert until.get(archive, 0) <= created_at, f"archive {archive} is paid for twice"
            until[archive] = expires_at

    def check_rows(self, machine: str, vault: str, rows: Collection[Archive]) -> None:
        """See that a key map is true, and that it forgot nothing that it was told."""
        told = self.told[machine]
        by_id = _by_id(rows)
        for archive_id, row in by_id.items():
            self._check_row(archive_id, row)
        for archive_id in told.tombstones & self._of(vault):
            assert archive_id in by_id, f"{machine} forgot that it deleted {archive_id}"
            state = by_id[archive_id].state
            assert not state.is_live, f"{archive_id} came back from the dead as {state}"
        told.tombstones |= {one for one, row in by_id.items() if row.state is S.DELETED}
        for archive_id in told.names.keys() & self._of(vault):
            name = told.names[archive_id]
            assert archive_id in by_id, f"{machine} forgot {name}"
            row = by_id[archive_id]
            if row.state.is_live and self.is_live(archive_id):
                assert row.state is not S.MISSING, f"{name} is there, and called missing"

        self._check_order(told, rows)

    def _check_order(self, told: Told, rows: Collection[Archive]) -> None:
        """See that of what a machine stored by itself the last is the newest of its name."""
        versions: dict[str | None, list[Archive]] = {}
        for row in rows:
            if row.state.is_live:
                versions.setdefault(row.name, []).append(row)
        places = {archive_id: place for place, archive_id in enumerate(told.own)}
        for name, found in versions.items():
            stored = [self.stored.get(row.archive_id or "") for row in found]
            if all(one and one.archive_id in places and one.name == name for one in stored):
                newest = max(found, key=lambda row: (row.uploaded_at, row.key))
                last = max(found, key=lambda row: places[row.archive_id or ""])
                assert newest is last, f"{last} is not the newest of {found}"

    def _of(self, vault: str) -> set[str]:
        return {one.archive_id for one in self.stored.values() if one.vault == vault}

    def _check_row(self, archive_id: str, row: Archive) -> None:
        found = self.stored.get(archive_id)
        assert found is not None, f"there never was an archive {archive_id}"
        if row.state is S.DELETED:
            doomed = self._is_doomed(archive_id, found)
            assert found.gone or doomed, f"{row.name} is not deleted"
        if row.state in _THERE:
            assert (row.tree_hash or NOTHING) == found.content, f"{row.name} holds something else"
        known = self.names.get(archive_id, {row.name})
        assert row.name in known, f"{row.name} is none of {known}"

    def check_stored(
        self, machine: str, name: str, contents: Collection[bytes], archive_id: str | None
    ) -> None:
        """See that what a machine was told is stored is there, and note that it was told."""
        found = self.stored.get(archive_id or "")
        assert found is not None, f"{name} is said to be stored as {archive_id}, and is not"
        assert not found.gone, f"{name} is said to be stored, and is deleted"
        assert found.name == name, f"{name} is stored as {found}"
        assert found.content in contents, f"{name} is stored as {found}"
        self.told[machine].names[found.archive_id] = name

    def check_target(self, archive_id: str | None, target: str | None) -> None:
        """See that an archive is a symbolic link that leads somewhere, or is none."""
        described = self.stored[archive_id or ""].description
        assert decode(described).attributes.target == target, f"{target} is stored as {described}"

    def check_agreement(self, machine: str, vault: str, rows: Collection[Archive]) -> None:
        """See that a key map and the service have come to the same."""
        live = {one.archive_id for one in self.stored.values() if one.vault == vault}
        live = {one for one in live if self.is_live(one)}
        ours = {row.archive_id for row in rows if row.state in _THERE}
        tombs = self.told[machine].tombstones | {
            row.archive_id or "" for row in rows if not row.state.is_live
        }
        wrong = [row for row in rows if row.archive_id in ours ^ (live - tombs)]
        missed = [self.stored[one] for one in live - tombs - ours]
        assert ours == live - tombs, f"{machine} has {wrong}, and not {missed}"
        doubts = [row.name for row in rows if row.state is S.UNSETTLED]
        assert not doubts, f"{machine} is not sure of {doubts}"


def _by_id(rows: Collection[Archive]) -> Mapping[str, Archive]:
    found = {row.archive_id: row for row in rows if row.archive_id is not None}
    known = [row for row in rows if row.archive_id is not None]
    assert len(found) == len(known), f"two rows for one archive: {known}"
    return found
