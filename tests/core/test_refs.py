"""How refs read and print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.refs import Ref, RefKind, is_vault_name, parse_ref
from glaciercli.errors import BadUsage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photos", Ref(store=None, vault="photos")),
        ("local:photos", Ref(store="local", vault="photos")),
        ("..", Ref(store=None, vault="..")),
        ("photos/a/b.jpg", Ref(store=None, vault="photos", kind=RefKind.NAME, selector="a/b.jpg")),
        ("photos//abs", Ref(store=None, vault="photos", kind=RefKind.NAME, selector="/abs")),
        ("photos/-x", Ref(store=None, vault="photos", kind=RefKind.NAME, selector="-x")),
        ("photos/ x\n", Ref(store=None, vault="photos", kind=RefKind.NAME, selector=" x\n")),
        ("photos/a:b", Ref(store=None, vault="photos", kind=RefKind.NAME, selector="a:b")),
        ("photos/*.jpg", Ref(store=None, vault="photos", kind=RefKind.GLOB, selector="*.jpg")),
        ("photos/a[1]", Ref(store=None, vault="photos", kind=RefKind.GLOB, selector="a[1]")),
        ("s3:v/id:-Ab_", Ref(store="s3", vault="v", kind=RefKind.ARCHIVE_ID, selector="-Ab_")),
        ("photos/name:a*", Ref(store=None, vault="photos", kind=RefKind.NAME, selector="a*")),
        ("v/name:name:x", Ref(store=None, vault="v", kind=RefKind.NAME, selector="name:x")),
        ("v/name:id:x", Ref(store=None, vault="v", kind=RefKind.NAME, selector="id:x")),
    ],
)
def test_a_ref_reads_and_prints(text: str, expected: Ref) -> None:
    assert parse_ref(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the ref is empty"),
        ("/etc/passwd", '"/etc/passwd" names no vault'),
        ("local:", '"local:" names a store but no vault'),
        ("local:/a", '"local:/a" names a store but no vault'),
        (":photos", '":photos" names no store before the ":"'),
        ("a:b:c", '"a:b:c" names no store before the ":"'),
        ("ph\x1botos", r'"ph\x1botos" is no vault name'),
        ("grüße", '"grüße" is no vault name'),
        ("v" * 256, "is no vault name"),
        ("photos/", '"photos/" ends where a name should start'),
        ("photos/id:", '"photos/id:" ends where a name should start'),
        ("photos/name:", '"photos/name:" ends where a name should start'),
    ],
)
def test_what_is_no_ref_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(BadUsage) as caught:
        parse_ref(text)
    assert sentence in caught.value.message
    assert caught.value.hint


NAMES = st.text(st.characters(exclude_categories=[]), min_size=1)
PLACES = st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)


@given(
    st.none() | PLACES,
    PLACES,
    st.sampled_from([RefKind.NAME, RefKind.ARCHIVE_ID]),
    NAMES | st.sampled_from(["id:", "name:", "id:x", "name:id:*", "[", "*"]),
)
def test_what_a_ref_prints_reads_as_the_same_ref(
    store: str | None, vault: str, kind: RefKind, selector: str
) -> None:
    ref = Ref(store=store, vault=vault, kind=kind, selector=selector)
    assert parse_ref(str(ref)) == ref


@given(NAMES)
def test_any_text_is_a_ref_or_bad_usage(text: str) -> None:
    try:
        ref = parse_ref(text)
    except BadUsage:
        return
    assert parse_ref(str(ref)) == ref


def test_only_a_literal_name_is_a_name() -> None:
    assert parse_ref("v/a").name == "a"
    assert parse_ref("v/name:a*").name == "a*"
    assert parse_ref("v/a*").name is None
    assert parse_ref("v/id:a").name is None
    assert parse_ref("v").name is None


def test_the_service_rules_for_vault_names_hold() -> None:
    assert is_vault_name("A-z_0.9")
    assert is_vault_name("v" * 255)
    for bad in ("", "v" * 256, "a b", "a/b", "a:b", "a\n", "é"):
        assert not is_vault_name(bad)
