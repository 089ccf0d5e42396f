"""The configuration: what counts, where it comes from, and defaults of commands."""

import json
import re
from pathlib import Path

import pytest

from glaciercli.config.lines import line_of
from glaciercli.operations.configuration import template
from tests.cli.conftest import Run


@pytest.fixture
def file(home: Path) -> Path:
    place = home / "config" / "glaciercli" / "config.toml"
    place.parent.mkdir(parents=True)
    return place


def origins(
    run: Run, *words: str, **given: dict[str, str]
) -> dict[str, tuple[object, str, str | None]]:
    shown = run("config", "show", *words, "-o", "json", **given).ok().json
    return {one["name"]: (one["value"], one["source"], one["where"]) for one in shown["settings"]}


def test_every_setting_tells_where_it_comes_from(run: Run, file: Path, home: Path) -> None:
    aws = home / "aws"
    aws.write_text("[profile backup]\nregion = eu-west-3\n")
    file.write_text('store = "home"\njobs = 4\n[stores.home]\nprofile = "backup"\n')
    env = {"AWS_CONFIG_FILE": str(aws), "GLACIERCLI_KEY_MAP": str(home / "k")}
    found = origins(run, "--account-id", "111122223333", env=env)
    assert found["store"] == ("home", "file", f'"{file}", line 1')
    assert found["jobs"] == (4, "file", f'"{file}", line 2')
    assert found["profile"] == ("backup", "file", f'"{file}", line 4')
    assert found["region"] == ("eu-west-3", "aws", f'"{aws}", [profile backup]')
    assert found["key_map"] == (str(home / "k"), "environment", "GLACIERCLI_KEY_MAP")
    assert found["account_id"] == ("111122223333", "command line", "--account-id")
    assert found["snapshot_limit"] == (512 * 1024 * 1024, "default", None)


def test_the_line_comes_before_the_environment_and_that_before_the_file(
    run: Run, file: Path
) -> None:
    file.write_text('[stores.aws]\nregion = "eu-west-1"\n')
    env = {"AWS_REGION": "eu-west-2"}
    # What a store says of itself is nearer than what is said of every store.
    assert origins(run, env=env)["region"][0] == "eu-west-1"
    assert origins(run, "--region", "eu-west-3", env=env)["region"][0] == "eu-west-3"
    file.write_text("")
    assert origins(run, env=env)["region"] == ("eu-west-2", "environment", "AWS_REGION")


@pytest.mark.covers("H14")
def test_the_password_of_an_endpoint_is_not_shown(run: Run) -> None:
    env = {"AWS_ENDPOINT_URL_GLACIER": "http://me:canary@127.0.0.1:1"}
    for form in ("text", "json", "csv"):
        shown = run("config", "show", "-o", form, env=env).ok()
        assert "canary" not in shown.out + shown.err
        assert "***@127.0.0.1:1" in shown.out


def test_a_first_configuration_says_everything_and_sets_nothing(run: Run, file: Path) -> None:
    before = run("config", "show").ok().lines[1:]
    assert run("config", "init").ok().out == f"written {file}\n"
    assert run("config", "show").ok().lines[1:] == before
    run("config", "init").failed(1, "exists already")
    file.write_text("jobs = 3")
    run("config", "init", "--overwrite").ok()
    assert file.read_text() == template()
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_example_of_the_first_configuration_can_be_used(run: Run, file: Path) -> None:
    used = re.sub(r"(?m)^# (?=\[|\"?[a-z_/]+\"? = )", "", template())
    file.write_text(used)
    assert used.count("\n# ") < template().count("\n# ") / 2
    for store in ("home", "shared", "lab"):
        run("config", "show", "--store", store).ok()
    assert origins(run)["defaults.retrieve.tier"][0] == "bulk"


def test_where_a_configuration_would_be_is_printed_though_none_can_be_read(
    run: Run, file: Path, work: Path
) -> None:
    file.write_text("jobs = ")
    assert run("config", "path").ok().out == f"{file}\n"
    assert run("config", "path", "--config", "new.toml").ok().out == f"{work / 'new.toml'}\n"
    run("config", "init", "--config", "new.toml").ok()
    run("config", "show").failed(2, "is no valid TOML")


