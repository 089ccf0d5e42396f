"""The commands that write, each in a world in which it has something to do."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.torture.program import Program
from tests.torture.world import VAULT, World

MIB = 1024 * 1024

_LARGE = 2 * MIB + 77

Prepare = Callable[[World, Program], None]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A line that is killed, and the world before it."""

    name: str
    prepare: Prepare
    line: tuple[str, ...]
    stdin: bytes = b""
    #: What the line may answer when it has nothing left to do.
    done: frozenset[int] = frozenset({0})
    #: Files that are never the same twice, and the line that proves one.
    proofs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether a line that is repeated after its end begins anew, and pays again.
    begins_anew: bool = False
    #: How many requests with content a kill may cost, one part a worker in general.
    sent_again: int = 1


def _bytes(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - no secret


def _write(world: World, name: str, data: bytes) -> None:
    path = world.work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    # Not of this moment: what is too young to be trusted is read again.
    os.utime(path, ns=(10**18, 10**18))


def _ran(program: Program, *line: str, stdin: bytes = b"") -> None:
    ended = program.run(*line, stdin=stdin)
    assert ended.code == 0, (line, ended)


def _vault(world: World, program: Program) -> None:
    _ran(program, "vault", "create", VAULT)
    _write(world, "small", _bytes(1, 5000))
    _write(world, "large", _bytes(2, _LARGE))


def _tree(world: World, program: Program) -> None:
    _vault(world, program)
    for number in range(4):
        _write(world, f"tree/{number}", _bytes(10 + number, 700))
    _write(world, "tree/empty", b"")
    _write(world, "tree/below/large", _bytes(20, _LARGE))
    (world.work / "tree" / "link").symlink_to("0")


def _stored(world: World, program: Program) -> None:
    _tree(world, program)
    _ran(program, "sync", "tree", VAULT, "--part-size", "1MiB", "--jobs", "1")


def _edited(world: World, program: Program) -> None:
    _stored(world, program)
    tree = world.work / "tree"
    _write(world, "tree/0", _bytes(30, 800))
    (tree / "1").rename(tree / "below" / "one")
    (tree / "2").unlink()
    _write(world, "tree/new", _bytes(31, _LARGE))


def _listed(world: World, program: Program) -> None:
    _stored(world, program)
    _ran(program, "inventory", "refresh", VAULT)


def _lost(world: World, program: Program) -> None:
    _stored(world, program)
    world.key_map.unlink()


def _inventory_saved(world: World, program: Program) -> None:
    _listed(world, program)
    given = program.run("inventory", "export", VAULT)
    assert given.code == 0, given
    (world.work / "inventory.json").write_bytes(given.out)
    world.key_map.unlink()
    _ran(program, "vault", "list")


def _exported(world: World, program: Program) -> None:
    _stored(world, program)
    _ran(program, "keymap", "export", "all.jsonl")
    _ran(program, "keymap", "backup", "copy")


def _exported_and_lost(world: World, program: Program) -> None:
    _exported(world, program)
    world.key_map.unlink()


def _two_machines(world: World, program: Program) -> None:
    _exported(world, program)
    _ran(program, "rename", f"{VAULT}/0", "zero")
    _ran(program, "upload", "small", VAULT)


def _kept_in_vault(world: World, program: Program) -> None:
    _stored(world, program)
    _ran(program, "keymap", "store", VAULT)


def _kept_in_vault_and_lost(world: World, program: Program) -> None:
    _kept_in_vault(world, program)
    world.key_map.unlink()


def _unfinished(world: World, program: Program) -> None:
    _vault(world, program)
    line = ("upload", "large", VAULT, "--part-size", "1MiB", "--jobs", "1")
    points = 0
    # The last kill before the end leaves an upload with all its parts.
    while not _has_parts(world):
        points += 10
        program.run(*line, kill_at=points)


def _has_parts(world: World) -> bool:
    return len(list((world.home / "data").glob("glaciercli/local-store/blobs/*/*"))) >= 2


_UPLOAD = ("--part-size", "1MiB", "--jobs", "1")

_PROVE_COPY = ("keymap", "check", "--key-map")

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="vault create", prepare=lambda *_: None, line=("vault", "create", VAULT)),
    Scenario(name="upload small", prepare=_vault, line=("upload", "small", VAULT)),
    Scenario(name="upload large", prepare=_vault, line=("upload", "large", VAULT, *_UPLOAD)),
    Scenario(
        name="upload stdin",
        prepare=_vault,
        line=("upload", "-", VAULT, "--name", "piped", *_UPLOAD),
        stdin=_bytes(3, _LARGE),
        # A stream whose archive was completed in time is told from another only at its end.
        sent_again=3,
    ),
    Scenario(
        name="upload small stdin",
        prepare=_vault,
        line=("upload", "-", VAULT, "--name", "piped", *_UPLOAD),
        stdin=_bytes(4, 3000),
    ),
    Scenario(name="upload tree", prepare=_tree, line=("upload", "tree", VAULT, *_UPLOAD)),
    Scenario(name="upload again", prepare=_unfinished, line=("upload", "large", VAULT, *_UPLOAD)),
    Scenario(
        name="upload-parts abort",
        prepare=_unfinished,
        line=("upload-parts", "abort", VAULT, "--all", "--yes", "--jobs", "1"),
    ),
    Scenario(
        name="sync",
        prepare=_edited,
        line=("sync", "tree", VAULT, "--delete", "--yes", *_UPLOAD),
    ),
    Scenario(
        name="retrieve",
        prepare=_stored,
        line=("retrieve", f"{VAULT}/**", "--to", "back", "--yes", "--jobs", "1"),
    ),
    Scenario(
        name="delete",
        prepare=_stored,
        line=("delete", f"{VAULT}/*", "--yes", "--jobs", "1"),
        done=frozenset({0, 11}),
    ),
    Scenario(name="inventory refresh", prepare=_stored, line=("inventory", "refresh", VAULT)),
    Scenario(
        name="inventory refresh, map lost", prepare=_lost, line=("inventory", "refresh", VAULT)
    ),
    Scenario(
        name="inventory import",
        prepare=_inventory_saved,
        line=("inventory", "import", VAULT, "inventory.json"),
    ),
    Scenario(
        name="rename",
        prepare=_stored,
        line=("rename", f"{VAULT}/0", "zero"),
        done=frozenset({0, 11}),
    ),
    Scenario(
        name="vault delete",
        prepare=_listed,
        line=("vault", "delete", VAULT, "--with-archives", "--yes", "--jobs", "1"),
        done=frozenset({0, 10}),
    ),
    Scenario(
        name="keymap backup",
        prepare=_stored,
        line=("keymap", "backup", "copy", "--overwrite"),
        proofs={"copy": _PROVE_COPY},
    ),
    Scenario(
        name="keymap export",
        prepare=_stored,
        line=("keymap", "export", "all.jsonl", "--overwrite"),
        proofs={"all.jsonl": ("keymap", "merge", "--dry-run")},
    ),
    Scenario(
        name="keymap restore", prepare=_two_machines, line=("keymap", "restore", "copy", "--yes")
    ),
    Scenario(name="keymap merge", prepare=_two_machines, line=("keymap", "merge", "copy")),
    Scenario(
        name="keymap import",
        prepare=_exported_and_lost,
        line=("keymap", "import", "all.jsonl"),
        done=frozenset({0, 1}),
    ),
    Scenario(
        name="keymap store",
        prepare=_kept_in_vault,
        line=("keymap", "store", VAULT),
        begins_anew=True,
    ),
    Scenario(
        name="keymap recover",
        prepare=_kept_in_vault_and_lost,
        line=("keymap", "recover", VAULT),
    ),
    Scenario(name="verify", prepare=_stored, line=("verify", "tree", VAULT, "--jobs", "1")),
    Scenario(
        name="restore drill",
        prepare=_stored,
        line=("verify", VAULT, "--sample", "2", "--yes", "--jobs", "1"),
        begins_anew=True,
    ),
)
