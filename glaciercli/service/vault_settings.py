"""The settings of vaults and of the account, through boto3."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from glaciercli import errors
from glaciercli.core.times import parse_time
from glaciercli.model.vault_settings import (
    CapacityUnit,
    JobEvent,
    LockState,
    Notifications,
    RetrievalPolicy,
    RetrievalStrategy,
    VaultLock,
)
from glaciercli.service import answers
from glaciercli.service.calls import Calls

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glacier.type_defs import DataRetrievalRuleTypeDef

Result = TypeVar("Result")

#: How many tags one call may name: AddTagsToVault in the Amazon Glacier API reference.
_TAGS_IN_CALL = 10


class GlacierSettings:
    """A ``SettingsService`` over one boto3 client."""

    def __init__(self, client: "GlacierClient", calls: Calls) -> None:
        self._client = client
        self._calls = calls

    # Tags

    def tags(self, vault: str) -> Mapping[str, str]:
        """Return the tags of a vault."""

        def ask() -> Mapping[str, str]:
            answer: answers.Answer = self._client.list_tags_for_vault(vaultName=vault)
            return dict(answers.required(answer, "Tags"))

        return self._calls.repeat(ask, vault)

    def set_tags(self, vault: str, tags: Mapping[str, str]) -> None:
        """Add tags to a vault, in place of those with the same keys."""
        for keys in _in_calls(list(tags)):
            chosen = {key: tags[key] for key in keys}
            self._tell(partial(self._client.add_tags_to_vault, vaultName=vault, Tags=chosen), vault)

    def unset_tags(self, vault: str, keys: Sequence[str]) -> None:
        """Take tags off a vault; those that it has not are no error."""
        for chosen in _in_calls(keys):
            self._tell(
                partial(self._client.remove_tags_from_vault, vaultName=vault, TagKeys=chosen), vault
            )

    # Access policy

    def access_policy(self, vault: str) -> str | None:
        """Return the access policy of a vault, as JSON."""

        def ask() -> str:
            answer: answers.Answer = self._client.get_vault_access_policy(vaultName=vault)
            return str(answers.required(answers.required(answer, "policy"), "Policy"))

        return self._unless_absent(ask, vault)

    def set_access_policy(self, vault: str, policy: str) -> None:
        """Give a vault an access policy, in place of another."""
        self._tell(
            lambda: self._client.set_vault_access_policy(
                vaultName=vault, policy={"Policy": policy}
            ),
            vault,
        )

    def remove_access_policy(self, vault: str) -> None:
        """Take the access policy off a vault."""
        self._tell(lambda: self._client.delete_vault_access_policy(vaultName=vault), vault)

    # Lock

    def lock(self, vault: str) -> VaultLock | None:
        """Return the lock of a vault."""
        return self._unless_absent(
            lambda: _lock(self._client.get_vault_lock(vaultName=vault)), vault
        )

    def start_lock(self, vault: str, policy: str) -> str:
        """Put a lock policy in force for a day and return the ID that completes the lock."""

        def send() -> str:
            answer: answers.Answer = self._client.initiate_vault_lock(
                vaultName=vault, policy={"Policy": policy}
            )
            return answers.identifier(answer, "lockId")

        return self._calls.once(send, vault, deed="the lock was started")

    def complete_lock(self, vault: str, lock_id: str) -> None:
        """Make a lock in progress final."""
        try:
            self._tell(
                lambda: self._client.complete_vault_lock(vaultName=vault, lockId=lock_id), vault
            )
        except errors.InvalidRequest as error:
            raise errors.InvalidRequest(
                f'"{lock_id}" is not the ID of the lock of vault "{vault}"',
                hint=f"`vault lock start` printed it; without it: glaciercli vault lock abort "
                f"{vault}, and start again",
            ) from error
        except errors.RemoteNotFound as error:
            raise errors.RefusedByService(
                f'vault "{vault}" has no lock in progress: it has expired, or was aborted',
                hint=f"glaciercli vault lock start {vault} begins a new one",
            ) from error

    def abort_lock(self, vault: str) -> None:
        """Take a lock in progress back."""
        self._tell(lambda: self._client.abort_vault_lock(vaultName=vault), vault)

    # Notifications

    def notifications(self, vault: str) -> Notifications | None:
        """Return which topic hears of a vault's jobs."""
        return self._unless_absent(
            lambda: _notifications(self._client.get_vault_notifications(vaultName=vault)), vault
        )

    def set_notifications(self, vault: str, wanted: Notifications) -> None:
        """Let a topic hear of a vault's jobs, in place of another."""
        events = [event.value for event in wanted.events]
        self._tell(
            lambda: self._client.set_vault_notifications(
                vaultName=vault,
                vaultNotificationConfig={"SNSTopic": wanted.topic, "Events": events},
            ),
            vault,
        )

    def remove_notifications(self, vault: str) -> None:
        """Let no topic hear of a vault's jobs."""
        self._tell(lambda: self._client.delete_vault_notifications(vaultName=vault), vault)

    # Account

    def retrieval_policy(self) -> RetrievalPolicy:
        """Return how the account limits its retrievals."""
        return self._calls.repeat(
            lambda: _retrieval_policy(self._client.get_data_retrieval_policy())
        )

    def set_retrieval_policy(self, wanted: RetrievalPolicy) -> None:
        """Limit the account's retrievals."""
        rule: DataRetrievalRuleTypeDef = {"Strategy": wanted.strategy.value}
        if wanted.bytes_per_hour is not None:
            rule["BytesPerHour"] = wanted.bytes_per_hour
        self._tell(lambda: self._client.set_data_retrieval_policy(Policy={"Rules": [rule]}))

    def capacity(self) -> Sequence[CapacityUnit]:
        """Return the units of provisioned capacity that have not expired."""

        def ask() -> list[CapacityUnit]:
            answer: answers.Answer = self._client.list_provisioned_capacity()
            return [_unit(one) for one in answers.required(answer, "ProvisionedCapacityList")]

        return self._calls.repeat(ask)

    def buy_capacity(self) -> str:
        """Buy a unit of provisioned capacity and return its ID."""

        def send() -> str:
            answer: answers.Answer = self._client.purchase_provisioned_capacity()
            return answers.identifier(answer, "capacityId")

        return self._calls.once(send, deed="the unit was bought")

    def _tell(self, send: Callable[[], object], vault: str | None = None) -> None:
        self._calls.repeat(send, vault)

    def _unless_absent(self, ask: Callable[[], Result], vault: str) -> Result | None:
        """Return what is asked for, ``None`` where it is not set; raise ``VaultNotFound``."""
        try:
            return self._calls.repeat(ask, vault)
        except errors.RemoteNotFound:
            return None


