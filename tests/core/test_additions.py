"""Descriptions of archives that only an inventory tells of."""

from hypothesis import example, given
from hypothesis import strategies as st

from glaciercli.core.additions import told
from glaciercli.core.description import decode, encode, is_plain

BEGINNINGS = (
    'gc1 {|gc1z |mt1 |mt2 |"a"|{|<m>|</m>|<ArchiveMetadata>| |\t|duplicity-full|No description.'
    "|SHA256E-s1--aa|WORM--a|/|a|\x85|é|"
)
MARKED = st.sampled_from(BEGINNINGS.split("|"))
TEXTS = st.lists(MARKED, max_size=4).map("".join) | st.text()


@given(TEXTS)
@example("backups/dir/photo-archive-file-1.tar")
@example("x" * 1024)
@example("x" * 20_000)
def test_what_is_quickly_told_is_what_the_decoder_tells(text: str) -> None:
    said = decode(text)
    name, tag, modified_ns, kind, empty = told(text, 1)
    assert (name, tag, modified_ns) == (said.name, said.tag, said.modified_ns)
    assert kind == ("blank" if said.name is None else said.format)
    assert not empty or said.size_bytes == 0
    if is_plain(text):
        assert said.format == "plain"


def test_a_plain_name_is_told_without_the_decoders() -> None:
    assert is_plain("my photos/2012 summer.zip")
    assert not is_plain("")


def test_only_what_stands_for_an_empty_file_is_empty() -> None:
    text = encode(name="n", modified_ns=None, tag="t", size_bytes=0)
    assert told(text, 1)[-1]
    assert not told(text, 2)[-1]
