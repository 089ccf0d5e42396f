"""Files, functions and nesting stay small enough to be read at a glance."""

import ast

import pytest

from tests.project.sources import PACKAGE, functions, modules

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
DEEPEST = 3

# What makes a reader remember a condition; a ``with`` does not.
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, not counting its docstring."""
    assert function.end_lineno is not None
    whole = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return whole
    return whole - (first.end_lineno - first.lineno + 1)


def depth_of(node: ast.AST) -> int:
    """How many blocks lie within one another below a node; ``elif`` goes no deeper."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        below = depth_of(child)
        is_elif = isinstance(node, ast.If) and [child] == node.orelse and isinstance(child, ast.If)
        deepest = max(deepest, below + (isinstance(child, _BLOCKS) and not is_elif))
    return deepest


def test_no_file_is_long() -> None:
    sizes = {name: len((PACKAGE / name).read_text("utf-8").splitlines()) for name in modules()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    offenders = {
        f"{name}:{function.name}": size
        for name, tree in modules().items()
        for function in functions(tree)
        if (size := lines_of(function)) > LONGEST_FUNCTION
    }
    assert offenders == {}


def test_nothing_is_nested_deep() -> None:
    offenders = {
        f"{name}:{function.name}": depth
        for name, tree in modules().items()
        for function in functions(tree)
        if (depth := depth_of(function)) > DEEPEST
    }
    assert offenders == {}


@pytest.mark.parametrize(
    ("code", "depth"),
    [
        ("def f():\n    pass", 0),
        (
            "def f():\n    if a:\n        b\n    elif c:\n        d\n    elif e:\n        g",
            1,
        ),
        ("def f():\n    for a in b:\n        with c:\n            if d:\n                e", 2),
    ],
)
def test_depth_is_counted_in_blocks(code: str, depth: int) -> None:
    assert depth_of(ast.parse(code).body[0]) == depth