def _in_calls(keys: Sequence[str]) -> list[Sequence[str]]:
    """Return keys in as many pieces as it takes calls."""
    return [keys[at : at + _TAGS_IN_CALL] for at in range(0, len(keys), _TAGS_IN_CALL)]


def _lock(answer: answers.Answer) -> VaultLock:
    expires = answer.get("ExpirationDate")
    return VaultLock(
        policy=str(answers.required(answer, "Policy")),
        state=LockState(answers.required(answer, "State")),
        created_at=parse_time(answers.required(answer, "CreationDate")),
        expires_at=None if expires is None else parse_time(expires),
    )


def _notifications(answer: answers.Answer) -> Notifications:
    found: answers.Answer = answers.required(answer, "vaultNotificationConfig")
    return Notifications(
        topic=str(answers.required(found, "SNSTopic")),
        events=tuple(JobEvent(one) for one in answers.required(found, "Events")),
    )


def _retrieval_policy(answer: answers.Answer) -> RetrievalPolicy:
    (rule,) = answers.required(answers.required(answer, "Policy"), "Rules")
    return RetrievalPolicy(
        strategy=RetrievalStrategy(answers.required(rule, "Strategy")),
        bytes_per_hour=rule.get("BytesPerHour"),
    )


def _unit(answer: answers.Answer) -> CapacityUnit:
    return CapacityUnit(
        capacity_id=answers.identifier(answer, "CapacityId"),
        started_at=parse_time(answers.required(answer, "StartDate")),
        expires_at=parse_time(answers.required(answer, "ExpirationDate")),
    )
