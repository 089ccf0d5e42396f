"""Memory does not grow with what goes up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEND = """
import resource, sys
from datetime import UTC, datetime
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer.files import SourceFile
from tests.service.misbehaving import answering, http, on_a_line

size = int(sys.argv[2])
payload = SourceFile(sys.argv[1]).hashed(ByteRange(0, size))
tree = payload.tree_hash.hex()
done = answering(http(201, x_amz_archive_id="A", x_amz_sha256_tree_hash=tree, connection="close"))
with on_a_line(done) as (asked, line):
    assert asked.service.upload_archive("v", payload, description="") == "A"
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.covers("P13")
@pytest.mark.timeout(60)
def test_memory_does_not_grow_with_a_slice(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.touch()
    peaks = []
    for size in (1, 512 * 1024 * 1024):
        os.truncate(path, size)
        done = subprocess.run(
            [sys.executable, "-c", SEND, str(path), f"{size}"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 16
