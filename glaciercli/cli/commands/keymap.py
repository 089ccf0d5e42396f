"""``glaciercli keymap``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import PATH
from glaciercli.core.refs import Ref
from glaciercli.model.jobs import Tier

#: Standard input or output in the place of a file.
_STREAM = "-"

_overwrite = click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")


@click.group("keymap", cls=Group)
def command() -> None:
    """Care for the key map."""


@command.command(
    "path", examples='glaciercli keymap path\nls -l "$(glaciercli keymap path)"', codes="0 2"
)
@pass_app
def path(app: App) -> int:
    """Print where the key map is, or would be."""
    from glaciercli.render.views import plain

    rows = plain.Rows(heading="key_map", rows=[{"path": app.settings.key_map}], text="{path}")
    return app.show(rows, plain)


@command.command(
    "check", examples="glaciercli keymap check\nglaciercli keymap check --full", codes="0 1 2 16"
)
@click.option("--full", is_flag=True, help="Compare every index with its table; takes longer.")
@pass_app
def check(app: App, full: bool) -> int:
    """Look for damage in the key map, and say what to do about it.

    SQLite's own check comes first, then what this program relies on: docs/key-map.md lists it.
    Nothing is changed.
    """
    from glaciercli.operations import key_map_check
    from glaciercli.render.views import key_maps

    return app.show(
        key_map_check.run(app.settings.key_map, full=full, reporter=app.reporter), key_maps
    )


@command.command(
    "backup",
    examples="glaciercli keymap backup ~/key-map.bak\n"
    "glaciercli keymap backup /mnt/usb/key-map.bak --overwrite",
    codes="0 1 2 16 130 143",
)
@click.argument("file", metavar="FILE", type=PATH, help="The file to write.")
@_overwrite
@options.dry_run
@pass_app
def backup(app: App, file: str, overwrite: bool, dry_run: bool) -> int:
    """Copy the key map to a file.

    Other runs may write meanwhile.  The copy is proved before the file has its name.
    """
    from glaciercli.operations import key_map_copies
    from glaciercli.render.views import key_maps

    report = key_map_copies.backup(
        app.settings.key_map,
        file,
        overwrite=overwrite,
        dry_run=dry_run,
        reporter=app.reporter,
        own=app.own,
    )
    return app.report(report, key_maps)


@command.command(
    "restore",
    examples="glaciercli keymap restore ~/key-map.bak\n"
    "glaciercli keymap restore ~/key-map.bak --dry-run",
    codes="0 1 2 12 16 130 143",
)
@click.argument("file", metavar="FILE", type=PATH, help="A backup, a snapshot or an export.")
@options.yes
@options.dry_run
@pass_app
def restore(app: App, file: str, yes: bool, dry_run: bool) -> int:
    """Put a copy in the place of the key map.

    A backup, a snapshot or an export will do; it is proved first.  What was there is kept beside
    it.  What the copy does not know, the next inventory tells; `keymap merge` loses nothing.
    """
    from glaciercli.operations import key_map_copies
    from glaciercli.render.views import key_maps

    now, place = app.clock.now(), app.settings.key_map
    with key_map_copies.restoring(place, file, now=now, reporter=app.reporter) as planned:
        if dry_run:
            return app.show(planned, key_maps)
        app.confirm(planned, key_maps, question="Put it in place?", assume_yes=yes)
        return app.report(key_map_copies.put(planned, now=now), key_maps)


@command.command(
    "snapshots",
    examples="glaciercli keymap snapshots\nglaciercli keymap snapshots -o json",
    codes="0 1 2",
)
@pass_app
def snapshots(app: App) -> int:
    """List the copies that were made before much changed.

    One a day at most, of the last seven; `keymap restore` takes each of them.
    """
    from glaciercli.operations import key_map_copies
    from glaciercli.render.views import key_maps

    return app.show(key_map_copies.snapshot_list(app.settings.key_map), key_maps)


@command.command(
    "merge",
    examples="glaciercli keymap merge /mnt/laptop/key-map.sqlite3 --dry-run\n"
    "glaciercli keymap merge laptop.jsonl.gz",
    codes="0 1 2 12 16 130 143",
)
@click.argument(
    "other", metavar="OTHER", type=PATH, help="A key map or an export; - is standard input."
)
@options.dry_run
@pass_app
def merge(app: App, other: str, dry_run: bool) -> int:
    """Unite the key map of another machine with this one.

    OTHER is a key map or an export, and stays as it is; - is one on standard input.  No live
    archive is lost, no deleted one comes back, and a name that a user gave beats one that was
    guessed.
    """
    from glaciercli.operations import key_map_exchange
    from glaciercli.render.views import key_maps

    context, stdin = app.context(snapshot=not dry_run), app.stdin() if other == _STREAM else None
    report = key_map_exchange.merge(context, other, dry_run=dry_run, stdin=stdin)
    return app.report(report, key_maps)


@command.command(
    "export",
    examples="glaciercli keymap export key-map.jsonl.gz\nglaciercli keymap export | less",
    codes="0 1 2 16 130 143",
)
@click.argument(
    "file",
    metavar="[FILE]",
    type=PATH,
    default=_STREAM,
    help="The file to write; compressed if it ends in .gz. By default it is standard output.",
)
@_overwrite
@pass_app
def export(app: App, file: str, overwrite: bool) -> int:
    """Give out the whole key map as JSON lines.

    Every row and every byte of a name: docs/key-map.md tells the form.  Without FILE they go to
    standard output; a FILE that ends in .gz is compressed.
    """
    from glaciercli.operations import key_map_exchange
    from glaciercli.render.views import key_maps

    place = app.settings.key_map
    if file == _STREAM:
        key_map_exchange.export_stream(place, app.stdout.buffer, reporter=app.reporter)
        return 0
    report = key_map_exchange.export_file(
        place, file, overwrite=overwrite, reporter=app.reporter, own=app.own
    )
    return app.report(report, key_maps)


@command.command(
    "import",
    examples="glaciercli keymap import key-map.jsonl.gz --dry-run\n"
    "glaciercli keymap import key-map.jsonl.gz",
    codes="0 1 2 12 16 130 143",
)
@click.argument("file", metavar="FILE", type=PATH, help="The export; - is standard input.")
@options.dry_run
@pass_app
def import_(app: App, file: str, dry_run: bool) -> int:
    """Fill an empty key map from an export.

    The two are the same afterwards.  A key map that is not empty is left alone: `keymap merge`
    takes exports too.  A FILE of - is standard input.
    """
    from glaciercli.operations import key_map_exchange
    from glaciercli.render.views import key_maps

    context, stdin = app.context(), app.stdin() if file == _STREAM else None
    report = key_map_exchange.import_file(context, file, dry_run=dry_run, stdin=stdin)
    return app.report(report, key_maps)


@command.command(
    "store",
    examples="glaciercli keymap store photos\n"
    "glaciercli keymap store photos --prune --keep 3 --yes",
    codes="0 1 2 3 10 12 13 14 16 17 75 130 143",
)
@options.vault
@click.option(
    "--prune", is_flag=True, help="Delete older ones that this key map stored, all but --keep."
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    default=3,
    show_default=True,
    help="How many stay with --prune, the new one among them.",
)
@options.yes
@options.dry_run
@pass_app
def store(app: App, vault: Ref, prune: bool, keep: int, yes: bool, dry_run: bool) -> int:
    """Store the key map as an archive in a vault.

    `keymap recover` brings it back, also on a machine that knows nothing.  It is listed below
    .glaciercli/ in the vault.
    """
    from glaciercli.operations import key_map_archive
    from glaciercli.render.views import stored_key_maps

    context = app.context(vault)
    request = key_map_archive.StoreRequest(vault=vault.vault, keep=keep if prune else None)
    planned = key_map_archive.plan(context, request)
    if dry_run:
        return app.show(planned, stored_key_maps)
    if planned.doomed:
        app.confirm(planned, stored_key_maps, question="Go on?", assume_yes=yes)
    return app.report(key_map_archive.run(context, planned), stored_key_maps)


@command.command(
    "recover",
    examples="glaciercli keymap recover photos\nglaciercli keymap recover photos --wait",
    codes="0 1 2 10 11 12 13 14 15 16 17 75 130 143",
)
@options.vault
@options.tier
@options.wait
@options.dry_run
@pass_app
def recover(app: App, vault: Ref, tier: str, wait: bool, dry_run: bool) -> int:
    """Bring back the newest key map of each machine that a vault holds, and merge it.

    One repeatable line: it asks for an inventory, then for one archive after the other, and goes
    on where it was.  Exit code 75 means that the service needs time.
    """
    from glaciercli.operations import key_map_recovery
    from glaciercli.render.views import stored_key_maps

    context = app.context(vault, snapshot=not dry_run)
    if dry_run:
        return app.show(key_map_recovery.plan(context, vault.vault), stored_key_maps)
    request = key_map_recovery.RecoverRequest(
        vault=vault.vault, tier=Tier(tier.capitalize()), wait=wait, lag=app.inventory_lag
    )
    return app.report(key_map_recovery.run(context, request), stored_key_maps)


@command.command(
    "name-from",
    examples="glaciercli keymap name-from ~/Pictures photos --dry-run\n"
    "glaciercli keymap name-from ~/Pictures photos --first",
    codes="0 1 2 3 10 12 16 130 143",
)
@click.argument("directory", metavar="DIR", type=PATH, help="The directory with the files.")
@options.vault
@click.option("--first", is_flag=True, help="Where several files hold the same, take the first.")
@options.readers
@options.dry_run
@pass_app
def name_from(
    app: App, directory: str, vault: Ref, first: bool, jobs: int | None, dry_run: bool
) -> int:
    """Name anonymous archives after local files that hold the same.

    An archive is anonymous if it has no name, a description that cannot be read, or one that
    SAGU made of a path.  Only files of the size of such an archive are read.  Names that
    somebody gave stay.  The exit code is 3 while several files fit an archive.
    """
    from glaciercli.operations import name_from as naming
    from glaciercli.render.views import naming as naming_view

    context = app.context(vault, jobs=jobs, snapshot=not dry_run)
    report = naming.name_from(context, directory, vault.vault, first=first, dry_run=dry_run)
    return app.report(report, naming_view)
