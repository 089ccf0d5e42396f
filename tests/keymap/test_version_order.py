"""The order of versions that two key maps date otherwise."""

from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.archives import ArchiveState
from tests.keymap.records import NOW, add, meet

LATER = NOW + timedelta(milliseconds=1)


def versions(key_map: KeyMap) -> list[str | None]:
    """Return the marks of all versions, as they are listed."""
    return [one.tag for one in key_map.archives.every(meet(key_map))]


@pytest.mark.parametrize("order", [1, -1])
def test_what_two_key_maps_order_otherwise_is_settled_by_the_first_merge(
    tmp_path: Path, order: int
) -> None:
    with ExitStack() as stack:
        both = []
        for name, first in (("own", NOW), ("other", LATER)):
            path = str(tmp_path / name)
            key_map = stack.enter_context(closing(open_key_map(path, now=NOW)))
            both.append(key_map)
            for tag, at in (("one", first), ("two", NOW)):
                state = ArchiveState.MISSING
                vault = meet(key_map)
                add(key_map, vault, "a", archive_id=None, tag=tag, uploaded_at=at, state=state)
        assert versions(both[0]) != versions(both[1])
        into, other = both[::order]
        copy = tmp_path / "copy"
        copy.write_bytes(Path(other.path).read_bytes())
        found = []
        for _ in range(3):
            into.merger.merge(str(copy), now=NOW, dry_run=False, heard=lambda *_: None)
            found.append(versions(into))
        # The later date is the better one.
        assert found == [versions(both[1])] * 3
