"""What a shell may complete: vaults and names, straight from the key map."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from glaciercli import config, errors
from glaciercli.cli.clock import SystemClock
from glaciercli.core.refs import is_vault_name
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
        settings = config.load(flags, config.process_environment())
        with closing(open_reader(settings.key_map, now=SystemClock().now())) as key_map:
            chosen = settings.store
            store = StoreIdentity(
                endpoint=chosen.endpoint, region=chosen.region, account=chosen.account
            )
            vault, slash, typed = incomplete.partition("/")
            if not slash:
                return list(_vaults(key_map, store, vault, names=names))
            return list(_names(key_map, store, vault, typed)) if names else []
    except errors.GlacierCliError:
        return []


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
