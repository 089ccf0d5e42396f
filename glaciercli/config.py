"""Settings: flags before environment before file before defaults.

The only module that reads the environment.  docs/configuration.md lists what there is.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glaciercli import errors
from glaciercli.model.vaults import LOCAL

if TYPE_CHECKING:
    # Most configurations hold none.
    from decimal import Decimal

    from glaciercli.core.pricing import Price

#: A longer file is no configuration; parsing it could take minutes.
_LARGEST_FILE = 256 * 1024

_STORE_KEYS = (
    "kind",
    "region",
    "profile",
    "endpoint_url",
    "account_id",
    "data",
    "billed",
    "same_region",
)
_TOP_KEYS = ("store", "key_map", "output", "jobs", "snapshot_limit", "stores", "prices")
#: What tells in a table of prices when they were read.
_PRICE_DATE = "as_of"

_SWITCHES = ("billed", "same_region")
_KINDS = ("glacier", "local")

#: What the names of Amazon's endpoints end with.
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
OUTPUTS = ("text", "json", "jsonl", "csv")

_DEFAULT_JOBS = 8

#: Copying a key map of that size takes a second or two, once a day.
_DEFAULT_SNAPSHOT_BYTES = 512 * 1024 * 1024


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
    #: The prices of the user's own.
    prices: tuple["Price", ...] = ()


class Environment:
    """The environment variables and the directories that follow from them."""

    def __init__(self, variables: Mapping[str, str], platform: str = sys.platform) -> None:
        self._variables = variables
        self._platform = platform

    def get(self, name: str) -> str | None:
        """Return a variable; an empty one counts as absent."""
        return self._variables.get(name) or None

    def first(self, *names: str) -> str | None:
        """Return the first of some variables that is set."""
        return next((value for name in names if (value := self.get(name))), None)

    def with_variables(self, **changes: str) -> dict[str, str]:
        """Return the variables for a child process, some of them changed."""
        return {**self._variables, **changes}

    def data_directory(self) -> str:
        """Return where the program keeps what must not be lost."""
        return self._directory("XDG_DATA_HOME", "~/.local/share", "user_data_dir")

    def config_file(self) -> str:
        """Return where the configuration is looked for."""
        named = self.get("GLACIERCLI_CONFIG")
        if named:
            return named
        directory = self._directory("XDG_CONFIG_HOME", "~/.config", "user_config_dir")
        return os.path.join(directory, "config.toml")

    def _directory(self, variable: str, fallback: str, elsewhere: str) -> str:
        """Return a directory of the user's, by the rules of the platform."""
        if self._platform == "linux":
            # What platformdirs does here, without the time that importing it takes: every
            # completion of a name comes by.
            base = self.get(variable)
            if base is None or not os.path.isabs(base):
                base = os.path.expanduser(fallback)
            return os.path.join(base, "glaciercli")
        import platformdirs

        return str(getattr(platformdirs, elsewhere)("glaciercli"))


def process_environment() -> Environment:
    """Return the environment of this process."""
    return Environment(os.environ)


def load(flags: Mapping[str, Any], environment: Environment) -> Settings:
    """Return the settings; a flag that was not given is absent or ``None``.

    Raises ``BadUsage`` for an unknown store, key or value.
    """
    file = _read_file(flags.get("config"), environment)
    chosen = flags.get("store") or environment.get("GLACIERCLI_STORE") or file.get("store") or "aws"
    output = (
        flags.get("output") or environment.get("GLACIERCLI_OUTPUT") or file.get("output") or "text"
    )
    if output not in OUTPUTS:
        raise errors.BadUsage(f'"{output}" is no output form', hint=f"one of {', '.join(OUTPUTS)}")
    key_map = flags.get("key_map") or environment.get("GLACIERCLI_KEY_MAP") or file.get("key_map")
    return Settings(
        store=_store(str(chosen), flags, environment, file),
        key_map=_expanded(key_map)
        if key_map
        else os.path.join(environment.data_directory(), "key-map.sqlite3"),
        output=str(output),
        jobs=_jobs(file),
        snapshot_bytes=_snapshot_bytes(file),
        prices=_prices(file),
    )


def _store(
    name: str, flags: Mapping[str, Any], environment: Environment, file: Mapping[str, Any]
) -> StoreSettings:
    known: dict[str, dict[str, Any]] = {"aws": {"kind": "glacier"}, "local": {"kind": "local"}}
    known.update(file.get("stores", {}))
    if name not in known:
        raise errors.BadUsage(
            f'there is no store "{name}"', hint=f"there are: {', '.join(sorted(known))}"
        )
    table = known[name]
    if table.get("kind", "glacier") == "local":
        data = table.get("data") or os.path.join(environment.data_directory(), "local-store")
        return StoreSettings(
            name=name,
            kind="local",
            region=flags.get("region") or table.get("region") or "us-east-1",
            data=_expanded(str(data)),
            billed=table.get("billed"),
            same_region=table.get("same_region", False),
        )
    profile = flags.get("profile") or table.get("profile") or environment.get("AWS_PROFILE")
    return StoreSettings(
        name=name,
        kind="glacier",
        profile=profile,
        region=flags.get("region")
        or table.get("region")
        or environment.first("AWS_REGION", "AWS_DEFAULT_REGION")
        or _region_of(profile or "default", environment),
        endpoint_url=flags.get("endpoint_url")
        or table.get("endpoint_url")
        or environment.first("AWS_ENDPOINT_URL_GLACIER", "AWS_ENDPOINT_URL"),
        account=flags.get("account_id") or table.get("account_id"),
        billed=table.get("billed"),
        same_region=table.get("same_region", False),
    )


