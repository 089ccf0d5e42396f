"""Click types of our own; completion asks the key map and never the network."""

from typing import TYPE_CHECKING, Any

import click

from glaciercli import errors

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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

    def __init__(self, *, names: bool = True) -> None:
        self._names = names

    def read(self, text: str) -> "Ref":
        """Return a reference."""
        from glaciercli.core.refs import parse_ref

        ref = parse_ref(text)
        if ref.selector is not None and not self._names:
            raise errors.BadUsage(f'"{text}" is no vault', hint=f"{ref.vault} is one")
        return ref

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Return vaults, then names, from the key map."""
        from click.shell_completion import CompletionItem

        from glaciercli.cli.completing import complete_ref

        del param
        flags = ctx.find_root().obj or {}
        return [CompletionItem(one) for one in complete_ref(flags, incomplete, names=self._names)]


class StoreType(click.ParamType[str]):
    """The name of a store."""

    name = "store"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Return the stores that are built in or configured."""
        from click.shell_completion import CompletionItem

        from glaciercli.cli.completing import complete_store

        del param
        flags = ctx.find_root().obj or {}
        return [CompletionItem(one) for one in complete_store(flags, incomplete)]


class JobType(click.ParamType[str]):
    """The ID of a job, or its start."""

    name = "job"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Return the jobs of the vault that the line names."""
        from click.shell_completion import CompletionItem

        from glaciercli.cli.completing import complete_job
        from glaciercli.core.refs import Ref

        del param
        vault = ctx.params.get("vault")
        if not isinstance(vault, Ref):
            return []
        flags = ctx.find_root().obj or {}
        return [CompletionItem(one) for one in complete_job(flags, vault, incomplete)]


class SourceType(_Ours):
    """A file or a directory, with a reference at the end of the list."""

    name = "file"

    def read(self, text: str) -> str:
        """Return the name as it is."""
        return text

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Return vaults once a file was named; else, and where none fits, let the shell go on."""
        from click.shell_completion import CompletionItem

        given = [
            one
            for one in ctx.command.params
            if isinstance(one, click.Argument)
            and ctx.get_parameter_source(one.name or "") is click.core.ParameterSource.COMMANDLINE
        ]
        found = REF.shell_complete(ctx, param, incomplete) if given else []
        return found or [CompletionItem(incomplete, type="file")]


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
VAULT = RefType(names=False)
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
