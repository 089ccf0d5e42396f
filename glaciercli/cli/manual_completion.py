"""The table that completion reads, made from the commands."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from glaciercli.cli import params
from glaciercli.cli.commands import ALIASES
from glaciercli.cli.completion import table
from glaciercli.cli.framework import global_options
from glaciercli.cli.main import cli

_KINDS: Mapping[type, str] = {
    click.Path: table.FILE,
    params.RefType: table.REF,
    params.VaultType: table.VAULT,
    params.StoreType: table.STORE,
    params.JobType: table.JOB,
    params.SourceType: table.SOURCE,
}


def page() -> str:
    """Return the table as JSON."""
    context = click.Context(cli, help_option_names=["-h", "--help"])
    whole: table.Table = {
        "program": _command(cli, context),
        "options": [_option(one) for one in global_options()],
        "aliases": dict(ALIASES),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _command(command: click.Command, context: click.Context) -> table.Command:
    own: Sequence[click.Parameter] = getattr(command, "own_params", command.params)
    options = [one for one in own if isinstance(one, click.Option) and not one.hidden]
    help_option = command.get_help_option(
        click.Context(command, help_option_names=["-h", "--help"])
    )
    if help_option is not None:
        options.append(help_option)
    return {
        "about": command.get_short_help_str(),
        "options": [_option(one) for one in options],
        "arguments": [_argument(one) for one in own if isinstance(one, click.Argument)],
        "below": _below(command, context),
    }


def _below(command: click.Command, context: click.Context) -> dict[str, table.Command]:
    if not isinstance(command, click.Group):
        return {}
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return {name: _command(one, context) for name, one in found if one is not None}


def _option(option: click.Option) -> table.Option:
    is_flag = option.is_flag or option.count
    return {
        "names": [*option.opts, *option.secondary_opts],
        "kind": table.FLAG if is_flag else _kind(option.type),
        "many": option.multiple,
        "about": option.help or "",
        "gives": option.name or "",
        "value": option.flag_value if isinstance(option.flag_value, str) else None,
    }


def _argument(argument: click.Argument) -> table.Argument:
    return {"kind": _kind(argument.type), "many": argument.nargs != 1}


def _kind(kind: click.ParamType[Any]) -> table.Kind:
    if isinstance(kind, click.Choice):
        return list(map(str, kind.choices))
    if isinstance(kind, click.Path) and not kind.file_okay:
        return table.DIRECTORY
    return _KINDS.get(type(kind), table.TEXT)
