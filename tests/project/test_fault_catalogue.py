"""Every fault of the catalogue has a test, or a reason why not, and the page says which."""

from tests.project.fault_catalogue import PAGE, covering, page
from tests.project.fault_rows import REMARKS, ROWS


def test_every_fault_is_covered_or_explained() -> None:
    tests = covering()
    assert len(ROWS) == 72
    assert [row for row in ROWS if row not in tests and row not in REMARKS] == []


def test_marks_and_remarks_are_of_rows() -> None:
    assert set(covering()) | set(REMARKS) <= set(ROWS)


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
