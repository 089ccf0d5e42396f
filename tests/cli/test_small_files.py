"""What is said before very many small archives are made."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def many(photos: Path) -> Path:
    """A directory of a thousand small files and a large one."""
    source = photos / "source"
    source.mkdir()
    for number in range(1000):
        (source / f"{number:03}").write_bytes(b"x" * 100)
    (source / "large").write_bytes(b"x" * 32_768)
    return source


@pytest.mark.parametrize("command", ["upload", "sync"])
def test_what_small_files_really_cost_is_told_before_they_are_stored(
    local: Run, many: Path, command: str
) -> None:
    said = local(command, many, "photos", "--dry-run").ok().err
    assert "1,000 files are smaller than the 32 KiB that Amazon adds to each archive" in said
    # 1,000 times 32,868 bytes, at $0.0036 a GB-month.
    assert "97.7 KiB cost less than $0.01 a month, and $0.03 once for the requests" in said
    assert "packed into one archive, as with tar, less than $0.01 a month" in said


@pytest.mark.parametrize("command", ["upload", "sync"])
def test_fewer_are_not_worth_a_word(local: Run, many: Path, command: str) -> None:
    (many / "000").unlink()
    assert "32 KiB" not in local(command, many, "photos", "--dry-run").ok().err


def test_where_no_price_is_known_that_is_told(local: Run, many: Path) -> None:
    said = local("upload", many, "photos", "--dry-run", "--region", "mars-north-1").ok().err
    assert "cost unknown: no price of mars-north-1/vault/storage a month" in said
