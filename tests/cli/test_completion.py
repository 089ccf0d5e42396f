"""Completion: in real shells under a terminal, and through the protocol that the scripts speak."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from glaciercli.keymap import database, schema
from tests.cli.conftest import Run
from tests.keymap.records import NOW

ROOT = Path(__file__).parents[2]
HARD = 'Ünïcode "q" $x.txt'
FILES = ("dir/a.txt", "my trip/a b.txt", "my trip/it's.txt", f"my trip/{HARD}", "c,d:e=f.txt")

# What each shell has to be told before the script works as it does for a user.
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        f"bind 'set enable-bracketed-paste off'; source {ROOT}/completions/glaciercli.bash",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        f"fpath=({ROOT}/completions $fpath); autoload -U compinit; compinit -u -D",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        f"source {ROOT}/completions/glaciercli.fish",
    ),
}

#: What is typed, and the words that the program gets.
TYPED = (
    ("glaciercli retr\t", ["retrieve"]),
    ("glaciercli list --older\t", ["list", "--older-than"]),
    ("glaciercli --local list ph\t", ["--local", "list", "photos/"]),
    ("glaciercli list local:ph\t", ["list", "local:photos/"]),
    ("glaciercli --local list photos/d\ta\t", ["--local", "list", "photos/dir/a.txt"]),
    ("glaciercli --local list photos/my\t", ["--local", "list", "photos/my trip/"]),
    (
        "glaciercli --local list photos/my\\ trip/it\t",
        ["--local", "list", "photos/my trip/it's.txt"],
    ),
    (
        "glaciercli --local list 'photos/my trip/it\t",
        ["--local", "list", "photos/my trip/it's.txt"],
    ),
    ('glaciercli --local list "photos/my trip/Ü\t', ["--local", "list", f"photos/my trip/{HARD}"]),
    ("glaciercli --local list photos/c\t", ["--local", "list", "photos/c,d:e=f.txt"]),
    ("glaciercli --local list photos/c,d:\t", ["--local", "list", "photos/c,d:e=f.txt"]),
)


@pytest.fixture(autouse=True)
def stored(local: Run, photos: Path) -> Path:
    """A vault with names that shells find hard; returns the current directory."""
    for name in FILES:
        path = photos / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    local("upload", "source", "photos").ok()
    shutil.rmtree(photos / "source")
    return photos


def installed() -> list[str]:
    """The program as it was installed, or else as a module."""
    script = Path(sys.executable).parent / "glaciercli"
    return [str(script)] if script.exists() else [sys.executable, "-m", "glaciercli"]


def variables(**changes: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", **changes}  # noqa: TID251 - for a child process


class Terminal:
    """A shell under a pseudo-terminal."""

    def __init__(self, argv: Sequence[str], env: dict[str, str]) -> None:
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            os.execvpe(argv[0], list(argv), env)  # noqa: S606
        self._seen = ""

    def say(self, text: str, *, until: str) -> str:
        """Type a text and return what the terminal shows, up to a word."""
        os.write(self._master, text.encode())
        deadline = time.monotonic() + 20
        while until not in self._seen:
            assert time.monotonic() < deadline, f"no {until} after {text!r}: {self._seen[-2000:]!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                self._seen += os.read(self._master, 65536).decode(errors="replace")
        shown, self._seen = self._seen.split(until, 1)
        return shown

    def close(self) -> None:
        os.close(self._master)
        os.waitpid(self._pid, 0)


@contextmanager
def shell(name: str, place: Path) -> Iterator[Terminal]:
    """Start a shell in which the program prints the words it gets, but completes as ever."""
    argv, setup = SHELLS[name]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{name} is not installed")
    script = place / "bin" / "glaciercli"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\n"
        f'if [ -n "$_GLACIERCLI_COMPLETE" ]; then exec {" ".join(installed())}; fi\n'
        'printf "WORD<%s>\\n" "$@"\necho "LINE""ENDS"\n'
    )
    script.chmod(0o755)
    path = os.pathsep.join((str(script.parent), os.defpath))
    terminal = Terminal(argv, variables(PATH=path, TERM="dumb"))
    try:
        terminal.say(f"{setup}; echo 'REA''DY'\r", until="READY")
        yield terminal
    finally:
        terminal.close()


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_completes_what_was_begun(name: str, home: Path) -> None:
    with shell(name, home) as terminal:
        got = {
            typed: re.findall(r"WORD<(.*)>", terminal.say(f"{typed}\r", until="LINEENDS"))
            for typed, _ in TYPED
        }
    assert got == dict(TYPED)


def complete(line: str, replaced: str | None = None, **changes: str) -> list[str]:
    """Return what the program offers bash for a line that ends at the cursor."""
    word = re.split(r"[\s:=]", line)[-1] if replaced is None else replaced
    env = variables(
        _GLACIERCLI_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=word, **changes
    )
    done = subprocess.run(installed(), env=env, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().strip().splitlines()


def test_an_upload_completes_files_first_and_then_vaults() -> None:
    assert complete("glaciercli --local upload ") == ["file,"]
    assert complete("glaciercli --local upload a.txt ") == ["plain,photos/"]


def test_a_vault_where_only_a_vault_will_do_has_no_step_below_it() -> None:
    assert complete("glaciercli --local vault show ") == ["plain,photos"]


def test_names_are_completed_a_step_at_a_time() -> None:
    offered = complete("glaciercli --local list photos/")
    assert offered == ["plain,photos/c,d:e=f.txt", "plain,photos/dir/", r"plain,photos/my\ trip/"]


def test_choices_and_commands_below_commands_are_completed() -> None:
    assert complete("glaciercli list -o json") == ["plain,json", "plain,jsonl"]
    assert "plain,refresh" in complete("glaciercli inventory re")


@pytest.mark.parametrize(
    "line", ["glaciercli ", "glaciercli --local list nosuch/", "glaciercli x y "]
)
def test_nothing_is_said_whatever_is_typed(line: str) -> None:
    complete(line)


def test_a_damaged_key_map_completes_nothing_and_prints_nothing(key_map: Path) -> None:
    key_map.write_bytes(b"this is no key map" * 1000)
    assert complete("glaciercli --local list photos/") == []


def test_a_key_map_of_an_earlier_format_is_left_to_a_command(home: Path) -> None:
    path = home / "earlier"
    path.touch()
    with closing(database.connect(str(path))) as opened:
        schema.migrate(opened, now=NOW, newest=1)
    before = path.read_bytes()
    assert complete("glaciercli --local list ", GLACIERCLI_KEY_MAP=str(path)) == []
    assert path.read_bytes() == before


def test_a_missing_key_map_completes_nothing_and_is_not_made(home: Path) -> None:
    missing = home / "other.sqlite3"
    assert complete("glaciercli --local list ", GLACIERCLI_KEY_MAP=str(missing)) == []
    assert not missing.exists()


def test_a_broken_configuration_completes_nothing(home: Path) -> None:
    broken = home / "config.toml"
    broken.write_text("store = [")
    assert complete("glaciercli list ", GLACIERCLI_CONFIG=str(broken)) == []


def test_names_that_would_act_on_a_terminal_are_not_offered(local: Run, stored: Path) -> None:
    (stored / "x").write_bytes(b"x")
    local("upload", "x", "photos", "--name", "dir/\x1b[2Jx").ok()
    assert complete("glaciercli --local list photos/dir/") == ["plain,photos/dir/a.txt"]


def test_a_name_that_looks_like_a_glob_is_offered_as_a_name(local: Run, stored: Path) -> None:
    for name in ("a [live].mp3", "a [dead].mp3", "why?/a.txt", "why?/[b].txt"):
        path = stored / "odd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    local("upload", "odd", "photos/odd/").ok()
    for begun, offered in (
        ("odd/a", [r"name:odd/a\ \[dead\].mp3", r"name:odd/a\ \[live\].mp3"]),
        ("odd/w", [r"name:odd/why\?/"]),
        # Names that the line reads as they are come first.
        ("", ["c,d:e=f.txt", "dir/", r"my\ trip/", "odd/"]),
    ):
        given = complete(f"glaciercli --local list photos/{begun}")
        assert given == [f"plain,photos/{one}" for one in offered]
    line = "glaciercli --local list photos/name:odd/why\\?/"
    assert complete(line) == [r"plain,odd/why\?/\[b\].txt", r"plain,odd/why\?/a.txt"]
    assert local("list", "photos/name:odd/why?/[b].txt", "-o", "csv").ok().out.count("\n") == 2


def test_completion_imports_neither_click_nor_boto3_nor_the_server() -> None:
    code = (
        "import sys\n"
        "from glaciercli.cli.completion.answering import answer\n"
        "from glaciercli.config.environment import process_environment\n"
        "answer(process_environment())\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    env = variables(
        _GLACIERCLI_COMPLETE="bash_complete",
        COMP_WORDS="glaciercli --local list photos/",
        COMP_CWORD="photos/",
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert b"photos/dir/" in done.stdout
    loaded = set(done.stderr.decode().split())
    assert "glaciercli.cli.completion.known" in loaded
    assert not loaded & {
        "click",
        "boto3",
        "botocore",
        "aiohttp",
        "rich",
        "glaciercli.server",
        "socket",
    }


def test_powershell_gets_words_that_it_takes_for_one() -> None:
    env = variables(
        _GLACIERCLI_COMPLETE="powershell_complete",
        COMP_WORDS='glaciercli --local list "photos/my trip/"',
        COMP_CWORD="3",
    )
    done = subprocess.run(installed(), env=env, capture_output=True, check=True)
    assert "'photos/my trip/it''s.txt'" in done.stdout.decode().splitlines()


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "powershell"])
def test_the_command_prints_what_is_committed(name: str, run: Run) -> None:
    files = {"zsh": "_glaciercli", "powershell": "glaciercli.ps1"}
    committed = ROOT / "completions" / files.get(name, f"glaciercli.{name}")
    assert run("completion", name).ok().raw == committed.read_bytes()


def test_stores_are_offered(home: Path) -> None:
    file = home / "config" / "glaciercli" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[stores.lab]\nkind = "local"\n')
    assert complete("glaciercli list --store l") == ["plain,lab", "plain,local"]
    file.write_text("broken")
    assert complete("glaciercli list --store l") == []


def test_the_jobs_of_a_vault_are_offered(local: Run) -> None:
    local("retrieve", "photos/dir/a.txt", "--to", "back", "--wait").ok()
    (job,) = local("job", "list", "-o", "json").ok().json["jobs"]
    offered = [f"plain,{job['job_id']}"]
    assert complete("glaciercli --local job show photos ") == offered
    begun = job["job_id"][:4]
    assert begun.startswith("-") or complete(f"glaciercli job show local:photos {begun}") == offered
    assert complete("glaciercli --local job show nosuch ") == []
    assert complete("glaciercli --local job show '' ") == []


@pytest.mark.parametrize(
    ("shell", "place", "advice"),
    [
        ("bash", "data/bash-completion/completions/glaciercli", ""),
        ("fish", "config/fish/completions/glaciercli.fish", ""),
        ("zsh", "data/zsh/site-functions/_glaciercli", "before compinit: fpath=("),
        ("powershell", "config/powershell/glaciercli-completion.ps1", "$PROFILE needs this line"),
    ],
)
def test_a_script_is_installed_where_the_shell_looks(
    run: Run, home: Path, shell: str, place: str, advice: str
) -> None:
    for _ in range(2):
        done = run("completion", shell, "--install").ok()
    assert done.out == f"written {home / place}\n"
    assert advice in done.err
    assert bool(advice) == bool(done.err)
    assert (home / place).read_bytes() == run("completion", shell).ok().raw
    assert (home / place).stat().st_mode & 0o777 == 0o644


def test_the_shell_is_taken_from_the_environment(run: Run) -> None:
    fish = run("completion", env={"SHELL": "/usr/bin/fish"}).ok()
    assert fish.raw == run("completion", "fish").ok().raw
    run("completion", env={"SHELL": "/bin/ksh"}).failed(2, "glaciercli completion bash --install")
