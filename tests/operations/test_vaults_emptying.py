"""A removal of a vault that is given up: what was to be deleted is again what it was."""

import pytest

from glaciercli.core.description import encode
from glaciercli.model.archives import ArchiveState
from glaciercli.operations import vaults_emptying
from glaciercli.operations.context import Context
from tests.fakes import Deaf, MovedClock, unreached
from tests.keymap.records import NOW, STORE, add, in_memory, meet

S = ArchiveState

OF_NO_BYTES = {
    "description": encode(name="a", modified_ns=None, tag="mark_of_12__", size_bytes=0),
    "size_bytes": 0,
    "tree_hash": None,
}


@pytest.mark.parametrize(("facts", "state"), [
    (OF_NO_BYTES, S.EMPTY),
    ({}, S.UPLOADED),
    # What only another tool told of, and not its size.
    ({"size_bytes": 0, "tree_hash": None}, S.UPLOADED),
])  # fmt: skip
def test_what_is_kept_is_what_it_was(facts: dict[str, object], state: ArchiveState) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        context = Context(
            key_map=key_map,
            store=STORE,
            clock=MovedClock(NOW),
            reporter=Deaf(),
            connect=unreached,
            new_tag=unreached,
            jobs=1,
        )
        key = add(key_map, vault, "a", **facts)
        key_map.archives.set_state(key, S.DELETING, deleted_at=NOW)
        assert vaults_emptying.cancel(context, vault) == 1
        (kept,) = key_map.archives.live(vault)
        assert (kept.state, kept.deleted_at) == (state, None)