def _is_amazon(url: str) -> bool:
    """Tell whether an endpoint is one of Amazon's own."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        # The service has words for an endpoint that is none; a bill is the safe guess till then.
        return True
    return f".{host}".endswith(_AMAZON)


def _region_of(profile: str, environment: Environment) -> str | None:
    """Return the region of an AWS profile; reading it here spares offline commands boto3."""
    path = environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config")
    if not os.path.exists(path):
        return None
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        # boto3 has its own words for a broken file, once it is needed.
        return None
    section = "default" if profile == "default" else f"profile {profile}"
    return parser.get(section, "region", fallback=None)


def _read_file(named: str | None, environment: Environment) -> Mapping[str, Any]:
    path = _expanded(named) if named else environment.config_file()
    try:
        if os.path.getsize(path) > _LARGEST_FILE:
            raise errors.BadUsage(f'"{path}" is too large to be a configuration')
        with open(path, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        if named or environment.get("GLACIERCLI_CONFIG"):
            raise errors.BadUsage(f'there is no configuration "{path}"') from None
        return {}
    except OSError as error:
        raise errors.BadUsage(f'"{path}": {error.strerror}') from error
    return _checked(path, _parsed(path, text))


def _parsed(path: str, text: bytes) -> dict[str, Any]:
    import tomli

    try:
        return tomli.loads(text.decode("utf-8"), parse_float=_exact)
    except (tomli.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.BadUsage(f'"{path}" is no valid TOML: {error}') from error


def _exact(text: str) -> "Decimal":
    """Return a number as it was written: money is no float."""
    from decimal import Decimal

    return Decimal(text)


def _checked(path: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration after refusing keys that nothing reads."""
    _refuse_unknown(path, table, _TOP_KEYS)
    stores = table.get("stores", {})
    if not isinstance(stores, dict) or not all(isinstance(one, dict) for one in stores.values()):
        raise errors.BadUsage(f'"{path}": stores are tables, as in [stores.NAME]')
    for name, store in stores.items():
        _refuse_unknown(path, store, _STORE_KEYS)
        if store.get("kind", "glacier") not in _KINDS:
            kinds = ", ".join(_KINDS)
            raise errors.BadUsage(
                f'"{path}": store "{name}" is of an unknown kind', hint=f"the kinds are {kinds}"
            )
        for switch in _SWITCHES:
            if not isinstance(store.get(switch, False), bool):
                raise errors.BadUsage(f'"{path}": "{switch}" of store "{name}" is true or false')
    return table


def _refuse_unknown(path: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise errors.BadUsage(
                f'"{path}": nothing is called "{key}"', hint=f"there are: {', '.join(known)}"
            )


def _jobs(file: Mapping[str, Any]) -> int:
    jobs = file.get("jobs", _DEFAULT_JOBS)
    if not isinstance(jobs, int) or jobs < 1:
        raise errors.BadUsage('"jobs" in the configuration is a number from 1 on')
    return jobs


def _snapshot_bytes(file: Mapping[str, Any]) -> int:
    limit = file.get("snapshot_limit", _DEFAULT_SNAPSHOT_BYTES)
    if not isinstance(limit, int) or limit < 0:
        raise errors.BadUsage('"snapshot_limit" in the configuration is a number of bytes')
    return limit


def _prices(file: Mapping[str, Any]) -> tuple["Price", ...]:
    """Return the prices of the user's own."""
    regions = file.get("prices", {})
    if not isinstance(regions, dict) or not all(isinstance(one, dict) for one in regions.values()):
        raise errors.BadUsage("prices in the configuration are tables, as in [prices.eu-west-1]")
    if not regions:
        return ()
    return tuple(
        _price(region, item, figure, table)
        for region, table in regions.items()
        for item, figure in table.items()
        if item != _PRICE_DATE
    )


def _price(region: str, item: str, figure: object, table: Mapping[str, Any]) -> "Price":
    from glaciercli.core.pricing_table import own_price

    try:
        return own_price(region, item, figure, as_of=_date(table), source="your configuration")
    except errors.BadUsage as error:
        raise errors.BadUsage(
            f"prices.{region} in the configuration: {error.message}", hint=error.hint
        ) from error


def _date(table: Mapping[str, Any]) -> str | None:
    """Return when prices were read, as the user wrote it, with quotes or without."""
    return str(table[_PRICE_DATE]) if _PRICE_DATE in table else None


def _expanded(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))
