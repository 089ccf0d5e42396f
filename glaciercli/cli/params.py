"""Click types of our own."""

from typing import TYPE_CHECKING, Any

import click

from glaciercli import errors

if TYPE_CHECKING:
    from glaciercli.core.refs import Ref


class _Ours(click.ParamType[Any]):
    """A type whose errors are usage errors."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value of a text."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except errors.BadUsage as error:
            self.fail(_joined(error), param, ctx)

    def read(self, text: str) -> Any:
        """Return the value of a text; raise ``BadUsage``."""
        raise NotImplementedError


class RefType(_Ours):
    """``[STORE:]VAULT[/NAME]``."""

    name = "ref"

    def read(self, text: str) -> "Ref":
        """Return a reference."""
        from glaciercli.core.refs import parse_ref

        return parse_ref(text)


class VaultType(RefType):
    """``[STORE:]VAULT``."""

    def read(self, text: str) -> "Ref":
        """Return a reference to a whole vault."""
        ref = super().read(text)
        if ref.selector is not None:
            raise errors.BadUsage(f'"{text}" is no vault', hint=f"{ref.vault} is one")
        return ref


class StoreType(click.ParamType[str]):
    """The name of a store."""

    name = "store"


class JobType(click.ParamType[str]):
    """The ID of a job, or its start."""

    name = "job"


class SourceType(_Ours):
    """A file or a directory, with a reference at the end of the list."""

    name = "file"

    def read(self, text: str) -> str:
        """Return the name as it is."""
        return text


class SizeType(_Ours):
    """A size such as ``16MiB``."""

    name = "size"

    def read(self, text: str) -> int:
        """Return bytes."""
        from glaciercli.core.sizes import parse_size

        return parse_size(text)


class RateType(_Ours):
    """A rate such as ``2MiB`` a second."""

    name = "rate"

    def read(self, text: str) -> int:
        """Return bytes a second."""
        from glaciercli.core.sizes import parse_rate

        return parse_rate(text)


class DurationType(_Ours):
    """A duration such as ``12h``."""

    name = "duration"

    def read(self, text: str) -> Any:
        """Return a timedelta."""
        from glaciercli.core.durations import parse_duration

        return parse_duration(text)


class TagType(_Ours):
    """A tag such as ``owner=ann``."""

    name = "tag"

    def read(self, text: str) -> tuple[str, str]:
        """Return the key and the value, which may be empty."""
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise errors.BadUsage(f'"{text}" is no tag', hint="a tag is KEY=VALUE")
        return key, value


class DollarsType(_Ours):
    """An amount of US dollars such as ``12.50``."""

    name = "dollars"

    def read(self, text: str) -> Any:
        """Return a decimal number."""
        from glaciercli.core.pricing_table import dollars

        return dollars(text)


def _joined(error: errors.BadUsage) -> str:
    return error.message if error.hint is None else f"{error.message}; {error.hint}"


REF = RefType()
VAULT = VaultType()
STORE = StoreType()
JOB = JobType()
SOURCE = SourceType()
#: A file or a directory, which the shell itself completes.
PATH = click.Path()
SIZE = SizeType()
RATE = RateType()
DURATION = DurationType()
TAG = TagType()
DOLLARS = DollarsType()
