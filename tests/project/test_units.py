"""The unit file in the documents is one that systemd takes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.sources import ROOT

DOCUMENT = ROOT / "docs" / "embedded-service.md"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_unit_in_the_documents_is_valid(tmp_path: Path) -> None:
    (unit,) = re.findall(r"```ini\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "glaciercli.service"
    # The program need not be installed here, but systemd wants to see it.
    path.write_text(unit.replace("/usr/local/bin/glaciercli", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in done.stderr.splitlines() if path.name in line]
    assert about_ours == []
    assert done.returncode == 0


def test_the_unit_starts_the_service_as_it_is_documented() -> None:
    text = DOCUMENT.read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert re.fullmatch(r"/\S+/glaciercli serve( --[a-z-]+ \S+)*", start)
