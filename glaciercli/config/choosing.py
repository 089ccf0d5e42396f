"""Which of several says counts: the line, the environment, the file, or the default."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glaciercli import errors
from glaciercli.config.environment import Environment
from glaciercli.config.file import ConfigFile, expanded, read
from glaciercli.config.settings import OUTPUTS, Choice, Settings, StoreSettings

if TYPE_CHECKING:
    from glaciercli.core.pricing import Price

_DEFAULT_JOBS = 8

#: Copying a key map of that size takes a second or two, once a day.
_DEFAULT_SNAPSHOT_BYTES = 512 * 1024 * 1024

#: The stores that nobody has to configure.
_BUILT_IN = {"aws": "glacier", "local": "local"}

#: What a line can say only of a service that is elsewhere.
_REMOTE_FLAGS = ("profile", "endpoint_url", "account_id")


def load(
    flags: Mapping[str, Any], environment: Environment, *, file: ConfigFile | None = None
) -> Settings:
    """Return the settings; a flag that was not given is absent or ``None``.

    ``file`` stands in for the configuration.  Raises ``BadUsage`` for an unknown store, key or
    value.
    """
    if file is None:
        file = read(flags.get("config"), environment)
    return _Choosing(flags, environment, file).settings()


def stores(flags: Mapping[str, Any], environment: Environment) -> list[str]:
    """Return the names of the stores that there are."""
    configured = read(flags.get("config"), environment).get("stores") or {}
    return sorted({*_BUILT_IN, *configured})


class _Choosing:
    """Settles one value after another, and remembers where each comes from."""

    def __init__(
        self, flags: Mapping[str, Any], environment: Environment, file: ConfigFile
    ) -> None:
        self._flags = flags
        self._environment = environment
        self._file = file
        self._made: list[Choice] = []

    def settings(self) -> Settings:
        """Return all of them."""
        store = self._store(self._usual("store", "GLACIERCLI_STORE", default="aws"))
        return Settings(
            store=store,
            output=self._output(),
            key_map=self._key_map(),
            jobs=self._number("jobs", default=_DEFAULT_JOBS, least=1),
            snapshot_bytes=self._number("snapshot_limit", default=_DEFAULT_SNAPSHOT_BYTES, least=0),
            prices=self._prices(),
            file=self._file.path,
            choices=(*self._made, *self._given("prices"), *self._given("defaults")),
        )

    def _given(self, *keys: str) -> Iterator[Choice]:
        """Yield what a table of the file gives, that of tables in it too."""
        for key in self._file.get(*keys) or {}:
            value = self._file.get(*keys, key)
            if isinstance(value, Mapping):
                yield from self._given(*keys, key)
            else:
                where = self._file.place(*keys, key)
                yield Choice(name=".".join((*keys, key)), value=value, source="file", where=where)

    def _output(self) -> str:
        output: str = self._usual("output", "GLACIERCLI_OUTPUT", default="text")
        if output not in OUTPUTS:
            raise errors.BadUsage(
                f'"{output}" is no output form', hint=f"one of {', '.join(OUTPUTS)}"
            )
        return output

    def _key_map(self) -> str:
        usual = os.path.join(self._environment.data_directory(), "key-map.sqlite3")
        return expanded(self._usual("key_map", "GLACIERCLI_KEY_MAP", default=usual))

    def _prices(self) -> "tuple[Price, ...]":
        table = self._file.get("prices")
        if not table:
            return ()
        from glaciercli.config.prices import prices

        return prices(table)

    def _usual(self, name: str, variable: str, *, default: str) -> Any:
        """Settle what has an option and a key of one name, and a variable of this program."""
        return self._settle(
            self._flag(name, name)
            or self._variable(name, variable)
            or self._key(name, name)
            or Choice(name=name, value=default, source="default")
        )

    def _number(self, name: str, *, default: int, least: int) -> int:
        number: int = self._settle(
            self._key(name, name) or Choice(name=name, value=default, source="default")
        )
        if number < least:
            raise self._file.wrong((name,), f'"{name}" is a number from {least} on')
        return number

    def _store(self, name: str) -> StoreSettings:
        configured = self._file.get("stores") or {}
        known = {*_BUILT_IN, *configured}
        if name not in known:
            raise errors.BadUsage(
                f'there is no store "{name}"', hint=f"there are: {', '.join(sorted(known))}"
            )
        usual = "glacier" if name in configured else _BUILT_IN[name]
        kind = self._settle(self._store_key(name, "kind") or _default("kind", usual))
        return self._local(name) if kind == "local" else self._glacier(name)

    def _local(self, name: str) -> StoreSettings:
        self._refuse_remote_flags(name)
        usual = os.path.join(self._environment.data_directory(), "local-store")
        region = self._flag("region", "region") or self._store_key(name, "region")
        data = self._store_key(name, "data") or _default("data", usual)
        return StoreSettings(
            name=name,
            kind="local",
            region=self._settle(region or _default("region", "us-east-1")),
            data=expanded(self._settle(data)),
            billed=self._settle(self._store_key(name, "billed") or _default("billed", None)),
            same_region=self._settle(
                self._store_key(name, "same_region") or _default("same_region", value=False)
            ),
        )

    def _refuse_remote_flags(self, name: str) -> None:
        """Raise ``BadUsage``: whoever names another service must not be answered by this one."""
        for flag in _REMOTE_FLAGS:
            if given := self._flag(flag, flag):
                raise errors.BadUsage(
                    f'{given.where} says nothing of store "{name}", which is local',
                    hint="--store aws, or a store of the configuration, goes with it",
                )

    def _glacier(self, name: str) -> StoreSettings:
        profile = self._settle(
            self._flag("profile", "profile")
            or self._store_key(name, "profile")
            or self._variable("profile", "AWS_PROFILE")
            or _default("profile", None)
        )
        endpoint_url = self._settle(
            self._flag("endpoint_url", "endpoint_url")
            or self._store_key(name, "endpoint_url")
            or self._variable("endpoint_url", "AWS_ENDPOINT_URL_GLACIER", "AWS_ENDPOINT_URL")
            or _default("endpoint_url", None)
        )
        account = self._flag("account_id", "account_id") or self._store_key(name, "account_id")
        return StoreSettings(
            name=name,
            kind="glacier",
            profile=profile,
            region=self._settle(self._region(name, profile)),
            endpoint_url=endpoint_url and _bare(endpoint_url),
            account=self._settle(account or _default("account_id", None)),
            billed=self._settle(self._store_key(name, "billed") or _default("billed", None)),
            same_region=self._settle(
                self._store_key(name, "same_region") or _default("same_region", value=False)
            ),
        )

    def _region(self, store: str, profile: str | None) -> Choice:
        return (
            self._flag("region", "region")
            or self._store_key(store, "region")
            or self._variable("region", "AWS_REGION", "AWS_DEFAULT_REGION")
            or _of_profile(profile or "default", self._environment)
            or _default("region", None)
        )

    def _settle(self, choice: Choice) -> Any:
        self._made.append(choice)
        return choice.value

    def _flag(self, name: str, flag: str) -> Choice | None:
        value = self._flags.get(flag)
        where = f"--{flag.replace('_', '-')}"
        return Choice(name=name, value=value, source="command line", where=where) if value else None

    def _variable(self, name: str, *variables: str) -> Choice | None:
        for variable in variables:
            if value := self._environment.get(variable):
                return Choice(name=name, value=value, source="environment", where=variable)
        return None

    def _store_key(self, store: str, key: str) -> Choice | None:
        return self._key(key, "stores", store, key)

    def _key(self, name: str, *keys: str) -> Choice | None:
        value = self._file.get(*keys)
        if value is None or value == "":
            return None
        return Choice(name=name, value=value, source="file", where=self._file.place(*keys))


def _bare(url: str) -> str:
    """Return an endpoint without a user's name and password before the host.

    Requests are signed, so nothing would send them, and the endpoint is shown and kept.
    """
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def _default(name: str, value: Any) -> Choice:
    return Choice(name=name, value=value, source="default")


def _of_profile(profile: str, environment: Environment) -> Choice | None:
    """Return the region of an AWS profile; reading it here spares offline commands boto3."""
    path = environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config")
    if not os.path.exists(path):
        return None
    import configparser
    import re

    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8") as file:
            # The parser's time grows with the square of a run of blanks.
            parser.read_string(re.sub(r"[^\S\n]{100,}", " ", file.read()), path)
    except (configparser.Error, UnicodeDecodeError, OSError):
        # boto3 has its own words for a broken file, once it is needed.
        return None
    section = "default" if profile == "default" else f"profile {profile}"
    region = parser.get(section, "region", fallback=None)
    if not region:
        return None
    return Choice(name="region", value=region, source="aws", where=f'"{path}", [{section}]')
