"""Whether a file of a tree is there, told without a walk."""

from pathlib import Path

import pytest

from glaciercli.transfer.standing import stands


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with each kind of name."""
    root = tmp_path / "root"
    (root / "d" / "empty").mkdir(parents=True)
    (root / "d" / "file").touch()
    (root / "link").symlink_to("d")
    (root / "nowhere").symlink_to("gone")
    return root


@pytest.mark.parametrize(
    ("name", "plain", "followed"),
    [
        (b"d/file", True, True),
        (b"d/empty/", True, True),
        (b"nowhere", True, True),
        (b"d/other", False, False),
        (b"other/file", False, False),
        (b"d/file/below", False, False),
        # A directory is told only if it is empty, and as a directory.
        (b"d/", False, False),
        (b"d/empty", False, False),
        (b"link", True, False),
        (b"link/file", False, True),
        (b"zero\0byte", False, False),
        (b"l" * 5000, False, False),
    ],
)
def test_a_name_stands_where_a_walk_would_meet_it(
    root: Path, name: bytes, *, plain: bool, followed: bool
) -> None:
    assert stands(str(root), name, follow=False) is plain
    assert stands(str(root), name, follow=True) is followed
