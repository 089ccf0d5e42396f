"""What every ``SettingsService`` and every ``Examiner`` has to do, whatever stands behind it."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from glaciercli import errors
from glaciercli.model.diagnosis import Verdict
from glaciercli.model.vault_settings import (
    JobEvent,
    LockState,
    Notifications,
    RetrievalPolicy,
    RetrievalStrategy,
)
from glaciercli.ports import ArchiveService, SettingsService
from tests.service.contract import NOBODY, Store

TOPIC = "arn:aws:sns:us-east-1:123456789012:glacier-jobs"
DAY = timedelta(days=1)


def denying(action: str) -> str:
    rule = {"Effect": "Deny", "Principal": "*", "Action": f"glacier:{action}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


class SettingsServiceContract:
    """The tests; each has a vault of its own."""

    @pytest.fixture
    def settings(self, store: Store) -> SettingsService:
        return store.service.settings

    def test_more_tags_than_one_call_takes_are_set_and_unset(
        self, settings: SettingsService, vault: str
    ) -> None:
        tags = {f"key {number}": "" for number in range(25)}
        settings.set_tags(vault, tags)
        settings.set_tags(vault, {"key 1": "new"})
        assert settings.tags(vault) == {**tags, "key 1": "new"}
        settings.unset_tags(vault, [*tags, "never there"])
        assert settings.tags(vault) == {}

    def test_what_is_not_set_is_none(self, settings: SettingsService, vault: str) -> None:
        assert settings.access_policy(vault) is None
        assert settings.lock(vault) is None
        assert settings.notifications(vault) is None
        settings.remove_access_policy(vault)
        settings.remove_notifications(vault)
        settings.abort_lock(vault)

    @pytest.mark.parametrize(
        "ask",
        [
            lambda one: one.tags(NOBODY),
            lambda one: one.set_tags(NOBODY, {"a": "b"}),
            lambda one: one.access_policy(NOBODY),
            lambda one: one.set_access_policy(NOBODY, denying("DeleteArchive")),
            lambda one: one.lock(NOBODY),
            lambda one: one.start_lock(NOBODY, denying("DeleteArchive")),
            lambda one: one.complete_lock(NOBODY, "x" * 24),
            lambda one: one.notifications(NOBODY),
        ],
    )
    def test_an_unknown_vault_is_told(
        self, settings: SettingsService, ask: Callable[[SettingsService], object]
    ) -> None:
        with pytest.raises(errors.VaultNotFound):
            ask(settings)

    def test_a_policy_comes_back_as_it_was_set(self, settings: SettingsService, vault: str) -> None:
        settings.set_access_policy(vault, denying("UploadArchive"))
        settings.set_access_policy(vault, denying("DeleteArchive"))
        assert settings.access_policy(vault) == denying("DeleteArchive")
        settings.remove_access_policy(vault)
        assert settings.access_policy(vault) is None
        with pytest.raises(errors.InvalidRequest):
            settings.set_access_policy(vault, "{}")

    def test_a_lock_goes_its_way(self, settings: SettingsService, vault: str) -> None:
        lock_id = settings.start_lock(vault, denying("DeleteArchive"))
        lock = settings.lock(vault)
        assert lock is not None
        assert lock.state is LockState.IN_PROGRESS
        assert lock.expires_at == lock.created_at + DAY
        with pytest.raises(errors.CredentialsRefused):
            settings.start_lock(vault, denying("DeleteArchive"))
        with pytest.raises(errors.InvalidRequest, match="is not the ID"):
            settings.complete_lock(vault, "x" * 24)
        settings.complete_lock(vault, lock_id)
        settings.complete_lock(vault, lock_id)
        locked = settings.lock(vault)
        assert locked is not None
        assert (locked.state, locked.expires_at) == (LockState.LOCKED, None)
        with pytest.raises(errors.CredentialsRefused):
            settings.abort_lock(vault)

    def test_a_lock_that_expired_is_told(
        self, store: Store, settings: SettingsService, vault: str
    ) -> None:
        lock_id = settings.start_lock(vault, denying("DeleteArchive"))
        store.clock.advance(DAY)
        assert settings.lock(vault) is None
        with pytest.raises(errors.RefusedByService, match="has expired"):
            settings.complete_lock(vault, lock_id)
        settings.start_lock(vault, denying("DeleteArchive"))

    def test_notifications_come_back_as_they_were_set(
        self, settings: SettingsService, vault: str
    ) -> None:
        wanted = Notifications(topic=TOPIC, events=(JobEvent.INVENTORY,))
        settings.set_notifications(vault, wanted)
        assert settings.notifications(vault) == wanted
        settings.remove_notifications(vault)
        assert settings.notifications(vault) is None

    def test_the_retrieval_policy_comes_back_as_it_was_set(self, settings: SettingsService) -> None:
        limited = RetrievalPolicy(strategy=RetrievalStrategy.BYTES_PER_HOUR, bytes_per_hour=2**62)
        unlimited = RetrievalPolicy(strategy=RetrievalStrategy.UNLIMITED)
        for wanted in (limited, unlimited):
            settings.set_retrieval_policy(wanted)
            assert settings.retrieval_policy() == wanted

    def test_capacity_is_bought_until_there_may_be_no_more(
        self, store: Store, settings: SettingsService
    ) -> None:
        store.clock.advance(40 * DAY)
        bought = {settings.buy_capacity(), settings.buy_capacity()}
        units = settings.capacity()
        assert {one.capacity_id for one in units} == bought
        assert all(28 * DAY <= one.expires_at - one.started_at <= 31 * DAY for one in units)
        with pytest.raises(errors.RefusedByService):
            settings.buy_capacity()

    def test_what_is_denied_is_told_from_what_is_allowed_without_doing_it(
        self, service: ArchiveService, settings: SettingsService, vault: str
    ) -> None:
        settings.set_access_policy(vault, denying("DeleteArchive"))
        examiner = service.examiner
        assert examiner.attempt("DeleteArchive", vault) is Verdict.DENIED
        assert examiner.attempt("ListJobs", vault) is Verdict.ALLOWED
        assert examiner.attempt("InitiateJob", vault) is Verdict.ALLOWED
        assert examiner.attempt("UploadArchive", vault) is Verdict.NOT_TRIED
        assert examiner.attempt("ListJobs", None) is Verdict.NOT_TRIED
        assert list(service.list_jobs(vault)) == []

    def test_a_short_question_brings_the_time_of_the_service(
        self, store: Store, service: ArchiveService
    ) -> None:
        found = service.examiner.contact()
        assert (found.problem, found.region) == (None, "us-east-1")
        assert found.served_at is not None
        assert abs(found.served_at - store.clock.now()) <= timedelta(seconds=1)
        caller = service.examiner.caller()
        assert (len(caller.key_end), caller.source, caller.arn) == (4, "explicit", None)
