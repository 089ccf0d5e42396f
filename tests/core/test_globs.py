"""Globs over names, checked against a plain matcher that tries everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.globs import barren_folder, glob_pattern, is_glob, literal_glob, literal_prefix


def matches(glob: str, name: str) -> bool:
    return glob_pattern(glob).fullmatch(name) is not None


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("*", "a"),
        ("*", ""),
        ("*.jpg", ".jpg"),
        ("*.jpg", "line\nfeed.jpg"),
        ("a?c", "a\nc"),
        ("2024/*", "2024/x"),
        ("**", "a/b/c"),
        ("**/c", "c"),
        ("**/c", "a/b/c"),
        ("a/**/c", "a/c"),
        ("a/**/c", "a/b/b/c"),
        ("a/**", "a/b/c"),
        ("a**c", "a/b/c"),
        ("***", "a/b"),
        ("[abc]x", "bx"),
        ("[a-c]x", "bx"),
        ("[!a]", "b"),
        ("[^a]", "b"),
        ("[]a]", "]"),
        ("[!]a]", "b"),
        ("[a-]", "-"),
        ("[-a]", "-"),
        ("[*]", "*"),
        ("[[]", "["),
        ("[\\]", "\\"),
        ("[&&~~||--]", "&"),
        ("[", "["),
        ("[!]", "[!]"),
        ("a[b", "a[b"),
        ("a[/]b", "a[/]b"),
        ("a.b+(c)", "a.b+(c)"),
        ("caf?", "caf\udce9"),
        ("\udce9*", "\udce9t\u00e9"),
    ],
)
def test_a_glob_matches(glob: str, name: str) -> None:
    assert matches(glob, name)


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("*", "a/b"),
        ("a?c", "a/c"),
        ("a[!b]c", "a/c"),
        ("a[+-0]c", "a/c"),
        ("*.jpg", "a.jpg\n"),
        ("**/c", "bc"),
        ("a/**/c", "ac"),
        ("[!a]", "a"),
        ("[z-a]", "b"),
        ("[z-a]", "-"),
        ("A", "a"),
        ("a.b", "axb"),
    ],
)
def test_a_glob_does_not_match(glob: str, name: str) -> None:
    assert not matches(glob, name)


def plain(glob: str, name: str) -> bool:
    """Match a glob of letters, `/`, `?`, `*`, `**` and `[ab]` by trying everything."""
    if glob.startswith("**/"):
        tails = [name, *(name[at + 1 :] for at, char in enumerate(name) if char == "/")]
        return any(plain(glob[3:], tail) for tail in tails)
    return middle(glob, name)


def middle(glob: str, name: str) -> bool:  # noqa: PLR0911 - one case after the other
    if not glob:
        return not name
    if glob.startswith("**"):
        return any(middle(glob[2:], name[at:]) for at in range(len(name) + 1))
    if glob.startswith("*"):
        reach = name.index("/") if "/" in name else len(name)
        return any(middle(glob[1:], name[at:]) for at in range(reach + 1))
    if not name:
        return False
    if glob.startswith("[ab]"):
        return name[0] in "ab" and middle(glob[4:], name[1:])
    if glob[0] == "?":
        return name[0] != "/" and middle(glob[1:], name[1:])
    after = plain if glob[0] == "/" else middle
    return glob[0] == name[0] and after(glob[1:], name[1:])


PIECES = st.sampled_from(["a", "b", "/", "?", "*", "**", "**/", "[ab]"])


@given(
    st.lists(PIECES, max_size=9).map("".join).filter(lambda glob: "***" not in glob),
    st.lists(st.text("ab/", max_size=8), min_size=10, max_size=10),
)
def test_a_glob_matches_what_the_plain_matcher_finds(glob: str, names: list[str]) -> None:
    for name in names:
        assert matches(glob, name) == plain(glob, name)


@given(st.text("ab*?[]!-/\\", max_size=12), st.text("ab[]!-/\\", max_size=8))
def test_every_match_starts_with_the_literal_prefix(glob: str, name: str) -> None:
    if matches(glob, name):
        assert name.startswith(literal_prefix(glob))


@pytest.mark.parametrize(
    ("glob", "prefix"),
    [
        ("2024/*.jpg", "2024/"),
        ("*", ""),
        ("plain", "plain"),
        ("a[b", "a[b"),
        ("a[bc]", "a"),
        ("a/**/b", "a/"),
        ("", ""),
    ],
)
def test_the_literal_prefix_is_the_longest(glob: str, prefix: str) -> None:
    assert literal_prefix(glob) == prefix


@given(name=st.text("a*?[]!^-/\n"), other=st.text("a*?[]!^-/\n"))
def test_a_literal_glob_matches_its_name_and_no_other(name: str, other: str) -> None:
    assert matches(literal_glob(name), name)
    assert matches(literal_glob(name), other) is (name == other)


def test_many_stars_take_no_exponential_time() -> None:
    assert not matches("*a" * 20 + "*b", "a" * 900)
    assert not matches("**a" * 20 + "**b", "a/" * 450)


def test_a_name_with_glob_characters_reads_as_a_glob() -> None:
    assert is_glob("a*")
    assert is_glob("a?")
    assert is_glob("a[1]")
    assert not is_glob("a]b!c-d")


@given(st.text("a/*?[]b", max_size=8), st.text("ab/", max_size=8), st.text("ab/", max_size=4))
def test_nothing_below_a_barren_folder_matches(glob: str, name: str, below: str) -> None:
    pattern = glob_pattern(glob)
    if pattern.fullmatch(name) is None and (folder := barren_folder(glob, name)) is not None:
        assert name.startswith(folder)
        assert pattern.fullmatch(folder + below) is None


@pytest.mark.parametrize(
    ("glob", "name", "folder"),
    [
        ("*", "a/b", "a/"),
        ("*.jpg", "a.jpg/b/c", "a.jpg/"),
        ("a/*/c", "a/x/d", None),
        ("a/*/c", "a/x/d/e", "a/x/d/"),
        ("a/*/c", "b/x/c", "b/"),
        ("**/c", "a/b", None),
        ("a/**", "b/c/d", "b/"),
        ("*", "a", None),
    ],
)
def test_the_highest_barren_folder_is_found(glob: str, name: str, folder: str | None) -> None:
    assert barren_folder(glob, name) == folder
