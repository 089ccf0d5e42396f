"""Components of patterns as git reads them, and none that takes long."""

import time

import pytest

from glaciercli.core.filters import PatternRules

#: Patterns, names that git takes for them, and names that it does not.
CASES = {
    "[9-0]": (b"9", b"0 5"),
    "[b-a]*": (b"b bx", b"a c"),
    "[]-]x": (b"]x -x", b"ax"),
    "[!]]": (b"a [", b"]"),
    "[^a-c]": (b"d", b"a b"),
    "[[]a": (b"[a", b"a"),
    r"[\]a]": (b"] a", b"\\"),
    "[a-]": (b"a -", b"b"),
    "[[:digit:]a-b]": (b"7 a b", b"c :"),
    "[[:nothing:]]": (b"", b"n :] :"),
    "[a": (b"", b"[a a"),
    "a***b": (b"ab axxb", b"a/b"),
    "***/b": (b"b a/b a/a/b", b"a"),
    "a/**/b/**/c": (b"a/b/c a/b/b/x/c a/x/b/c", b"a/c b/a/b/c a/b"),
    r"\*a": (b"*a", b"xa"),
    r"\!a": (b"!a", b"a"),
}


@pytest.mark.parametrize(
    ("pattern", "taken", "left"), [(one, *both) for one, both in CASES.items()]
)
def test_a_component_is_read_as_git_reads_it(pattern: str, taken: bytes, left: bytes) -> None:
    rules = PatternRules(exclude=[pattern])
    assert [name for name in taken.split() if rules.wants(name)] == []
    assert [name for name in left.split() if not rules.wants(name)] == []


@pytest.mark.parametrize(("line", "name"), [("a  ", b"a"), ("a\\  ", b"a "), ("a\\\\ ", b"a\\")])
def test_blanks_at_the_end_count_only_behind_a_backslash(line: str, name: bytes) -> None:
    assert not PatternRules(exclude=[line]).wants(name)


def test_a_line_feed_in_a_name_is_a_character_like_any_other() -> None:
    rules = PatternRules(exclude=["*.tmp", "a"])
    assert not rules.wants(b"with\na feed/x.tmp")
    assert rules.wants(b"a\n")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*" * 5000 + "x", b"a" * 255),
        ("*a" * 100 + "x", b"a" * 255),
        ("**/a/" * 100 + "x", b"a/" * 1000 + b"b"),
        ("a/**/" * 100 + "x", b"a/" * 1000 + b"b"),
    ],
)
def test_no_pattern_takes_long(pattern: str, name: bytes) -> None:
    began = time.process_time()
    assert PatternRules(exclude=[pattern]).wants(name)
    assert time.process_time() - began < 2
