"""Commands about vaults, what is set of them, and what an inventory tells of them."""

from tests.torture.scenarios import before
from tests.torture.scenarios.before import TOPIC
from tests.torture.scenarios.scenario import Scenario
from tests.torture.world import VAULT, World

#: There is no such archive any more: the run before was killed behind its last step.
_NO_ARCHIVE = 11
_NO_VAULT = 10
_REFUSED = 14


def _page_is_whole(world: World) -> None:
    page = world.work / "page.html"
    if page.exists():
        assert page.read_text().rstrip().endswith("</html>"), "half a page"


_VAULTS = (
    Scenario(name="vault create", prepare=lambda *_: None, line=("vault", "create", VAULT)),
    Scenario(name="vault list", prepare=before.lost, line=("vault", "list")),
    Scenario(name="vault show", prepare=before.lost, line=("vault", "show", VAULT)),
    Scenario(name="job list", prepare=before.asked_for, line=("job", "list", VAULT)),
    Scenario(
        name="vault delete",
        prepare=before.listed,
        line=("vault", "delete", VAULT, "--with-archives", "--yes", "--jobs", "1"),
        done=frozenset({0, _NO_VAULT}),
    ),
    Scenario(
        name="vault delete at once",
        prepare=before.listed,
        line=("vault", "delete", VAULT, "--with-archives", "--yes", "--jobs", "3"),
        done=frozenset({0, _NO_VAULT}),
    ),
)

_SETTINGS = (
    Scenario(
        name="vault tag set",
        prepare=before.configured,
        line=("vault", "tag", "set", VAULT, "a=new", "d=4"),
    ),
    Scenario(
        name="vault tag unset",
        prepare=before.configured,
        line=("vault", "tag", "unset", VAULT, "a", "b"),
    ),
    Scenario(
        name="vault policy set",
        prepare=before.configured,
        line=("vault", "policy", "set", VAULT, "--preset", "deny-delete-for-days=30"),
    ),
    Scenario(
        name="vault policy remove",
        prepare=before.configured,
        line=("vault", "policy", "remove", VAULT),
    ),
    Scenario(
        name="vault notify set",
        prepare=before.vault,
        line=("vault", "notify", "set", VAULT, TOPIC),
    ),
    Scenario(
        name="vault notify remove",
        prepare=before.configured,
        line=("vault", "notify", "remove", VAULT),
    ),
    Scenario(
        name="vault lock start",
        prepare=before.vault,
        line=("vault", "lock", "start", VAULT, "--preset", "deny-delete-for-days=365"),
        # There is a lock in progress.
        done=frozenset({0, _REFUSED}),
    ),
    Scenario(
        name="vault lock complete",
        prepare=before.locked,
        line=("vault", "lock", "complete", VAULT, "--confirm", VAULT),
    ),
    Scenario(
        name="vault lock abort", prepare=before.locked, line=("vault", "lock", "abort", VAULT)
    ),
    Scenario(
        name="config init",
        prepare=before.settings,
        line=("config", "init", "--config", "config.toml", "--overwrite"),
    ),
    Scenario(
        name="account policy set",
        prepare=before.vault,
        line=("account", "policy", "set", "--max-per-hour", "10GiB"),
    ),
    Scenario(
        name="account capacity buy",
        prepare=before.vault,
        line=("account", "capacity", "buy", "--yes"),
        begins_anew=True,
        # No account has more than two units.
        done=frozenset({0, _REFUSED}),
    ),
)

_ARCHIVES = (
    Scenario(
        name="delete",
        prepare=before.stored,
        line=("delete", f"{VAULT}/*", "--yes", "--jobs", "1"),
        done=frozenset({0, _NO_ARCHIVE}),
    ),
    Scenario(
        name="rename",
        prepare=before.stored,
        line=("rename", f"{VAULT}/0", "zero"),
        done=frozenset({0, _NO_ARCHIVE}),
    ),
    Scenario(
        name="report",
        prepare=before.stored,
        line=("report", VAULT, "--html", "page.html", "--overwrite"),
        proofs={"page.html": ("treehash",)},
        stands=_page_is_whole,
    ),
    Scenario(name="inventory refresh", prepare=before.stored, line=("inventory", "refresh", VAULT)),
    Scenario(
        name="inventory refresh, map lost",
        prepare=before.lost,
        line=("inventory", "refresh", VAULT),
    ),
    Scenario(
        name="inventory import",
        prepare=before.inventory_saved,
        line=("inventory", "import", VAULT, "inventory.json"),
    ),
    Scenario(
        name="inventory import of another",
        prepare=before.journal_of_another,
        line=("inventory", "import", VAULT, "journal.log"),
    ),
)

SCENARIOS = (*_VAULTS, *_SETTINGS, *_ARCHIVES)
