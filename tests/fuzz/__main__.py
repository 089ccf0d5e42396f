"""``python -m tests.fuzz``: as many cases as asked for against one parser, or against all."""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.parser import Parser
from tests.fuzz.table import parsers

#: How much more memory than at the start a case may take.
_MOST_BYTES = 256 * 1024 * 1024

#: Where nothing reaches a disk.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there

#: How many failures of a parser are enough.
_ENOUGH = 10


def fuzz(parser: Parser, *, cases: int, seed: int, kept: Path | None) -> bool:
    """Try a parser, say how it went, and tell whether all was well."""
    began, done, found = time.monotonic(), 0, list[campaign.Failure]()
    for failure in campaign.failures(parser, count=cases, seed=seed):
        done += 1
        if failure is not None:
            found.append(campaign.shrunk(parser, failure))
            sys.stderr.write(f"{parser.name}, seed {seed}, case {done}: {found[-1]}\n")
        if len(found) == _ENOUGH:
            break
    spent = time.monotonic() - began
    sys.stdout.write(
        f"fuzz: {parser.name}: seed {seed}, {done} cases in {spent:.0f} s, {len(found)} failed\n"
    )
    sys.stdout.flush()
    if kept is not None:
        _keep(kept / parser.name, found)
    return not found


def _keep(place: Path, found: Sequence[campaign.Failure]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for number, failure in enumerate(found):
        (place / f"failed-{number}").write_bytes(failure.data)


def _bound_memory() -> None:
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = used * resource.getpagesize() + _MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main(argv: Sequence[str]) -> int:
    """Return 0 where no parser failed."""
    wanted = argparse.ArgumentParser(prog="tests.fuzz")
    wanted.add_argument("--parser", nargs="+", metavar="NAME", help="by name; all without")
    wanted.add_argument("--cases", type=int, default=10_000, help="of each parser")
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--keep", type=Path, metavar="DIRECTORY", help="for what fails")
    wanted.add_argument("--list", action="store_true", help="only print the names")
    given = wanted.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as place:
        chosen = [one for one in parsers(Path(place)) if one.name in (given.parser or [one.name])]
        if given.list:
            sys.stdout.writelines(f"{one.name}\n" for one in chosen)
            return 0
        _bound_memory()
        went_well = [
            fuzz(one, cases=given.cases, seed=given.seed, kept=given.keep) for one in chosen
        ]
    return int(not all(went_well))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
