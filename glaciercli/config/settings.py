"""What is settled before a command begins, and where each value comes from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glaciercli.model.vaults import LOCAL

if TYPE_CHECKING:
    # Most configurations hold none.
    from glaciercli.core.pricing import Price

OUTPUTS = ("text", "json", "jsonl", "csv")

#: What the names of Amazon's endpoints end with.
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value, and where it comes from.

    ``source`` is one of "command line", "environment", "file", "aws" (a profile of the AWS tools)
    and "default"; ``where`` is the option, the variable, or the file with its line.
    """

    name: str
    value: Any
    source: str
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where vaults are and how they are reached; ``None`` leaves a choice to the AWS chain."""

    name: str
    kind: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account: str | None = None
    #: The data directory of a local store.
    data: str | None = None
    #: Whether somebody writes a bill; ``None`` where nobody said.
    billed: bool | None = None
    #: Whether this machine stands in the region of the vaults, so that bytes leave free.
    same_region: bool = False

    @property
    def endpoint(self) -> str:
        """What identifies the service in the key map."""
        if self.kind == "local":
            return f"{LOCAL}{self.data}"
        return (self.endpoint_url or "aws").rstrip("/")

    @property
    def is_billed(self) -> bool:
        """Whether somebody writes a bill: Amazon does, an endpoint elsewhere only if told so."""
        if self.billed is not None:
            return self.billed
        return self.kind == "glacier" and (
            self.endpoint_url is None or _is_amazon(self.endpoint_url)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that was settled before the command begins."""

    store: StoreSettings
    key_map: str
    output: str
    jobs: int
    #: Of a key map that is larger, no snapshots are made by themselves.
    snapshot_bytes: int
    #: The configuration, which need not be there.
    file: str
    #: The prices of the user's own.
    prices: tuple["Price", ...] = ()
    #: Each value with where it comes from, in the order in which they were settled.
    choices: tuple[Choice, ...] = ()


def _is_amazon(url: str) -> bool:
    """Tell whether an endpoint is one of Amazon's own."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        # The service has words for an endpoint that is none; a bill is the safe guess till then.
        return True
    return f".{host}".endswith(_AMAZON)
