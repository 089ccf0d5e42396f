"""Charts as SVG."""

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from glaciercli.render.bar_chart import Bar, chart


def drawn(bars: list[Bar]) -> ET.Element:
    text = "\n".join(chart("by folder", bars))
    # S314 is about texts from outside: this one is ours.
    return ET.fromstring(text)  # noqa: S314


@given(
    st.lists(
        st.builds(Bar, label=st.text(), value=st.integers(0, 10**18), words=st.text()), max_size=20
    )
)
def test_whatever_the_labels_hold_the_chart_is_well_formed(bars: list[Bar]) -> None:
    found = drawn(bars)
    widths = [int(one.get("width", "-1")) for one in found.iter("rect")]
    assert len(widths) == len(bars)
    most = max((one.value for one in bars), default=0)
    for one, width in zip(bars, widths, strict=True):
        assert (width > 0) == (one.value > 0)
        assert not most or abs(width - one.value * max(widths) / most) <= 1


def test_a_long_label_is_cut_and_stands_whole_in_the_tooltip() -> None:
    label = "a" * 50 + "b" * 50
    found = drawn([Bar(label=label, value=1, words="1 archive")])
    (title,) = (one.text for one in found.iter("title"))
    assert title == f"{label}: 1 archive"
    shown = next(found.iter("text")).text or ""
    assert re.fullmatch("a+…b+", shown)
    assert len(shown) == 30
