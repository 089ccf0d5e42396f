"""Each kind of effect has one home: SQL, the environment, the screen."""

import ast
import re
from collections.abc import Iterator

from tests.project.sources import modules

_SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX)|PRAGMA\s+\w+)",
    re.DOTALL,
)


def strings(tree: ast.Module) -> Iterator[str]:
    """Yield the literal text of a module, docstrings left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node) is not None
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)


def attributes(tree: ast.Module) -> set[str]:
    """Every ``name.attribute`` that a module uses."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def imports(tree: ast.Module) -> set[str]:
    """Every module, and every name of a module, that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"{node.module}.{one.name}" for one in node.names)
    return found


def elsewhere(*homes: str) -> dict[str, ast.Module]:
    return {name: tree for name, tree in modules().items() if not name.startswith(homes)}


def test_sql_is_written_in_the_key_map_and_the_catalogue_alone() -> None:
    found = {
        name: text
        for name, tree in elsewhere("keymap/", "server/catalogue/").items()
        for text in strings(tree)
        if _SQL.search(text)
    }
    assert found == {}


def test_sqlite_is_opened_by_the_key_map_and_the_catalogue_alone() -> None:
    found = {
        name
        for name, tree in elsewhere("keymap/", "server/catalogue/").items()
        if attributes(tree) & {"sqlite3.connect"}
    }
    assert found == set()


def test_the_environment_is_read_by_config_alone() -> None:
    reads = {"os.environ", "os.getenv", "os.environb"}
    found = {
        name
        for name, tree in elsewhere("config/environment.py").items()
        if (attributes(tree) | imports(tree)) & reads
    }
    assert found == set()


def test_only_cli_and_render_write_to_the_screen() -> None:
    streams = {"sys.stdout", "sys.stderr", "click.echo", "sys.__stdout__", "sys.__stderr__"}
    found = {
        name
        for name, tree in elsewhere("cli/", "render/").items()
        if (attributes(tree) | imports(tree)) & streams
        or any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"print", "input"}
            for node in ast.walk(tree)
        )
    }
    assert found == set()


def test_the_clock_is_read_in_one_place() -> None:
    reads = {"time.time", "time.sleep", "time.time_ns", "datetime.now", "datetime.utcnow"}
    found = {name for name, tree in elsewhere("cli/clock.py").items() if attributes(tree) & reads}
    assert found == set()
