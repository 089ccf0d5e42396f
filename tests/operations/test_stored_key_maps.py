"""Key maps that machines store in a vault which they share, and bring back from there."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.core.description import KEY_MAP_KIND, encode
from glaciercli.core.parts import SMALLEST_PART_BYTES
from glaciercli.model.uploads import UploadIntent
from glaciercli.operations import key_map_begun
from glaciercli.operations.key_map_archive import StoreReport
from glaciercli.operations.key_map_begun import PREFIX
from glaciercli.operations.key_map_recovery import RecoverReport, RecoverWait
from glaciercli.transfer.files import SourceFile
from tests.torture.histories_world import Disturbance, World
from tests.torture.machines import Machine

VAULT = "docs"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        made = World(tmp_path, 1, stack)
        here = made.machines["here"]
        here.create(VAULT)
        here.upload(VAULT, made.write("here", "one", b"1"), name="one")
        yield made


@pytest.fixture
def here(world: World) -> Machine:
    return world.machines["here"]


def stored(world: World) -> list[str]:
    """Return the names of the key maps that the service has."""
    there = [one.name or "" for one in world.stored() if not one.gone]
    return sorted(name for name in there if name.startswith(PREFIX))


def store(world: World, name: str, *, keep: int | None = None) -> StoreReport:
    world.advance(1)
    return world.machines[name].store_key_map(VAULT, keep=keep)


def recovered(world: World) -> set[str]:
    """Return the names that a machine which knows nothing gets back."""
    machine = world.machines["there"]
    machine.lose()
    world.advance(30)
    for _ in range(20):
        world.advance(10)
        if machine.recover_key_map(VAULT).exit_code == 0:
            names = [one.name or "" for one in machine.archives(VAULT)]
            return {name for name in names if not name.startswith(PREFIX)}
    pytest.fail("it is never recovered")


def begin(world: World) -> None:
    """Leave what is left of a run that was killed before the first part of a large key map."""
    world.advance(1)
    with world.machines["here"].context() as context:
        vault, tag = context.reach(VAULT), context.new_tag()
        name = f"{PREFIX}{context.clock.now():%Y-%m-%dT%H%M%SZ}.jsonl.gz"
        source = SourceFile(key_map_begun.write(context, vault, name)).identity
        intent = UploadIntent(
            name=name,
            source=source,
            part_bytes=SMALLEST_PART_BYTES,
            description=encode(
                name=name, modified_ns=source.modified_ns, tag=tag, kind=KEY_MAP_KIND
            ),
            tag=tag,
        )
        entry = context.key_map.uploads.begin(vault.key, intent, begun_at=context.clock.now())
        upload_id = context.service.initiate_upload(
            VAULT, part_bytes=SMALLEST_PART_BYTES, description=intent.description
        )
        context.key_map.uploads.opened(entry, upload_id)


def uploads_left(world: World) -> list[object]:
    with world.machines["here"].context() as context:
        return [*context.service.list_uploads(VAULT)]


@pytest.mark.parametrize("deed", ["killed before", "killed after"])
def test_the_present_key_map_is_stored_whatever_was_begun_before(
    world: World, here: Machine, deed: str
) -> None:
    # The vault is asked about twice before the key map is sent.
    killed = Disturbance(deed=deed, at=3)
    world.attempt("here", lambda machine: machine.store_key_map(VAULT, keep=None), killed)
    here.rename(f"{VAULT}/one", "uno")
    report = store(world, "here")
    assert (report.exit_code, len(report.uploaded)) == (0, 1)
    assert here.outgoing() == []
    assert recovered(world) == {"uno"}


def test_what_was_begun_in_parts_is_seen_through_and_the_present_key_map_follows(
    world: World, here: Machine
) -> None:
    begin(world)
    here.rename(f"{VAULT}/one", "uno")
    report = store(world, "here")
    assert (report.exit_code, len(report.uploaded)) == (0, 2)
    assert (here.outgoing(), uploads_left(world)) == ([], [])
    assert recovered(world) == {"uno"}


def test_what_was_begun_is_enough_where_nothing_has_changed_since(
    world: World, here: Machine
) -> None:
    begin(world)
    begun = here.outgoing()
    report = store(world, "here")
    assert [one.name.removeprefix(PREFIX) for one in report.uploaded] == begun
    assert (here.outgoing(), uploads_left(world)) == ([], [])
    assert recovered(world) == {"one"}


def test_pruning_keeps_the_present_key_map_whatever_was_begun_before(
    world: World, here: Machine
) -> None:
    store(world, "here")
    begin(world)
    old = stored(world)
    here.rename(f"{VAULT}/one", "uno")
    assert [one.name for one in store(world, "here", keep=1).deleted] == old
    assert recovered(world) == {"uno"}


def test_what_was_stored_and_not_told_is_not_stored_again(world: World, here: Machine) -> None:
    begin(world)
    (file,) = Path(f"{here.key_map}.outgoing").iterdir()
    content = file.read_bytes()
    store(world, "here")
    file.write_bytes(content)
    assert store(world, "here").exit_code == 0
    assert (len(stored(world)), here.outgoing()) == (1, [])


def test_what_is_begun_and_broken_stands_for_nothing(world: World, here: Machine) -> None:
    begin(world)
    store(world, "here")
    with here.context() as context:
        vault = context.reach(VAULT)
        (known,) = stored(world)
        Path(key_map_begun.path(context, vault, known)).write_bytes(b"no export")
    store(world, "here")
    assert (len(stored(world)), here.outgoing()) == (3, [])


def join(world: World, *names: str) -> None:
    """Let the other machine store something by a name that no description tells, and its map."""
    there, file = world.machines["there"], world.write("there", "two", b"2")
    there.upload(VAULT, file, name="plain text")
    for name in names:
        there.rename(f"{VAULT}/plain text", name)
    store(world, "there")


def refresh(world: World, name: str) -> None:
    world.advance(30)
    world.machines[name].refresh(VAULT)


def test_pruning_leaves_alone_what_another_key_map_stored(world: World) -> None:
    store(world, "here")
    own = stored(world)
    join(world, "from there")
    refresh(world, "here")
    report = store(world, "here", keep=1)
    assert [one.name for one in report.deleted] == own
    assert len(stored(world)) == 2


def test_pruning_takes_what_was_merged_for_its_own(world: World, tmp_path: Path) -> None:
    join(world, "from there")
    theirs = stored(world)
    world.machines["there"].export(tmp_path / "theirs.jsonl")
    refresh(world, "here")
    world.machines["here"].merge(tmp_path / "theirs.jsonl")
    assert [one.name for one in store(world, "here", keep=1).deleted] == theirs


def test_pruning_takes_what_was_recovered_for_its_own(world: World) -> None:
    store(world, "here")
    store(world, "here")
    before = stored(world)
    assert recovered(world) == {"one"}
    assert {one.name for one in store(world, "there", keep=1).deleted} == {*before}


def pruned_since_it_was_listed(world: World) -> None:
    """Let the other machine know an inventory that lists nothing but what is deleted by then."""
    store(world, "here")
    refresh(world, "there")
    world.machines["here"].rename(f"{VAULT}/one", "uno")
    store(world, "here", keep=1)


def step(world: World) -> RecoverWait | RecoverReport:
    return world.machines["there"].recover_key_map(VAULT)


def test_one_that_was_pruned_since_it_was_listed_leads_to_a_newer_inventory(world: World) -> None:
    pruned_since_it_was_listed(world)
    world.advance(25)
    asked = step(world)
    assert isinstance(asked, RecoverWait)
    assert asked.waiting_for == "inventory"
    assert step(world) == asked
    world.advance(5)
    step(world)
    world.advance(6)
    assert isinstance(step(world), RecoverReport)
    assert "uno" in {one.name for one in world.machines["there"].archives(VAULT)}


def test_where_there_is_no_newer_inventory_an_older_key_map_is_brought_back(world: World) -> None:
    store(world, "here")
    first = stored(world)
    store(world, "here")
    second = [one for one in stored(world) if one not in first]
    refresh(world, "there")
    world.machines["here"].delete(f"{VAULT}/{second[0]}")
    asked = step(world)
    assert (asked.name, asked.exit_code) == (first[0], 75)


def test_where_all_were_pruned_it_is_said_when_to_come_again(world: World) -> None:
    pruned_since_it_was_listed(world)
    for _ in range(2):
        with pytest.raises(errors.ArchiveNotFound) as said:
            step(world)
        assert re.search(r"next inventory, after about \d+-\d+-\d+ \d+:\d+Z", said.value.hint or "")


def test_the_newest_of_each_machine_is_brought_back(world: World) -> None:
    store(world, "here")
    join(world, "of there")
    world.machines["here"].rename(f"{VAULT}/one", "uno")
    store(world, "here")
    assert recovered(world) == {"uno", "of there"}
    # Those that the two knew of were not needed.
    asked = [archive for archive, *_ in world.jobs()]
    assert len(asked) == len(set(asked)) == 2


def test_a_machine_that_goes_on_takes_in_what_another_stored(world: World) -> None:
    join(world, "of there")
    store(world, "here")
    refresh(world, "here")
    here = world.machines["here"]
    assert here.recover_key_map(VAULT).exit_code == 75
    world.advance(6)
    assert here.recover_key_map(VAULT).exit_code == 0
    assert {"one", "of there"} < {one.name for one in here.archives(VAULT)}


def test_the_present_key_map_is_the_newest_whatever_the_clock_says(world: World) -> None:
    store(world, "here")
    before = stored(world)
    world.clocks["here"].ahead = timedelta(hours=-5)
    world.machines["here"].rename(f"{VAULT}/one", "uno")
    assert [one.name for one in store(world, "here", keep=1).deleted] == before
    assert recovered(world) == {"uno"}
