"""Jobs that are intended, met, withdrawn and forgotten."""

from dataclasses import replace

import pytest

from glaciercli.keymap.store import KeyMap
from glaciercli.model.jobs import Job, JobAction, JobStatus, Tier
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import HOUR, NOW

JOB = Job(
    job_id="J1",
    action=JobAction.RETRIEVAL,
    status=JobStatus.RUNNING,
    status_message="",
    description="gc1 tag",
    created_at=NOW + HOUR,
    completed_at=None,
    archive_id="ID",
    tier=Tier.BULK,
    size_bytes=9,
    tree_hash=b"t" * 32,
    whole=True,
)


def intend(key_map: KeyMap, vault: KnownVault, tag: str = "tag") -> int:
    return key_map.jobs.intend(
        vault.key, JobAction.RETRIEVAL, archive_id="ID", tier=Tier.BULK, tag=tag, at=NOW
    )


def known_ids(key_map: KeyMap, vault: KnownVault) -> list[str | None]:
    return [one.job_id for one in key_map.jobs.known(vault.key)]


def test_a_job_is_known_from_its_intent_on(key_map: KeyMap, vault: KnownVault) -> None:
    key = intend(key_map, vault)
    (intended,) = key_map.jobs.known(vault.key)
    assert (intended.job_id, intended.tag, intended.tier) == (None, "tag", Tier.BULK)
    assert (intended.status, intended.created_at) == (JobStatus.RUNNING, NOW)
    key_map.jobs.started(key, "J1")
    found = key_map.jobs.find(vault.key, "J1")
    assert found is not None
    assert (found.key, found.job_id) == (key, "J1")


def test_only_an_intent_can_be_withdrawn(key_map: KeyMap, vault: KnownVault) -> None:
    refused, started = intend(key_map, vault, "1"), intend(key_map, vault, "2")
    key_map.jobs.started(started, "J1")
    for key in (refused, started):
        key_map.jobs.withdraw(key)
    assert known_ids(key_map, vault) == ["J1"]


@pytest.mark.parametrize("tag", ["tag", None, "\ud800"])
def test_a_job_from_elsewhere_is_remembered(
    key_map: KeyMap, vault: KnownVault, tag: str | None
) -> None:
    key_map.jobs.meet(vault.key, replace(JOB, status_message="\ud800\n"), tag=tag)
    found = key_map.jobs.find(vault.key, "J1")
    assert found is not None
    assert (found.archive_id, found.size_bytes, found.whole) == ("ID", 9, True)
    assert (found.tree_hash, found.created_at) == (b"t" * 32, NOW + HOUR)


def test_an_intent_whose_answer_was_lost_is_the_job_with_its_tag(
    key_map: KeyMap, vault: KnownVault
) -> None:
    key = intend(key_map, vault)
    other = intend(key_map, vault, "other")
    key_map.jobs.meet(vault.key, JOB, tag="tag")
    found = key_map.jobs.find(vault.key, "J1")
    assert found is not None
    assert (found.key, found.created_at) == (key, JOB.created_at)
    assert {one.key for one in key_map.jobs.known(vault.key)} == {key, other}


def test_meeting_a_job_again_takes_in_how_far_it_is(key_map: KeyMap, vault: KnownVault) -> None:
    key_map.jobs.meet(vault.key, JOB, tag="tag")
    done = replace(JOB, status=JobStatus.SUCCEEDED, completed_at=NOW + 2 * HOUR, size_bytes=10)
    key_map.jobs.meet(vault.key, done, tag=None)
    (found,) = key_map.jobs.known(vault.key)
    assert (found.status, found.completed_at) == (JobStatus.SUCCEEDED, NOW + 2 * HOUR)
    assert (found.size_bytes, found.tag) == (10, "tag")


def test_a_job_that_another_run_met_first_is_one_job(key_map: KeyMap, vault: KnownVault) -> None:
    key = intend(key_map, vault)
    key_map.jobs.meet(vault.key, JOB, tag=None)
    key_map.jobs.started(key, "J1")
    assert [one.key for one in key_map.jobs.known(vault.key)] == [key]
    lost = intend(key_map, vault, "lost")
    key_map.jobs.meet(vault.key, JOB, tag="lost")
    assert [one.key for one in key_map.jobs.known(vault.key)] == [lost]


def test_a_forgotten_job_is_found_and_no_longer_known(key_map: KeyMap, vault: KnownVault) -> None:
    key_map.jobs.meet(vault.key, JOB, tag=None)
    for moment in (NOW, NOW + HOUR):
        key_map.jobs.forget(vault.key, "J1", gone_at=moment)
    assert known_ids(key_map, vault) == []
    found = key_map.jobs.find(vault.key, "J1")
    assert found is not None
    assert found.gone_at == NOW
    key_map.jobs.meet(vault.key, JOB, tag=None)
    assert known_ids(key_map, vault) == ["J1"]


def test_the_newest_job_comes_first(key_map: KeyMap, vault: KnownVault) -> None:
    for number, age in ((1, 3), (2, 1), (3, 2)):
        one = replace(JOB, job_id=f"J{number}", created_at=NOW - age * HOUR)
        key_map.jobs.meet(vault.key, one, tag=None)
    assert known_ids(key_map, vault) == ["J2", "J3", "J1"]
