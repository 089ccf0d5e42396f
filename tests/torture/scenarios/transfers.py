"""Commands that store archives, bring them back, and prove them."""

from tests.torture.scenarios import before
from tests.torture.scenarios.before import IN_TURN, LARGE
from tests.torture.scenarios.scenario import Scenario
from tests.torture.world import VAULT

_ALL = f"{VAULT}/**"

#: Several workers: one part of each may be sent again.
_WORKERS = 3
_AT_ONCE = ("--part-size", "1MiB", "--jobs", str(_WORKERS))

_STORING = (
    Scenario(name="upload small", prepare=before.vault, line=("upload", "small", VAULT)),
    Scenario(name="upload large", prepare=before.vault, line=("upload", "large", VAULT, *IN_TURN)),
    Scenario(
        name="upload stdin",
        prepare=before.vault,
        line=("upload", "-", VAULT, "--name", "piped", *IN_TURN),
        stdin=before.some_bytes(3, LARGE),
        # A stream whose archive was completed in time is told from another only at its end.
        sent_again=3,
    ),
    Scenario(
        name="upload small stdin",
        prepare=before.vault,
        line=("upload", "-", VAULT, "--name", "piped", *IN_TURN),
        stdin=before.some_bytes(4, 3000),
    ),
    Scenario(name="upload tree", prepare=before.tree, line=("upload", "tree", VAULT, *IN_TURN)),
    Scenario(
        name="upload again",
        prepare=before.unfinished,
        line=("upload", "large", VAULT, *IN_TURN),
    ),
    Scenario(
        name="upload versions",
        prepare=before.changed,
        line=("upload", "small", "large", VAULT, *IN_TURN),
    ),
    Scenario(
        name="upload-parts abort",
        prepare=before.unfinished,
        line=("upload-parts", "abort", VAULT, "--all", "--yes", "--jobs", "1"),
    ),
    Scenario(
        name="sync",
        prepare=before.edited,
        line=("sync", "tree", VAULT, "--delete", "--yes", *IN_TURN),
    ),
    Scenario(
        name="sync new",
        prepare=before.tree,
        line=("sync", "tree", VAULT, *IN_TURN),
    ),
    Scenario(
        name="sync later",
        prepare=before.edited,
        line=("sync", "tree", VAULT, "--delete-after", "9d", "--keep-versions", "2", *IN_TURN),
    ),
)

_BRINGING_BACK = (
    Scenario(
        name="retrieve",
        prepare=before.stored,
        line=("retrieve", _ALL, "--to", "back", "--yes", "--jobs", "1"),
    ),
    Scenario(
        name="retrieve over",
        prepare=before.in_the_way,
        line=(
            *("retrieve", _ALL, "--to", "back", "--all-versions", "--overwrite"),
            *("--yes", "--jobs", "1"),
        ),
    ),
    Scenario(name="verify", prepare=before.stored, line=("verify", "tree", VAULT, "--jobs", "1")),
    Scenario(
        name="restore drill",
        prepare=before.stored,
        line=("verify", VAULT, "--sample", "2", "--yes", "--jobs", "1"),
        begins_anew=True,
        draws=2,
    ),
)

_PARALLEL = (
    Scenario(
        name="upload at once",
        prepare=before.tree,
        line=("upload", "tree", "small", "large", VAULT, *_AT_ONCE),
        sent_again=_WORKERS,
    ),
    Scenario(
        name="sync at once",
        prepare=before.edited,
        line=("sync", "tree", VAULT, "--delete", "--yes", *_AT_ONCE),
        sent_again=_WORKERS,
    ),
    Scenario(
        name="retrieve at once",
        prepare=before.stored,
        line=("retrieve", _ALL, "--to", "back", "--yes", "--jobs", str(_WORKERS)),
    ),
    Scenario(
        name="verify at once",
        prepare=before.stored,
        line=("verify", "tree", VAULT, "--jobs", str(_WORKERS)),
    ),
    Scenario(
        name="delete at once",
        prepare=before.stored,
        line=("delete", _ALL, "--yes", "--jobs", str(_WORKERS)),
        done=frozenset({0, 11}),
    ),
)

SCENARIOS = (*_STORING, *_BRINGING_BACK, *_PARALLEL)
