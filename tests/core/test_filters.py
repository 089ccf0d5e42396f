"""Patterns in the language of gitignore."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core.filters import PatternRules


def kept_out(rules: PatternRules, *names: bytes) -> list[bytes]:
    return [one for one in names if not rules.wants(one)]


def test_patterns_are_read_as_in_gitignore() -> None:
    rules = PatternRules(exclude=["*.tmp", "!keep.tmp", "build/", "/top", "a/**/z", "# no", ""])
    names = [
        b"x.tmp",
        b"d/x.tmp",
        b"keep.tmp",
        b"build",
        b"build/x",
        b"d/build/x",
        b"top",
        b"d/top",
    ]
    assert kept_out(rules, *names, b"a/z", b"a/b/c/z") == [
        b"x.tmp", b"d/x.tmp", b"build/x", b"d/build/x", b"top", b"a/z", b"a/b/c/z",
    ]  # fmt: skip


def test_what_is_in_an_excluded_directory_cannot_be_taken_back() -> None:
    rules = PatternRules(exclude=["cache/", "!cache/keep"])
    assert rules.excludes(b"cache/")
    assert kept_out(rules, b"cache/keep", b"d/cache/keep") == [b"cache/keep", b"d/cache/keep"]


def test_patterns_to_include_leave_everything_else_out() -> None:
    rules = PatternRules(include=["*.jpg", "docs/"], exclude=["private*"])
    wanted = [b"a.jpg", b"d/b.jpg", b"docs/x/y", b"docs/private"]
    assert kept_out(rules, *wanted, b"a.png") == [b"docs/private", b"a.png"]


def test_patterns_in_the_tree_stand_for_their_directory_and_the_deepest_counts() -> None:
    rules = PatternRules(exclude_from=["*.log", "*.bak"])
    rules.add(b"", ["*.o"])
    rules.add(b"d/", ["!*.o", "/here", "!*.log"])
    names = [b"a.o", b"d/a.o", b"d/e/a.o", b"here", b"d/here", b"d/e/here", b"a.log", b"d/a.log"]
    assert kept_out(rules, *names, b"d/a.bak") == [b"a.o", b"d/here", b"a.log", b"d/a.bak"]


def test_what_the_line_excludes_weighs_most() -> None:
    rules = PatternRules(exclude=["*.o"])
    rules.add(b"d/", ["!*.o"])
    assert kept_out(rules, b"d/a.o") == [b"d/a.o"]


def test_names_that_are_no_utf_8_are_matched() -> None:
    assert kept_out(PatternRules(exclude=["*.tmp"]), b"caf\xe9.tmp", b"a\nb.tmp", b"caf\xe9") == [
        b"caf\xe9.tmp",
        b"a\nb.tmp",
    ]


def test_patterns_that_matched_nothing_are_known() -> None:
    rules = PatternRules(include=["*.jpg", "*.gif"], exclude=["x*", "y*", "!z*"])
    for name in (b"a.jpg", b"xa.jpg", b"za.jpg"):
        rules.wants(name)
    assert rules.idle == ["*.gif", "y*"]


def test_no_patterns_are_not_active() -> None:
    assert not PatternRules().active
    assert not PatternRules(exclude=["# only a comment", " "]).active
    rules = PatternRules()
    rules.add(b"", ["*.o"])
    assert rules.active


def test_a_pattern_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(errors.BadUsage, match="makes no sense"):
        PatternRules(exclude=["!"])


PATTERNS = st.lists(
    st.text(alphabet="ab*!/?", min_size=1, max_size=5).filter(lambda one: one.strip("!") != ""),
    min_size=1,
    max_size=4,
)


# The same ones each time: what the two make of an odd pattern is theirs to say, not ours.
@settings(max_examples=25, deadline=None, derandomize=True)
@given(patterns=PATTERNS)
def test_git_agrees(patterns: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("git")
    names = [b"a", b"b", b"ab", b"c/a", b"c/b", b"c/c/ab", b"c/c/a"]
    for name in names:
        path = Path(root, name.decode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (root / ".gitignore").write_text("\n".join(patterns))
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q"], check=True)
    said = subprocess.run(
        [*git, "-c", "core.excludesFile=", "ls-files", "-o", "-z", "--exclude-standard"],
        check=True,
        capture_output=True,
    )
    try:
        rules = PatternRules(exclude=patterns)
    except errors.BadUsage:
        return
    assert {one for one in names if rules.wants(one)} == set(said.stdout.split(b"\0")) & set(names)
