"""What a shell may complete: vaults, names and jobs straight from the key map, and stores."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

from glaciercli import errors
from glaciercli.cli.clock import SystemClock
from glaciercli.config.choosing import load, stores
from glaciercli.config.environment import process_environment
from glaciercli.core.refs import Ref, is_vault_name
from glaciercli.core.text import printable
from glaciercli.keymap.store import KeyMapReader, open_reader
from glaciercli.model.vaults import StoreIdentity

#: More candidates than this help nobody.
_MOST = 200


def complete_ref(flags: dict[str, Any], incomplete: str, *, names: bool) -> list[str]:
    """Return what a reference may go on with; whatever fails completes nothing."""
    named, colon, rest = incomplete.rpartition(":")
    if colon and "/" not in named and named != "id":
        given = {**flags, "store": named}
        return [f"{named}:{one}" for one in complete_ref(given, rest, names=names)]
    try:
        with _opened(flags) as (key_map, store):
            vault, slash, typed = incomplete.partition("/")
            if not slash:
                return list(_vaults(key_map, store, vault, names=names))
            return list(_names(key_map, store, vault, typed)) if names else []
    except errors.GlacierCliError:
        return []


def complete_job(flags: dict[str, Any], vault: Ref, incomplete: str) -> list[str]:
    """Return the jobs of a vault whose IDs begin so, newest first."""
    given = flags if vault.store is None else {**flags, "store": vault.store}
    try:
        with _opened(given) as (key_map, store):
            found = (
                job.job_id
                for known in key_map.vaults.in_store(store, name=vault.vault)
                for job in key_map.jobs.known(known.key)
                if job.job_id is not None and job.job_id.startswith(incomplete)
            )
            return list(islice(found, _MOST))
    except errors.GlacierCliError:
        return []


def complete_store(flags: dict[str, Any], incomplete: str) -> list[str]:
    """Return the stores whose names begin so."""
    try:
        there = stores(flags, process_environment())
    except errors.GlacierCliError:
        return []
    return [one for one in there if one.startswith(incomplete)]


@contextmanager
def _opened(flags: dict[str, Any]) -> Iterator[tuple[KeyMapReader, StoreIdentity]]:
    """Open the key map, and tell which store the line is about."""
    settings = load(flags, process_environment())
    chosen = settings.store
    store = StoreIdentity(endpoint=chosen.endpoint, region=chosen.region, account=chosen.account)
    with closing(open_reader(settings.key_map, now=SystemClock().now())) as key_map:
        yield key_map, store


def _vaults(
    key_map: KeyMapReader, store: StoreIdentity, typed: str, *, names: bool
) -> Iterator[str]:
    for vault in key_map.vaults.in_store(store):
        if vault.name.startswith(typed):
            yield f"{vault.name}/" if names else vault.name


def _names(
    key_map: KeyMapReader, store: StoreIdentity, vault_name: str, typed: str
) -> Iterator[str]:
    """Yield the next steps of names: up to the next slash, each once."""
    if not is_vault_name(vault_name):
        return
    for vault in key_map.vaults.in_store(store, name=vault_name):
        for step in key_map.archives.steps(vault, prefix=typed, most=_MOST):
            if printable(step) == step:
                yield f"{vault_name}/{step}"
