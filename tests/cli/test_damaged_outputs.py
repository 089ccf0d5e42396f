"""What comes back other than it was stored is never kept, whether the service proves it or not."""

import random
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from glaciercli.ports import WireRequest, WireResponse
from tests.cli.conftest import Run, Server

TREE_HASH = "x-amz-sha256-tree-hash"

CONTENT = random.Random(5).randbytes(150_000)  # noqa: S311 - no secret
ANOTHER = random.Random(6).randbytes(len(CONTENT))  # noqa: S311 - no secret
RETRIEVE = ("retrieve", "photos/film", "--to", "back/film")

Damage = Callable[[bytes], bytes]


def flipped(content: bytes) -> bytes:
    return content[:70_000] + bytes([content[70_000] ^ 16]) + content[70_001:]


def of_another_archive(content: bytes) -> bytes:
    return ANOTHER[: len(content)]


def damaged(
    server: Server, damage: Damage, *, proof: bool
) -> Callable[[WireRequest], WireResponse]:
    """Return what answers with other bytes than were stored, with the hash of the right ones."""

    def answer(request: WireRequest) -> WireResponse:
        given = server.service.inner.handle(request)
        kept = {
            name: value
            for name, value in given.headers.items()
            if proof or name.lower() != TREE_HASH
        }
        assert (len(kept) == len(given.headers)) is proof, "the service proves every range"
        body = damage(b"".join(given.body))
        return replace(given, headers=kept, body=iter([body]))

    return answer


@pytest.fixture
def stored(vault: Server, run: Run, work: Path) -> Server:
    """A vault with an archive."""
    (work / "film").write_bytes(CONTENT)
    run("upload", "film", "photos").ok()
    return vault


@pytest.fixture
def back(work: Path) -> Path:
    """Where archives come back to."""
    return work / "back"


def files_with(content: bytes, home: Path) -> list[Path]:
    return [one for one in home.rglob("*") if one.is_file() and content in one.read_bytes()]


def outputs(server: Server) -> int:
    return server.service.count("GetJobOutput")


@pytest.mark.covers("N8", "N9", "N10")
@pytest.mark.parametrize("damage", [flipped, of_another_archive])
def test_bytes_that_do_not_match_their_hash_are_asked_for_again(
    stored: Server, run: Run, back: Path, damage: Damage
) -> None:
    stored.service.breaks("GetJobOutput", damaged(stored, damage, proof=True))
    run(*RETRIEVE).ok()
    assert (back / "film").read_bytes() == CONTENT
    assert outputs(stored) == 2


@pytest.mark.covers("N9")
def test_bytes_that_keep_arriving_damaged_get_no_name(stored: Server, run: Run, back: Path) -> None:
    stored.service.breaks("GetJobOutput", *[damaged(stored, flipped, proof=True)] * 3)
    run(*RETRIEVE).failed(15, "keep arriving damaged")
    assert not (back / "film").exists()
    assert outputs(stored) == 3
    run(*RETRIEVE).ok()
    assert (back / "film").read_bytes() == CONTENT
    assert [one.name for one in back.iterdir()] == ["film"]
    assert stored.service.count("InitiateJob") == 1


@pytest.mark.covers("N8", "N9", "N10")
@pytest.mark.parametrize(
    ("damage", "target"),
    [(flipped, "back/film"), (of_another_archive, "back/film"), (flipped, "-")],
)
def test_bytes_that_nobody_proves_are_proved_as_a_whole_and_thrown_away(
    stored: Server, run: Run, home: Path, damage: Damage, target: str
) -> None:
    line = (*RETRIEVE[:-1], target)
    for _ in range(2):
        stored.service.breaks("GetJobOutput", damaged(stored, damage, proof=False))
        said = run(*line).failed(15, "another tree hash")
        assert "nothing was written" in said.err
        assert said.raw == b"" or target != "-"
        # Neither under its name nor under any other.
        assert files_with(damage(CONTENT), home) == []
    said = run(*line).ok()
    assert (said.raw if target == "-" else (home / "work" / target).read_bytes()) == CONTENT
    assert stored.service.count("InitiateJob") == 1


@pytest.mark.covers("E8")
def test_content_that_was_damaged_where_it_is_stored_gets_no_name(
    run: Run, local: Run, photos: Path, home: Path
) -> None:
    (photos / "film").write_bytes(CONTENT)
    local("upload", "film", "photos").ok()
    (blob,) = home.glob("data/glaciercli/local-store/blobs/*/*")
    blob.write_bytes(flipped(CONTENT))
    said = local(*RETRIEVE).failed(15, "keep arriving damaged")
    assert not (photos / "back" / "film").exists()
    assert "run the same line again" not in said.err
    (line,) = re.findall("hint: `glaciercli (.+)`", said.err)
    run(*shlex.split(line)).failed(15, f"{blob.name} holds other bytes than stored")
