"""The worlds before the commands that are disturbed."""

import json
import os
import random

from tests.torture.program import Program
from tests.torture.world import VAULT, World

MIB = 1024 * 1024

LARGE = 2 * MIB + 77

TOPIC = "arn:aws:sns:us-east-1:123456789012:glacier-jobs"

#: Parts as small as they may be, one after the other.
IN_TURN = ("--part-size", "1MiB", "--jobs", "1")


def some_bytes(seed: int, size: int) -> bytes:
    """Return bytes that are the same for a seed."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - no secret


def write(world: World, name: str, data: bytes) -> None:
    """Write a file that is old."""
    path = world.work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    # Not of this moment: what is too young to be trusted is read again.
    os.utime(path, ns=(10**18, 10**18))


def _ran(program: Program, *line: str, stdin: bytes = b"") -> None:
    ended = program.run(*line, stdin=stdin)
    assert ended.code == 0, (line, ended)


def vault(world: World, program: Program) -> None:
    """Make a vault, and files beside it."""
    _ran(program, "vault", "create", VAULT)
    write(world, "small", some_bytes(1, 5000))
    write(world, "large", some_bytes(2, LARGE))


def tree(world: World, program: Program) -> None:
    """Make a directory that is not stored yet, of everything that a directory may hold."""
    vault(world, program)
    for number in range(4):
        write(world, f"tree/{number}", some_bytes(10 + number, 700))
    write(world, "tree/empty", b"")
    write(world, "tree/below/large", some_bytes(20, LARGE))
    root = world.work / "tree"
    (root / "link").symlink_to("0")
    (root / "name").hardlink_to(root / "3")
    (root / "hollow").mkdir()


def stored(world: World, program: Program) -> None:
    """Store the directory."""
    tree(world, program)
    _ran(program, "sync", "tree", VAULT, "--part-size", "1MiB", "--jobs", "1")


def edited(world: World, program: Program) -> None:
    """Change the directory that is stored."""
    stored(world, program)
    root = world.work / "tree"
    write(world, "tree/0", some_bytes(30, 800))
    (root / "1").rename(root / "below" / "one")
    (root / "2").unlink()
    write(world, "tree/new", some_bytes(31, LARGE))


def changed(world: World, program: Program) -> None:
    """Change files that are stored, so that they have another version."""
    vault(world, program)
    _ran(program, "upload", "small", "large", VAULT, *IN_TURN)
    write(world, "small", some_bytes(5, 5000))
    write(world, "large", some_bytes(6, LARGE))


def in_the_way(world: World, program: Program) -> None:
    """Have two versions of what is stored, and other files where they are to come back."""
    changed(world, program)
    _ran(program, "upload", "small", "large", VAULT, *IN_TURN)
    write(world, "back/small", b"in the way")


def listed(world: World, program: Program) -> None:
    """Take in an inventory of what is stored."""
    stored(world, program)
    _ran(program, "inventory", "refresh", VAULT)


def lost(world: World, program: Program) -> None:
    """Lose the key map."""
    stored(world, program)
    world.key_map.unlink()


def inventory_saved(world: World, program: Program) -> None:
    """Lose the key map, and have a saved inventory."""
    listed(world, program)
    given = program.run("inventory", "export", VAULT)
    assert given.code == 0, given
    (world.work / "inventory.json").write_bytes(given.out)
    world.key_map.unlink()
    _ran(program, "vault", "list")


def exported(world: World, program: Program) -> None:
    """Export the key map, and copy it."""
    stored(world, program)
    _ran(program, "keymap", "export", "all.jsonl")
    _ran(program, "keymap", "backup", "copy")


def exported_and_lost(world: World, program: Program) -> None:
    """Lose the key map, and have an export."""
    exported(world, program)
    world.key_map.unlink()


def two_machines(world: World, program: Program) -> None:
    """Let two key maps grow apart."""
    exported(world, program)
    _ran(program, "rename", f"{VAULT}/0", "zero")
    _ran(program, "upload", "small", VAULT)


def kept_in_vault(world: World, program: Program) -> None:
    """Store the key map in the vault."""
    stored(world, program)
    _ran(program, "keymap", "store", VAULT)


def kept_in_vault_and_lost(world: World, program: Program) -> None:
    """Lose the key map, and have one in the vault."""
    kept_in_vault(world, program)
    world.key_map.unlink()


def kept_twice(world: World, program: Program) -> None:
    """Store the key map in the vault twice."""
    kept_in_vault(world, program)
    _ran(program, "keymap", "store", VAULT)


def anonymous(world: World, program: Program) -> None:
    """Know archives, and no names of them."""
    tree(world, program)
    _ran(program, "upload", "tree", VAULT, "--description", "", *IN_TURN)
    _ran(program, "inventory", "refresh", VAULT)
    world.key_map.unlink()
    _ran(program, "inventory", "refresh", VAULT)


def journal_of_another(world: World, program: Program) -> None:
    """Lose the key map, and have the journal of mt-aws-glacier."""
    vault(world, program)
    _ran(program, "upload", "small", "large", VAULT, *IN_TURN)
    given = json.loads(program.run("list", "-o", "json").out)["archives"]
    lines = [
        f"B\t1763800000\tCREATED\t{one['archive_id']}\t{one['size_bytes']}"
        f"\t1763800000\t{one['tree_hash']}\t{one['name']}\n"
        for one in given
    ]
    write(world, "journal.log", "".join(lines).encode())
    world.key_map.unlink()
    _ran(program, "vault", "list")


def locked(world: World, program: Program) -> None:
    """Have a lock in progress."""
    vault(world, program)
    _ran(program, "vault", "lock", "start", VAULT, "--preset", "deny-delete-for-days=365")


def configured(world: World, program: Program) -> None:
    """Have a vault with everything set that can be."""
    vault(world, program)
    _ran(program, "vault", "tag", "set", VAULT, "a=1", "b=2", "c=3")
    _ran(program, "vault", "policy", "set", VAULT, "--preset", "deny-delete")
    _ran(program, "vault", "notify", "set", VAULT, TOPIC)


def asked_for(world: World, program: Program) -> None:
    """Have jobs at the service, and lose what was known of them."""
    stored(world, program)
    _ran(program, "retrieve", f"{VAULT}/0", "--to", "elsewhere", "--yes")
    _ran(program, "inventory", "refresh", VAULT)
    world.key_map.unlink()
    _ran(program, "vault", "list")


def settings(world: World, program: Program) -> None:
    """Have a configuration."""
    vault(world, program)
    write(world, "config.toml", b'output = "json"\n')


def unfinished(world: World, program: Program) -> None:
    """Kill an upload whose parts are there."""
    vault(world, program)
    line = ("upload", "large", VAULT, "--part-size", "1MiB", "--jobs", "1")
    points = 0
    # The last kill before the end leaves an upload with all its parts.
    while not _has_parts(world):
        points += 10
        program.run(*line, kill_at=points)


def _has_parts(world: World) -> bool:
    return len(list((world.home / "data").glob("glaciercli/local-store/blobs/*/*"))) >= 2
