"""Everything that two machines may do with two vaults, in any order, disturbed at any request.

After each step nothing may be lost, nothing deleted may be back, nothing be stored or paid for
twice; at the end key maps and vaults must agree.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.torture.histories_copies import CARE
from tests.torture.histories_life import CONTENTS, NAMES, Life
from tests.torture.histories_watched import VAULTS
from tests.torture.histories_world import DEEDS, MACHINES, Disturbance

_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there

a_machine = st.sampled_from(MACHINES)
a_vault = st.sampled_from(VAULTS)
a_name = st.sampled_from(NAMES)
a_content = st.sampled_from(range(len(CONTENTS)))
rarely = st.sampled_from((False,) * 7 + (True,))
a_form = st.sampled_from(("whole", "some", "torn"))
#: Most runs make a few requests, the first of which looks at the vault.
a_request = st.sampled_from((1, 2, 2, 2, 3, 3, 4, 5))
a_disturbance = st.none() | st.builds(Disturbance, deed=st.sampled_from(DEEDS), at=a_request)
#: What happens beside a run: by the other machine, or by this one, on the same key map.
_BESIDE = ("upload", "delete", "retrieve", "upload here", "delete here", "sync here")

#: Those of a line that is repeated, as one does that was cut off.
disturbances = st.lists(a_disturbance, min_size=1, max_size=3)

#: Those of a line that is repeated over days: it has to wait for the service, again and again.
patient = st.lists(a_disturbance, min_size=1, max_size=1) | st.lists(
    st.none() | st.none() | a_disturbance, min_size=4, max_size=6
)

#: More than a job takes; four of them bring an inventory.
_BETWEEN_HOURS = 8


class Histories(RuleBasedStateMachine):
    """One history."""

    def __init__(self) -> None:
        super().__init__()
        self._closing = ExitStack()
        fast = _FAST if _FAST.is_dir() else None
        place = self._closing.enter_context(tempfile.TemporaryDirectory(dir=fast))
        self.life = Life(Path(place), self._closing)

    @initialize()
    def begin(self) -> None:
        for vault in VAULTS:
            for name in MACHINES:
                self.life.make_vault(name, vault, None, removed=False)

    @rule(name=a_machine, vault=a_vault, removed=rarely, how=a_disturbance)
    def make_vault(self, name: str, vault: str, *, removed: bool, how: Disturbance | None) -> None:
        self.life.make_vault(name, vault, how, removed=removed)

    @rule(name=a_machine, vault=a_vault, really=rarely, hows=patient)
    def remove_with_archives(
        self, name: str, vault: str, *, really: bool, hows: list[Disturbance | None]
    ) -> None:
        # It takes all that is there: most histories are to have something.
        if really:
            self._see_through(hows, lambda how: self.life.remove_with_archives(name, vault, how))

    # Archives

    @rule(
        name=a_machine,
        vault=a_vault,
        path=a_name,
        number=a_content,
        piped=rarely,
        hows=disturbances,
    )
    def upload(
        self,
        name: str,
        vault: str,
        path: str,
        number: int,
        *,
        piped: bool,
        hows: list[Disturbance | None],
    ) -> None:
        for how in hows:
            self.life.upload(name, vault, path, CONTENTS[number], how, piped=piped)

    @rule(name=a_machine, vault=a_vault, path=a_name, every=st.booleans(), hows=disturbances)
    def delete(
        self, name: str, vault: str, path: str, *, every: bool, hows: list[Disturbance | None]
    ) -> None:
        for how in hows:
            self.life.delete(name, vault, path, how, every=every)

    @rule(name=a_machine, vault=a_vault, path=a_name, to=a_name)
    def rename(self, name: str, vault: str, path: str, to: str) -> None:
        self.life.rename(name, vault, path, to)

    @rule(name=a_machine, vault=a_vault, hows=patient)
    def retrieve(self, name: str, vault: str, hows: list[Disturbance | None]) -> None:
        self._see_through(hows, lambda how: self.life.retrieve(name, vault, how))

    @rule(name=a_machine, path=a_name, number=st.none() | a_content)
    def edit(self, name: str, path: str, number: int | None) -> None:
        self.life.edit(name, path, None if number is None else CONTENTS[number])

    @rule(name=a_machine, path=a_name, to=a_name, symbolic=st.booleans())
    def link(self, name: str, path: str, to: str, *, symbolic: bool) -> None:
        self.life.link(name, path, to, symbolic=symbolic)

    @rule(name=a_machine, vault=a_vault, delete=st.booleans(), hows=disturbances)
    def sync(self, name: str, vault: str, *, delete: bool, hows: list[Disturbance | None]) -> None:
        for how in hows:
            self.life.sync(name, vault, how, delete=delete)

    # Two at once

    @rule(
        name=a_machine,
        vault=a_vault,
        path=a_name,
        number=a_content,
        at=st.integers(1, 4),
        other=st.sampled_from((*_BESIDE, "refresh", "sync")),
    )
    def upload_beside(
        self, name: str, vault: str, path: str, number: int, at: int, other: str
    ) -> None:
        with self.life.beside(name, vault, path, at=at, other=other):
            self.life.upload(name, vault, path, CONTENTS[number], None)

    @rule(
        name=a_machine,
        vault=a_vault,
        path=a_name,
        at=st.integers(1, 4),
        other=st.sampled_from(_BESIDE),
    )
    def refresh_beside(self, name: str, vault: str, path: str, at: int, other: str) -> None:
        with self.life.beside(name, vault, path, at=at, other=other):
            self.life.refresh(name, vault, None)

    # Inventories

    @rule(name=a_machine, vault=a_vault, hours=st.sampled_from((0, 5, 24)), how=a_disturbance)
    def refresh(self, name: str, vault: str, hours: int, how: Disturbance | None) -> None:
        self.life.world.advance(hours)
        self.life.refresh(name, vault, how)

    @rule(name=a_machine, vault=a_vault, age=st.integers(0, 2), form=a_form)
    def take_in_a_saved_one(self, name: str, vault: str, age: int, form: str) -> None:
        self.life.keep_inventory(vault)
        self.life.import_inventory(name, vault, age, form=form)

    # Time

    @rule(hours=st.sampled_from((1, 5, 24, 80)), name=a_machine, ahead=st.integers(-20, 20))
    def wait(self, hours: int, name: str, ahead: int) -> None:
        self.life.wait(hours, name, ahead)

    # Key maps

    @rule(name=a_machine, what=st.sampled_from(CARE), lines=st.booleans())
    def care(self, name: str, what: str, *, lines: bool) -> None:
        self.life.care(name, what, lines=lines)

    @rule(name=a_machine, vault=a_vault, keep=st.sampled_from((None, 1)), hows=disturbances)
    def store_key_map(
        self, name: str, vault: str, keep: int | None, hows: list[Disturbance | None]
    ) -> None:
        for how in hows:
            self.life.store_key_map(name, vault, how, keep=keep)

    @rule(name=a_machine, vault=a_vault, hows=patient)
    def recover_key_map(self, name: str, vault: str, hows: list[Disturbance | None]) -> None:
        self._see_through(hows, lambda how: self.life.recover_key_map(name, vault, how))

    def _see_through(
        self, hows: list[Disturbance | None], step: Callable[[Disturbance | None], None]
    ) -> None:
        """Repeat a line over hours or days, each time disturbed in another way."""
        for how in hows:
            step(how)
            if len(hows) > 1:
                self.life.world.advance(_BETWEEN_HOURS)

    def teardown(self) -> None:
        with self._closing:
            self.life.come_to_agreement()
