#!/usr/bin/env python3
"""Mutation testing: change one thing in a module, and see whether its tests notice.

``python tools/mutate.py [MODULE ...]`` prints a table for benchmarks/mutation.md, and on standard
error what no test noticed.  Each change runs in a process of its own, forked from one that has
imported the libraries; the tests have to be in-process ones.
"""

import ast
import contextlib
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import boto3  # noqa: F401 - imported once, for all changes
import hypothesis  # noqa: F401
import pytest

ROOT = Path(__file__).resolve().parent.parent

#: The modules on which it hangs that nothing is lost, and the tests that have to notice.
TARGETS = {
    "core/treehash": ["tests/core/test_treehash.py"],
    "core/parts": ["tests/core/test_parts.py"],
    "core/paths": ["tests/core/test_paths.py"],
    "core/text": ["tests/core/test_text.py"],
    "core/reconcile": ["tests/core/test_reconcile.py"],
    "service/retry": ["tests/service/test_retry.py", "tests/service/test_pacing.py"],
    "keymap/uploads": ["tests/keymap/test_uploads.py", "tests/keymap/test_made_anew.py"],
    "core/upload_states": ["tests/core/test_upload_states.py"],
    "operations/upload_ledger": [
        "tests/operations/test_upload_ledger.py",
        "tests/operations/test_cut_off_uploads.py",
        "tests/operations/test_version_order.py",
    ],
    "operations/download_flow": [
        "tests/operations/test_download_flow.py",
        "tests/operations/test_download_order.py",
    ],
}

#: The time of the processor after which tests are taken to notice that something never ends.
_MOST_S = 20

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module in which one thing is different."""

    line: int
    change: str
    code: CodeType


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    made: Any = copy.deepcopy(node)
    yield from _other_operator(made)
    match made:
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=inner):
            yield inner
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.stmt():
            yield from _other_statement(made)


def _other_operator(made: Any) -> Iterator[ast.AST]:
    match made:
        case ast.Compare(ops=[one, *_]) if type(one) in _COMPARISONS:
            made.ops[0] = _COMPARISONS[type(one)]()
        case ast.BinOp(op=one) | ast.AugAssign(op=one) if type(one) in _OPERATORS:
            made.op = _OPERATORS[type(one)]()
        case ast.BoolOp(op=one):
            made.op = ast.Or() if isinstance(one, ast.And) else ast.And()
        case _:
            return
    yield made


def _other_statement(made: Any) -> Iterator[ast.AST]:
    match made:
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.YieldFrom()) | ast.Raise() | ast.Continue():
            yield ast.Pass()
        case ast.If() | ast.While():
            for always in (True, False)[isinstance(made, ast.While) :]:
                other = copy.deepcopy(made)
                other.test = ast.Constant(always)
                yield other


class _Replace(ast.NodeTransformer):
    """Puts a node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        if node is self._old:
            return ast.copy_location(self._new, node)
        return self.generic_visit(node)


def _places(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that do something; types, and words for people, are none."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "msg"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and "TYPE_CHECKING" not in ast.unparse(child)[:20]:
                yield child
                yield from _places(child)


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield a module as it is, and then every mutant of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield Mutant(line=0, change="nothing", code=compile(tree, str(path), "exec"))
    for place in list(_places(tree)):
        for variant in _variants(place):
            changed = _Replace(place, variant).visit(copy.copy(tree))
            code = compile(ast.fix_missing_locations(changed), str(path), "exec")
            _Replace(variant, place).visit(changed)
            words = f"{_shown(place)} -> {_shown(variant)}"
            yield Mutant(line=getattr(place, "lineno", 0), change=words, code=code)


def _shown(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0][:70]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module as a mutant of it."""

    def __init__(self, name: str, path: Path, mutant: Mutant) -> None:
        self._name, self._path, self._mutant = name, path, mutant

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._mutant.code, module.__dict__)  # noqa: S102 - it is our own module


def survives(name: str, path: Path, mutant: Mutant, tests: Sequence[str]) -> bool:
    """Tell whether no test notices a mutant."""
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, _MOST_S)
        sys.meta_path.insert(0, _Finder(name, path, mutant))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore"]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = pytest.main([*options, *tests])
        os._exit(int(code))
    return os.waitpid(child, 0)[1] == 0


def main(modules: Sequence[str]) -> int:
    """Print a row for each module."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.stdout.write("| module | changes | noticed | score |\n|---|--:|--:|--:|\n")
    for module in modules or list(TARGETS):
        path, name = ROOT / f"glaciercli/{module}.py", f"glaciercli.{module.replace('/', '.')}"
        (sound, *made), left = mutants(path), 0
        if not survives(name, path, sound, TARGETS[module]):
            sys.exit(f"the tests of {module} fail without any change")
        for mutant in made:
            if survives(name, path, mutant, TARGETS[module]):
                left += 1
                sys.stderr.write(f"{module}:{mutant.line}: {mutant.change}\n")
        noticed = len(made) - left
        sys.stdout.write(f"| `{module}` | {len(made)} | {noticed} | {noticed / len(made):.1%} |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
