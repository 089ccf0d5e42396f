"""Commands about the key map itself."""

from tests.torture.scenarios import before, old_key_map
from tests.torture.scenarios.scenario import Scenario
from tests.torture.world import VAULT

_PROVE_COPY = ("keymap", "check", "--key-map")

SCENARIOS = (
    Scenario(
        name="keymap backup",
        prepare=before.stored,
        line=("keymap", "backup", "copy", "--overwrite"),
        proofs={"copy": _PROVE_COPY},
    ),
    Scenario(
        name="keymap export",
        prepare=before.stored,
        line=("keymap", "export", "all.jsonl", "--overwrite"),
        proofs={"all.jsonl": ("keymap", "merge", "--dry-run")},
    ),
    Scenario(
        name="keymap restore",
        prepare=before.two_machines,
        line=("keymap", "restore", "copy", "--yes"),
    ),
    Scenario(name="keymap merge", prepare=before.two_machines, line=("keymap", "merge", "copy")),
    Scenario(
        name="keymap import",
        prepare=before.exported_and_lost,
        line=("keymap", "import", "all.jsonl"),
        # What is there already is not imported once more.
        done=frozenset({0, 1}),
    ),
    Scenario(
        name="keymap store",
        prepare=before.kept_in_vault,
        line=("keymap", "store", VAULT),
        begins_anew=True,
    ),
    Scenario(
        name="keymap store and prune",
        prepare=before.kept_twice,
        line=("keymap", "store", VAULT, "--prune", "--keep", "1", "--yes"),
        begins_anew=True,
    ),
    Scenario(
        name="keymap recover",
        prepare=before.kept_in_vault_and_lost,
        line=("keymap", "recover", VAULT),
    ),
    Scenario(
        name="keymap name-from",
        prepare=before.anonymous,
        line=("keymap", "name-from", "tree", VAULT, "--first"),
    ),
    Scenario(
        name="keymap migration",
        prepare=old_key_map.prepare,
        # It writes nothing but what it knows already.
        line=("vault", "create", VAULT),
        stands=old_key_map.check_stands,
    ),
)