@pytest.mark.covers("H11")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\nregoin = "x"\n', 'line 2: nothing is called "regoin"'),
        ('[stores.x]\nregoin = "x"\n', 'line 2: nothing is called "regoin"'),
        ('[stores.x]\nregoin = "x"\n', 'did you mean "region"?'),
        ("qqq = 1\n", "there are: store, key_map"),
        ("jobs = 0\n", 'line 1: "jobs" is a number from 1 on'),
        ("jobs = true\n", 'line 1: "jobs" is a whole number'),
        ("store = 5\n", 'line 1: "store" is a text'),
        ("stores.x = 5\n", "line 1: stores are tables"),
        ('[stores.x]\nkind = "s4"\n', 'line 2: store "x" is of an unknown kind'),
        ("[defaults.retreive]\n", 'line 1: nothing is called "retreive"'),
        ('[defaults.retrieve]\nteir = "bulk"\n', 'did you mean "tier"?'),
        ("[defaults.retrieve]\nyes = true\n", "line 2: --yes is said on the line"),
        ("[defaults.retrieve]\nwait = 1\n", 'line 2: "wait" is true or false'),
        ("[defaults.retrieve]\ntier = [1]\n", 'line 2: "tier" is a text or a number'),
        ("[defaults.retrieve]\noutput = 'json'\n", 'line 2: nothing is called "output"'),
        ("defaults.retrieve = 1\n", "line 1: defaults are tables"),
        ("[defaults.vault.delte]\n", 'did you mean "delete"?'),
    ],
)
def test_what_nothing_would_read_is_refused(run: Run, file: Path, text: str, words: str) -> None:
    file.write_text(text)
    run("config", "show").failed(2, words)


def test_a_command_takes_what_the_configuration_makes_its_default(
    local: Run, file: Path, photos: Path
) -> None:
    (photos / "tree").mkdir()
    for name in ("a.jpg", "b.tmp", "c.log"):
        (photos / "tree" / name).write_text(name)
    file.write_text('[defaults.sync]\nexclude = ["*.tmp"]\njobs = 2\ndelete = true\n')
    uploaded = local("sync", "tree", "photos", "-o", "json").ok().json["uploaded"]
    assert {one["name"] for one in uploaded} == {"a.jpg", "c.log"}
    (photos / "tree" / "a.jpg").unlink()
    # A default asks what the line would ask.
    local("sync", "tree", "photos").failed(2, "--yes says that it is meant")


def test_the_form_of_the_configuration_is_that_of_errors(local: Run, file: Path) -> None:
    file.write_text('output = "json"\n')
    assert json.loads(local("list", "photos").err)["error"]["code"] == "no_such_vault"


def test_the_line_comes_before_a_default(local: Run, file: Path, photos: Path) -> None:
    (photos / "a").write_text("a")
    local("upload", "a", "photos").ok()
    file.write_text('[defaults.list]\nsort = "nonsense"\n')
    local("list", "photos").failed(2, "nonsense")
    local("ls", "photos").failed(2, "nonsense")
    local("list", "photos", "--sort", "size").ok()
    other = photos / "other.toml"
    other.write_text("")
    local("list", "photos", "--config", other).ok()


def test_a_default_of_a_command_below_a_command(local: Run, file: Path, photos: Path) -> None:
    file.write_text("[defaults.keymap.backup]\noverwrite = true\n")
    for _ in range(2):
        local("keymap", "backup", photos / "copy").ok()


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ("a = 1\nb = 2\n", ["b"], 2),
        ("[x]\na = 1\n[y]\na = 2\n", ["y", "a"], 4),
        ("[x.y]\na = 1\n", ["x", "y", "a"], 2),
        ("[x]\ny.a = 1\n", ["x", "y", "a"], 2),
        ('["x y"]\n"a b" = 1\n', ["x y", "a b"], 2),
        ("x = { a = 1 }\n", ["x", "a"], None),
        ("# a = 1\n\na = 2\n", ["a"], 3),
    ],
)
def test_the_line_of_a_key(text: str, keys: list[str], line: int | None) -> None:
    assert line_of(text, keys) == line
