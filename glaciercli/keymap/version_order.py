"""The order of the versions of a name, where an inventory or another key map tells a date.

The newest version is the one with the latest date.  What the service has listed has the date of
its clock, what it has not has that of a machine's, which may be wrong: so a row that gets the
service's date takes those along that would come to stand on its other side.
"""

from glaciercli.keymap.codes import LIVE
from glaciercli.keymap.database import Database

_KEEP = (
    "UPDATE archives SET uploaded_at = ?1 FROM (SELECT vault_key, name, uploaded_at FROM archives"
    " WHERE archive_key = ?2) AS dated WHERE archives.vault_key = dated.vault_key"
    " AND archives.name = dated.name AND archives.uploaded_at"
    " BETWEEN min(dated.uploaded_at, ?1) AND max(dated.uploaded_at, ?1)"
    " AND ((archives.uploaded_at, archives.archive_key) > (dated.uploaded_at, ?2))"
    " = (?1 > dated.uploaded_at) AND archives.archive_key <> ?2"
    f" AND archives.listed_at IS NULL AND archives.{LIVE}"
    # One that has neither is known by its date, when key maps are merged.
    " AND (archives.archive_id IS NOT NULL OR archives.tag IS NOT NULL)"
)


def keep(database: Database, key: int, date_ms: int) -> None:
    """Keep the order in which versions that no inventory lists stand to one that gets a date."""
    database.execute(_KEEP, (date_ms, key))
