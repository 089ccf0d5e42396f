"""Names become paths that stay below the target directory."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.paths import archive_name, components, doubt, extended
from glaciercli.errors import UnsafeName


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", ("a",)),
        ("a/b/c.txt", ("a", "b", "c.txt")),
        ("/etc/passwd", ("etc", "passwd")),
        ("//a", ("a",)),
        ("./a//./b", ("a", "b")),
        ("...", ("...",)),
        ("..a/b..", ("..a", "b..")),
        ("-rf", ("-rf",)),
        (" ", (" ",)),
        ("a\nb", ("a\nb",)),
        ("c:\\x", ("c:\\x",)),
        ("CON", ("CON",)),
        ("caf\udce9", ("caf\udce9",)),
        ("x" * 255, ("x" * 255,)),
    ],
)
def test_a_name_becomes_a_path(name: str, path: tuple[str, ...]) -> None:
    assert components(name) == path


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "names no file"),
        ("/", "names no file"),
        (".", "names no file"),
        ("/./.", "names no file"),
        ("..", "leads out"),
        ("../a", "leads out"),
        ("a/../../b", "leads out"),
        ("a/..", "leads out"),
        ("a/", "names a directory"),
        ("a/.", "names a directory"),
        ("a\0b", "NUL"),
        ("a\ud800", "half a character"),
        ("a/" + "x" * 256, "more than 255 bytes"),
        ("é" * 128, "more than 255 bytes"),
    ],
)
def test_a_name_that_is_no_path_is_refused(name: str, reason: str) -> None:
    for windows in (False, True):
        with pytest.raises(UnsafeName, match=reason) as caught:
            components(name, windows=windows)
        assert caught.value.hint
        assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "name",
    ["CON", "con.txt", "a/NUL.tar.gz", "COM1", "lpt9.x", "COM¹", "aux .c", "c:\\x", "C:x", "a:b",
     "..\\x", "a\\..\\b", "a.", "a ", "...", "a?b", "a\nb", "a\\"],
)  # fmt: skip
def test_windows_takes_fewer_names(name: str) -> None:
    components(name)
    with pytest.raises(UnsafeName):
        components(name, windows=True)


def test_windows_separates_by_backslashes_too() -> None:
    assert components("a\\b/c", windows=True) == ("a", "b", "c")
    assert components("\\\\server\\share\\f", windows=True) == ("server", "share", "f")
    assert components("console.log", windows=True) == ("console.log",)


@pytest.mark.covers("H1")
@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("./\\\0"), max_size=20))
def test_no_name_leads_out_of_the_directory(name: str) -> None:
    try:
        parts = components(name)
    except UnsafeName:
        return
    path = posixpath.normpath(posixpath.join("/target", *parts))
    assert path.startswith("/target/")
    assert path == "/target/" + "/".join(parts)
    assert "\0" not in path


@pytest.mark.parametrize(
    ("relative", "prefix", "name"),
    [
        ("a/b", None, "a/b"),
        ("a", "", "a"),
        ("a", "2024", "2024/a"),
        ("a", "2024/", "2024/a"),
        ("a", "2024//", "2024/a"),
        ("a", "/", "a"),
        ("a", "/abs", "/abs/a"),
        ("-", "p", "p/-"),
    ],
)
def test_a_file_is_named_behind_the_prefix(relative: str, prefix: str | None, name: str) -> None:
    assert archive_name(relative, prefix) == name


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_a_component_with_an_ending_is_no_longer_than_file_systems_take(part: str) -> None:
    made = extended(part, ".ending")
    assert len(made.encode()) <= 255
    assert part.startswith(made.removesuffix(".ending"))
    assert made == f"{part}.ending" or len(made.encode()) > 251


@pytest.mark.parametrize(
    ("part", "made"),
    [
        ("x" * 248, "x" * 248 + ".ending"),
        ("x" * 249, "x" * 248 + ".ending"),
        ("é" * 124, "é" * 124 + ".ending"),
        ("x" + "é" * 124, "x" + "é" * 123 + ".ending"),
        ("xx" + "漢" * 90, "xx" + "漢" * 82 + ".ending"),
        ("x" + "🏔" * 70, "x" + "🏔" * 61 + ".ending"),
        # Bytes that go on with no character have no other place to be cut.
        ("\udc80" * 300, ".ending"),
        ("\udcff" * 300, "\udcff" * 248 + ".ending"),
    ],
    ids=ascii,
)
def test_a_long_component_is_cut_between_characters(part: str, made: str) -> None:
    assert extended(part, ".ending") == made


@pytest.mark.parametrize(("length", "shown"), [(120, "/" * 120), (121, "/" * 120 + "...")])
def test_a_long_name_is_shown_shortened(length: int, shown: str) -> None:
    with pytest.raises(UnsafeName) as caught:
        components("/" * length)
    assert caught.value.message == f'the name "{shown}" names no file'


def test_a_blank_is_the_first_character_that_windows_takes() -> None:
    assert components("a b", windows=True) == ("a b",)
    with pytest.raises(UnsafeName, match="Windows does not allow"):
        components("a\x1fb", windows=True)


def test_a_given_name_is_in_doubt_that_leads_out_or_begins_with_its_vault() -> None:
    assert doubt("a/b", vault="photos") is None
    assert doubt("photos", vault="photos") is None
    assert doubt("other/photos/a", vault="photos") is None
    out = doubt("../a", vault="photos")
    assert out is not None
    assert "leads out of the directory" in out
    assert "--to FILE alone" in out
    front = doubt("photos/a\n", vault="photos")
    assert front == 'the name is "photos/a\\n", with that of the vault in front'
