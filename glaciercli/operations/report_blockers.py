"""What stands in the way of moving a vault, each with what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.core.policies import statements
from glaciercli.model.breakdowns import Oddities
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context

#: What asking about the lock may end with; the report is made all the same.
_UNTOLD = (
    errors.BadUsage,
    errors.CredentialsRefused,
    errors.InvalidRequest,
    errors.RefusedByService,
    errors.Unreachable,
    errors.VaultNotFound,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Something that a move has to mind, or cannot get past."""

    kind: str
    #: How many archives it is about; ``None`` where it is about the vault.
    archives: int | None
    says: str
    hint: str


def blockers(
    context: Context, vault: KnownVault, oddities: Oddities, *, unmeasured: int, missing: int
) -> list[Blocker]:
    """Return what is known to stand in the way of moving a vault, or may."""
    counted = [
        *_of_names(vault.name, oddities),
        *_of_sizes(vault.name, oddities, unmeasured=unmeasured),
        *_of_states(vault.name, missing),
    ]
    return [*_of_policies(context, vault), *(one for one in counted if one.archives)]


def _of_policies(context: Context, vault: KnownVault) -> Iterator[Blocker]:
    try:
        settings = context.service.settings
        lock = settings.lock(vault.name)
        policy = settings.access_policy(vault.name)
    except _UNTOLD as error:
        yield Blocker(
            kind="not-looked-at",
            archives=None,
            says=f"whether a lock or a policy forbids anything is not known: {error.message}",
            hint="run the same line where the service can be asked",
        )
        return
    if lock is not None:
        yield Blocker(
            kind="lock",
            archives=None,
            says=f"the vault has a lock ({lock.state.value}): archives can be copied, and perhaps "
            "not be deleted",
            hint=f"glaciercli vault lock show {vault.name}",
        )
    if policy is not None and any(one.denies for one in statements(policy)):
        yield Blocker(
            kind="policy",
            archives=None,
            says="the access policy of the vault denies something",
            hint=f"glaciercli vault policy show {vault.name}",
        )


def _of_names(vault: str, oddities: Oddities) -> Iterator[Blocker]:
    yield Blocker(
        kind="unnamed",
        archives=oddities.unnamed,
        says="without a name, and would be objects called by their archive IDs",
        hint=f"glaciercli keymap name-from DIR {vault} names those that files of yours match",
    )
    yield Blocker(
        kind="versions",
        archives=oddities.further_versions,
        says="further versions of a name: as objects, each would replace the one before",
        hint=f"glaciercli list {vault} --all-versions shows them",
    )
    yield Blocker(
        kind="long-names",
        archives=oddities.long_names,
        says="with a name of more than the 1,024 bytes of a key of S3",
        hint="glaciercli rename gives them shorter ones",
    )


def _of_sizes(vault: str, oddities: Oddities, *, unmeasured: int) -> Iterator[Blocker]:
    yield Blocker(
        kind="too-large-for-one-put",
        archives=oddities.large,
        says="larger than 5 GiB, the most that one PUT of S3 takes",
        hint="such an object goes up in parts",
    )
    yield Blocker(
        kind="too-large-for-an-object",
        archives=oddities.huge,
        says="larger than 5 TiB, which Amazon's own transfer and many tools leave out",
        hint="bring it here, and store it in pieces",
    )
    yield Blocker(
        kind="unmeasured",
        archives=unmeasured,
        says="of a size that nobody told, counted as empty in every figure",
        hint=f"glaciercli inventory refresh {vault}",
    )


def _of_states(vault: str, missing: int) -> Iterator[Blocker]:
    yield Blocker(
        kind="missing",
        archives=missing,
        says="missing: no inventory lists what should be there; in no figure",
        hint=f"glaciercli inventory show {vault}",
    )
