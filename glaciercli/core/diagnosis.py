"""How bad something is, and what to do about it: facts in, findings out."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from glaciercli.core.permissions import commands_with
from glaciercli.core.sizes import format_size
from glaciercli.model.diagnosis import Caller, Contact, Finding, Status, Verdict

#: AWS refuses requests that are off by more than 5 minutes ("Signature Version 4"): beyond a tenth
#: of it a clock drifts.
_CLOCK_REFUSED = timedelta(minutes=5)
_CLOCK_DRIFTS = timedelta(seconds=30)

#: With less free space a download or a key map's copy may fail, and with much less anything may.
_LITTLE_BYTES = 1024**3
_HARDLY_ANY_BYTES = 100 * 1024**2

#: A vault whose last own inventory is older than the service's by that much is behind.
_STALE = timedelta(days=3)

_SOON = timedelta(hours=6)

#: Multipart uploads live for a day without activity: one that is older is nobody's any more.
_ABANDONED = timedelta(days=1)


def contact(found: Contact, *, now: datetime) -> Iterator[Finding]:
    """Yield whether the service answers, and whether the clocks agree."""
    if found.problem is None:
        message = f"{found.endpoint} answers, region {found.region}"
        yield Finding(check="service", status=Status.OK, message=message)
    else:
        yield Finding(
            check="service",
            status=Status.PROBLEM,
            message=f"{found.endpoint}, region {found.region}: {found.problem}",
            advice=found.hint,
        )
    if found.served_at is not None:
        yield clock(now - found.served_at)


def clock(ahead: timedelta) -> Finding:
    """Return what it means that this machine's clock is ahead of the service's."""
    off = abs(ahead)
    which = "ahead of" if ahead > timedelta(0) else "behind"
    seconds = round(off / timedelta(seconds=1))
    if off <= _CLOCK_DRIFTS:
        return Finding(check="clock", status=Status.OK, message="the clock is right")
    return Finding(
        check="clock",
        status=Status.PROBLEM if off >= _CLOCK_REFUSED else Status.WARNING,
        message=f"the clock of this machine is {seconds:,} s {which} that of the service",
        advice="set it, for example `timedatectl set-ntp true`: "
        "the service refuses requests that are off by 5 minutes",
    )


def caller(found: Caller) -> Finding:
    """Return whose credentials are used."""
    who = found.arn or "nobody could be asked who that is"
    key = f"access key ...{found.key_end} from {found.source}"
    return Finding(check="credentials", status=Status.OK, message=f"{key}: {who}")


def disk(place: str, free_bytes: int) -> Finding:
    """Return whether there is room on a disk."""
    free = format_size(free_bytes)
    if free_bytes >= _LITTLE_BYTES:
        return Finding(check="disk", status=Status.OK, message=f"{free} free below {place}")
    return Finding(
        check="disk",
        status=Status.PROBLEM if free_bytes < _HARDLY_ANY_BYTES else Status.WARNING,
        message=f"only {free} free below {place}",
        advice="make room there, or put the key map elsewhere with --key-map",
    )


def inventory(
    vault: str, *, last_at: datetime | None, known_at: datetime | None, now: datetime
) -> Finding:
    """Return whether the key map is up to a vault's inventories.

    ``last_at`` is the date of the service's last one, ``known_at`` of the newest taken in.
    """
    refresh = f"glaciercli inventory refresh {vault}"
    if last_at is None:
        message = f"vault {vault} has had no inventory yet"
        return Finding(check="inventory", status=Status.NOTE, message=message)
    if known_at is None:
        message = f"no inventory of vault {vault} was ever taken in"
        return Finding(check="inventory", status=Status.NOTE, message=message, advice=refresh)
    if last_at - known_at > _STALE:
        return Finding(
            check="inventory",
            status=Status.WARNING,
            message=f"the inventory of vault {vault} that was taken in is of "
            f"{known_at:%Y-%m-%d}, the service's last one of {last_at:%Y-%m-%d}",
            advice=refresh,
        )
    age = (now - known_at).days
    message = f"the inventory of vault {vault} is {age:,} days old, and up to the service's"
    return Finding(check="inventory", status=Status.OK, message=message)


def orphans(vault: str, begun: Mapping[str, datetime], *, now: datetime) -> Finding:
    """Return whether multipart uploads lie about that nobody goes on with; by ID, when begun."""
    old = [at for at in begun.values() if now - at >= _ABANDONED]
    if not old:
        message = f"no abandoned upload in vault {vault}"
        return Finding(check="uploads", status=Status.OK, message=message)
    return Finding(
        check="uploads",
        status=Status.WARNING,
        message=f"{len(old):,} uploads in vault {vault} were begun elsewhere, the oldest on "
        f"{min(old):%Y-%m-%d}, and never finished: they take space",
        advice=f"glaciercli upload-parts abort {vault} --orphans --older-than 1d",
    )


def expiring(vault: str, expires: Mapping[str, datetime], *, now: datetime) -> Finding:
    """Return whether outputs of jobs are about to be lost; by what each is for, until when."""
    soon = [at for at in expires.values() if at - now < _SOON]
    if not soon:
        message = f"no finished job of vault {vault} is about to expire"
        return Finding(check="jobs", status=Status.OK, message=message)
    return Finding(
        check="jobs",
        status=Status.WARNING,
        message=f"{len(soon):,} finished retrievals of vault {vault} expire soon or have expired, "
        f"the first at {min(soon):%Y-%m-%d %H:%MZ}: what was paid for would be lost",
        advice="run the line of `retrieve` again now; glaciercli job list shows which",
    )


def unsettled(vault: str, count: int) -> Iterator[Finding]:
    """Yield that archives are only probably stored."""
    if count:
        yield Finding(
            check="unsettled",
            status=Status.WARNING,
            message=f"of {count:,} archives in vault {vault} nobody knows whether they are stored: "
            "the answer was lost",
            advice=f"glaciercli inventory refresh {vault} settles it, once it lists them",
        )


def permission(operation: str, verdict: Verdict, where: str) -> Finding:
    """Return what a try of an operation shows."""
    lines = ", ".join(one.replace("+", "") for one in commands_with(operation))
    check, what = f"glacier:{operation}", f"{operation} on {where}"
    if verdict is Verdict.DENIED:
        return Finding(
            check=check,
            status=Status.WARNING,
            message=f"{what} is denied: {lines or 'no command'} cannot do their work",
            advice="docs/iam.md has the least policy for each command",
        )
    words = {
        Verdict.ALLOWED: "is allowed",
        Verdict.UNCLEAR: "got no clear answer",
        Verdict.NOT_TRIED: "was not tried: that would change something",
    }
    status = Status.OK if verdict is Verdict.ALLOWED else Status.NOTE
    return Finding(check=check, status=status, message=f"{what} {words[verdict]}")
