"""Imports point down only: the contracts in pyproject.toml hold."""

import subprocess
import sys

from tests.project.sources import ROOT

_CODE = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def test_every_contract_is_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
