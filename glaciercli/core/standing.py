"""What is known of an archive's whereabouts, in a sentence and as dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glaciercli.model.archives import Archive, ArchiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultHistory:
    """What a vault's archives are judged by."""

    #: The dates of the inventories of the whole vault that were taken in, the oldest first.
    dates: Sequence[datetime]
    #: How long after an upload an inventory may lack it.
    lag: timedelta
    #: The other tools whose stores were taken over.
    tools: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an archive stands."""

    sentence: str
    #: The date of the first inventory that should have listed it and did not.
    missing_since: datetime | None = None
    #: The date of the first inventory after its deletion that no longer lists it.
    agreed_at: datetime | None = None


def standing(archive: Archive, history: VaultHistory) -> Standing:
    """Return where an archive stands."""
    match archive.state:
        case ArchiveState.MISSING:
            return _missing(archive, history)
        case ArchiveState.DELETED:
            return _deleted(archive, history)
        case _:
            return Standing(sentence=_sentence(archive, history))


def _sentence(archive: Archive, history: VaultHistory) -> str:
    when, last = _said(archive.uploaded_at), _last(history)
    match archive.state:
        case ArchiveState.UPLOADED:
            return f"{_origin(archive, history)}, not yet in an inventory; {last}"
        case ArchiveState.UNSETTLED:
            sure = _said(archive.uploaded_at + history.lag)
            return (
                f"sent {when}, and the answer was lost: the next inventory that lists it settles"
                f" it, or one of after {sure} that does not; {last}"
            )
        case ArchiveState.DELETING:
            begun = "" if archive.deleted_at is None else f" {_said(archive.deleted_at)}"
            return f"its deletion was begun{begun}; the same delete line finishes it"
        case ArchiveState.EMPTY:
            where = "not yet in an inventory" if archive.listed_at is None else _listed(archive)
            return f"{_origin(archive, history)}, without bytes, {where}; {last}"
        case _:
            return f"{_origin(archive, history)}, {_listed(archive)}; {last}"


def _missing(archive: Archive, history: VaultHistory) -> Standing:
    """Return where an archive stands that an inventory should list."""
    listed = archive.listed_at
    sure = archive.uploaded_at + history.lag if listed is None else listed
    since = next((date for date in history.dates if date > sure), None)
    first = "" if since is None else f" since that of {_said(since)}"
    before = "" if listed is None else f", {_listed(archive)}"
    return Standing(
        sentence=f"{_origin(archive, history)}{before},"
        f" and not in the inventory that should list it{first}; {_last(history)}{_kept(archive)}",
        missing_since=since,
    )


def _kept(archive: Archive) -> str:
    """Return what a missing archive has taken along, where that is nothing."""
    if not archive.is_missing_stand_in:
        return ""
    return "; nothing is lost, as it has no bytes: retrieve makes it, sync and upload store it anew"


def _deleted(archive: Archive, history: VaultHistory) -> Standing:
    gone, listed = archive.deleted_at, archive.listed_at
    if gone is None:
        return Standing(sentence=f"deleted; {_last(history)}")
    latest = gone if listed is None else max(gone, listed)
    agreed = next((date for date in history.dates if date > latest), None)
    if agreed is not None:
        said = f"and the inventory of {_said(agreed)} agrees"
    elif latest > gone:
        said = f"but {_listed(archive)}; a later one settles it"
    else:
        said = f"and no inventory tells so yet; {_last(history)}"
    return Standing(sentence=f"deleted {_said(gone)}, {said}", agreed_at=agreed)


def _origin(archive: Archive, history: VaultHistory) -> str:
    """Return when an archive was uploaded, and by whom as far as that is sure."""
    when = _said(archive.uploaded_at)
    if archive.listed_at is None and archive.tag is not None:
        # Only an upload from here is known by its mark before an inventory lists it.
        return f"uploaded here {when}"
    if archive.listed_at is None and history.tools:
        return f"uploaded {when} (perhaps told by the store of {' or '.join(history.tools)})"
    return f"uploaded {when}"


def _listed(archive: Archive) -> str:
    if archive.listed_at is None:
        return "in an inventory without a date"
    return f"listed by the inventory of {_said(archive.listed_at)}"


def _last(history: VaultHistory) -> str:
    return f"last one {_said(history.dates[-1])}" if history.dates else "none yet"


def _said(when: datetime) -> str:
    return f"{when.day} {when:%B %Y %H:%M}Z"
