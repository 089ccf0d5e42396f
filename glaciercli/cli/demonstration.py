"""The main job, shown on the embedded service with real files and real command lines."""

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from glaciercli import errors

#: The size of the file that goes up in several parts, and of a part, in bytes.
_LARGE_BYTES = 20 * 1024 * 1024
_PART = "4MiB"

_VAULT = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demonstration takes place; nothing of it is left behind."""

    directory: str
    say: Callable[..., None]

    @property
    def key_map(self) -> str:
        """The key map that is going to be thrown away."""
        return os.path.join(self.directory, "key-map.sqlite3")

    @property
    def restored(self) -> str:
        """The empty directory that everything comes back to."""
        return os.path.join(self.directory, "restored")

    def run(self, *words: str) -> None:
        """Show a command line and run it; raise where it fails."""
        self.say(f"\n$ glaciercli {shlex.join(words)}")
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "glaciercli", *words],
            cwd=self.directory,
            env=self._environment(),
            check=False,
        )
        if done.returncode:
            raise errors.GlacierCliError(
                f"the demonstration stopped: glaciercli {words[0]} ended with {done.returncode}"
            )

    def _environment(self) -> dict[str, str]:
        from glaciercli.config.environment import process_environment

        config = os.path.join(self.directory, "config.toml")
        return process_environment().with_variables(
            GLACIERCLI_CONFIG=config, GLACIERCLI_KEY_MAP=self.key_map, GLACIERCLI_STORE="demo"
        )


def run(paths: Sequence[str], *, say: Callable[..., None]) -> int:
    """Show the main job and return 0 if every byte came back."""
    with tempfile.TemporaryDirectory(prefix="glaciercli-demo-") as directory:
        stage = Stage(directory=directory, say=say)
        _prepare(stage)
        sources = _sources(stage, paths)
        _tell(stage, sources)
        count, size = _compare(sources, stage.restored)
    say(f"\nEvery byte and every time came back: {count:,} files, {size:,} bytes.")
    return 0


def _tell(stage: Stage, sources: Sequence[str]) -> None:
    stage.say("A vault in a store of its own, answered by the embedded service in this process.")
    stage.run("vault", "create", _VAULT)
    stage.say("\nStore real files; the large one goes up in parts.")
    stage.run("upload", *sources, _VAULT, "--part-size", _PART, "--quiet")
    stage.run("list", f"{_VAULT}/*")
    stage.say("\nAsk the vault for its inventory and reconcile the key map with it.")
    stage.run("inventory", "refresh", _VAULT)
    stage.say(f"\nNow lose the key map.\n\n$ rm {os.path.basename(stage.key_map)}")
    os.unlink(stage.key_map)
    stage.say("\nThe vault is enough to rebuild it: names, times and hashes are in there.")
    stage.run("inventory", "refresh", _VAULT)
    stage.say("\nBring everything back into an empty directory; every file is proved.")
    stage.run("retrieve", f"{_VAULT}/**", "--to", stage.restored, "--quiet")


def _prepare(stage: Stage) -> None:
    data = os.path.join(stage.directory, "store")
    with open(os.path.join(stage.directory, "config.toml"), "w", encoding="utf-8") as file:
        file.write(f'[stores.demo]\nkind = "local"\ndata = "{data}"\n')


def _sources(stage: Stage, paths: Sequence[str]) -> list[str]:
    """Return what is going to be stored: the paths given, or a tree that every Python has."""
    large = os.path.join(stage.directory, "large.bin")
    random = Random(0)  # noqa: S311 - the same bytes in every run, no secrets
    with open(large, "wb") as file:
        file.writelines(random.randbytes(1024 * 1024) for _ in range(_LARGE_BYTES // (1024 * 1024)))
    if paths:
        return [*(os.path.abspath(path) for path in paths), large]
    library = sysconfig.get_path("stdlib")
    return [os.path.join(library, "email"), large]


def _compare(sources: Sequence[str], restored: str) -> tuple[int, int]:
    """Compare what came back with what was stored; raise ``ChecksumMismatch`` on a difference."""
    count = size = 0
    for original, name in _pairs(sources):
        copy = os.path.join(restored, name)
        if not _same(original, copy):
            raise errors.ChecksumMismatch(f'"{name}" came back different, or not at all')
        count += 1
        size += os.path.getsize(original)
    return count, size


def _pairs(sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    from glaciercli.core.sync_plan import LocalFile
    from glaciercli.transfer import tree

    for source in sources:
        if not os.path.isdir(source):
            yield source, os.path.basename(source)
            continue
        for found in tree.walk(source):
            if isinstance(found, LocalFile):
                yield found.path, found.name


def _same(original: str, copy: str) -> bool:
    import filecmp

    if not os.path.isfile(copy):
        return False
    same_time = os.stat(original).st_mtime_ns == os.stat(copy).st_mtime_ns
    return same_time and filecmp.cmp(original, copy, shallow=False)
