"""``glaciercli sync`` while something of the directory is being brought back."""

from datetime import timedelta
from pathlib import Path

from glaciercli.server.settings import ServiceSettings
from glaciercli.transfer.targets import partial_name
from tests.cli.conftest import Done, Run, Serving
from tests.cli.trees import look

_WHY = "it is being retrieved, or was within a day"


def test_what_is_being_retrieved_is_not_deleted(run: Run, serving: Serving, work: Path) -> None:
    server = serving(ServiceSettings(standard_delay=timedelta(seconds=0.4)))
    server.client.create_vault(vaultName="photos")

    def far(*words: str) -> Done:
        return run(*server.options, *words, env=server.env)

    tree = work / "tree"
    tree.mkdir()
    for name in ("big", "gone", "here"):
        (tree / name).write_bytes(name.encode())
    far("sync", "tree", "photos").ok()
    whole, _ = look(tree)
    (tree / "big").unlink()
    (tree / "gone").unlink()
    line = ("retrieve", "photos/big", "--to", "tree/big")
    far(*line).failed(75)
    # What a run leaves that is cut off while the file comes.
    partial = partial_name("big", "BK9-aaaaaaaaaaaa")
    (tree / partial).write_bytes(b"\0\0\0")
    nightly = ("sync", "tree", "photos", "--delete", "--yes")
    shown = far(*nightly, "--dry-run").ok()
    assert f"would keep big: {_WHY}" in shown.lines
    assert "would delete gone: no such file any more" in shown.lines
    done = far(*nightly).ok()
    assert "deleted gone" in done.lines
    assert f"skipped: {tree / partial}: a temporary file of glaciercli" in done.lines
    assert f'"big" is not deleted: {_WHY}' in done.err
    far(*line, "--wait").ok()
    (tree / partial).unlink()
    assert look(tree)[0] == {name: one for name, one in whole.items() if name != b"gone"}


def test_a_replaced_version_that_is_being_retrieved_stays(local: Run, photos: Path) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "a").write_bytes(b"first")
    nightly = ("sync", "tree", "photos", "--delete", "--yes", "-o", "json")
    local(*nightly).ok()
    local("retrieve", "photos/a", "--to", "back/").ok()
    (photos / "tree" / "a").write_bytes(b"the second")
    done = local(*nightly).ok().json
    assert (len(done["uploaded"]), done["deleted"], done["kept"]) == (1, [], 1)
