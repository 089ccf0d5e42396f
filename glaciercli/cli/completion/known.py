"""Vaults, names and jobs straight from the key map, and stores: never from the network."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from typing import NoReturn

from glaciercli import errors
from glaciercli.cli.clock import SystemClock
from glaciercli.config import choosing
from glaciercli.config.environment import process_environment
from glaciercli.core.text import printable
from glaciercli.keymap.store import KeyMapReader, open_reader
from glaciercli.model.vaults import StoreIdentity

#: More candidates than this help nobody.
_MOST = 200


def references(settings: Mapping[str, str], typed: str, *, names: bool) -> list[str]:
    """Return what a reference may go on with; whatever fails completes nothing."""
    store, colon, rest = typed.rpartition(":")
    if colon and "/" not in store and store != "id":
        given = {**settings, "store": store}
        return [f"{store}:{one}" for one in references(given, rest, names=names)]
    try:
        with _opened(settings) as (key_map, store_identity):
            vault, slash, name = typed.partition("/")
            if not slash:
                return list(_vaults(key_map, store_identity, vault, names=names))
            return _names(key_map, store_identity, vault, name) if names else []
    except errors.GlacierCliError:
        return []


def jobs(settings: Mapping[str, str], vault: str, typed: str) -> list[str]:
    """Return the jobs of a vault whose IDs begin so, newest first."""
    from glaciercli.core.refs import parse_ref

    try:
        ref = parse_ref(vault)
        given = settings if ref.store is None else {**settings, "store": ref.store}
        with _opened(given) as (key_map, store):
            found = (
                job.job_id
                for known in key_map.vaults.in_store(store, name=ref.vault)
                for job in key_map.jobs.known(known.key)
                if job.job_id is not None and job.job_id.startswith(typed)
            )
            return list(islice(found, _MOST))
    except errors.GlacierCliError:
        return []


def stores(settings: Mapping[str, str], typed: str) -> list[str]:
    """Return the stores whose names begin so."""
    try:
        there = choosing.stores(settings, process_environment())
    except errors.GlacierCliError:
        return []
    return [one for one in there if one.startswith(typed)]


@contextmanager
def _opened(flags: Mapping[str, str]) -> Iterator[tuple[KeyMapReader, StoreIdentity]]:
    """Open the key map, and tell which store the line is about."""
    settings = choosing.load(flags, process_environment())
    chosen = settings.store
    store = StoreIdentity(endpoint=chosen.endpoint, region=chosen.region, account=chosen.account)
    opened = open_reader(
        settings.key_map, now=SystemClock().now(), before_migration=_refuse_migration
    )
    with closing(opened) as key_map:
        yield key_map, store


def _refuse_migration() -> NoReturn:
    # Nobody expects a key of the keyboard to change a file, and to take a snapshot first.
    raise errors.KeyMapReadOnly("completion changes no key map")


def _vaults(
    key_map: KeyMapReader, store: StoreIdentity, typed: str, *, names: bool
) -> Iterator[str]:
    for vault in key_map.vaults.in_store(store):
        if vault.name.startswith(typed):
            yield f"{vault.name}/" if names else vault.name


def _names(key_map: KeyMapReader, store: StoreIdentity, vault_name: str, typed: str) -> list[str]:
    """Return the next steps of names as references, which say where one may look like a glob."""
    from glaciercli.core.refs import NAME, Ref, RefKind

    begun = typed.removeprefix(NAME)
    steps = list(_steps(key_map, store, vault_name, begun))
    if begun != typed:
        return [f"{vault_name}/{NAME}{one}" for one in steps]
    kind = RefKind.NAME
    refs = [str(Ref(store=None, vault=vault_name, kind=kind, selector=one)) for one in steps]
    # A shell would take back what was typed for those that go on in another way.
    return [one for one in refs if one.startswith(f"{vault_name}/{typed}")] or refs


def _steps(
    key_map: KeyMapReader, store: StoreIdentity, vault_name: str, typed: str
) -> Iterator[str]:
    """Yield the next steps of names: up to the next slash, each once."""
    if not vault_name.isascii():
        # No vault is called so, and not each such text can be looked up.
        return
    for vault in key_map.vaults.in_store(store, name=vault_name):
        for step in key_map.names.steps(vault, prefix=typed, most=_MOST):
            if printable(step) == step:
                yield step
