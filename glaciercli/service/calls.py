"""Calls of one client: repeated as far as each allows, and their answers and errors made ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from glaciercli import errors
from glaciercli.service import answers
from glaciercli.service.retry import Retrier
from glaciercli.service.translate import translated

Result = TypeVar("Result")


class Calls:
    """Carries out calls; used by several threads at once."""

    def __init__(self, retrier: Retrier) -> None:
        self._retrier = retrier

    def repeat(self, call: Callable[[], Result], vault: str | None = None) -> Result:
        """Carry out a call that may be repeated."""
        return self._retrier.repeat(lambda: _asked(call, vault))

    def once(self, call: Callable[[], Result], vault: str | None = None, *, deed: str) -> Result:
        """Carry out a call that must not be carried out twice; see ``Retrier.once``."""
        return self._retrier.once(lambda: _asked(call, vault), deed=deed)

    def pages(
        self,
        ask: Callable[..., answers.Answer],
        member: str,
        read: Callable[[answers.Answer], Result],
        vault: str | None = None,
        **wanted: str,
    ) -> Iterator[Result]:
        """Yield the items of a listing, page after page."""
        if vault is not None:
            wanted["vaultName"] = vault
        marker: str | None = None
        seen: set[str] = set()
        while True:
            more = {**wanted, "marker": marker} if marker else wanted
            items, marker = self.repeat(partial(_page, ask, member, read, more), vault)
            yield from items
            if not marker:
                return
            if marker in seen:
                raise errors.Unreachable("the service's listing runs in a circle")
            seen.add(marker)


@contextmanager
def understood(vault: str | None) -> Iterator[None]:
    """Turn whatever botocore raises inside, or an answer that it cannot read, into our errors."""
    with translated(vault), answers.readable():
        yield


def _asked(call: Callable[[], Result], vault: str | None) -> Result:
    with understood(vault):
        return call()


def _page(
    ask: Callable[..., answers.Answer],
    member: str,
    read: Callable[[answers.Answer], Result],
    wanted: dict[str, str],
) -> tuple[list[Result], str | None]:
    """Return the items of one page, and the marker of the next where there is one."""
    page = ask(**wanted)
    marker = answers.identifier(page, "Marker") if page.get("Marker") else None
    return [read(one) for one in answers.required(page, member)], marker
