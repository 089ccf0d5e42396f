"""docs/fault-catalogue.md: which tests cover which fault.

``python -m tests.project.fault_catalogue`` writes it, from the marks ``covers`` of the tests.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.project.fault_rows import REMARKS, ROWS
from tests.project.sources import ROOT

PAGE = ROOT / "docs" / "fault-catalogue.md"

GROUPS = {
    "P": "Processes, disks, the key map",
    "N": "The network and the service",
    "F": "Files and names",
    "H": "Hostile or unlucky data",
    "E": "The embedded service",
}

_INTRODUCTION = """# Catalogue of faults

What may go wrong, and the tests that make it happen; made from the marks of the tests by
`python -m tests.project.fault_catalogue`. [exit-codes.md](exit-codes.md) tells how a command ends
then, [testing.md](testing.md) how the tests work, [threat-model.md](threat-model.md) who may mean
it.
"""


def covering() -> Mapping[str, list[str]]:
    """Return the tests of each row, by file and name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, row in _marks(path):
            found[row].append(f"{path.relative_to(ROOT / 'tests').as_posix()}: {name}")
    return found


def _marks(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the rows that each test of a file covers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.covers":
                yield from ((node.name, str(ast.literal_eval(one))) for one in mark.args)


def page() -> str:
    """Return the document."""
    tests = covering()
    parts = [_INTRODUCTION]
    for letter, title in GROUPS.items():
        rows = (row for row in ROWS if row.startswith(letter))
        parts.append(f"## {title}\n\n" + "".join(_row(row, tests.get(row, [])) for row in rows))
    return "\n".join(parts)


def _row(row: str, tests: list[str]) -> str:
    lines = [f"- **{row}** {ROWS[row]}\n"]
    lines += [f"  {REMARKS[row]}\n"] if row in REMARKS else []
    lines += [f"  - `{where}`: {_sentence(name)}\n" for where, name in map(_cut, tests)]
    return "".join(lines)


def _cut(test: str) -> tuple[str, str]:
    where, _, name = test.partition(": ")
    return where, name


def _sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
