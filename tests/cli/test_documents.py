"""The check of what every line in these tests prints finds out what is wrong."""

import json

import pytest

from tests.cli import documents

MADE = {"vault": "photos", "deed": "created", "dry_run": False}


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("--local", "vault", "list"), "vault list"),
        (("vault", "--key-map", "list", "-o", "json", "lock", "show"), "vault lock show"),
        (("-o", "json", "vault", "lock", "-q", "show", "photos"), "vault lock show"),
        (("ls", "photos"), "list"),
        (("demo",), None),
    ],
)
def test_the_command_of_a_line_is_found(words: tuple[str, ...], command: str | None) -> None:
    assert documents.command_in(words) == command


def check(words: str, out: str, *, code: int = 0, err: str = "", form: str = "json") -> None:
    documents.check(words.split(), form, out=out.encode(), err=err, code=code)


def test_a_document_as_it_should_be_passes() -> None:
    check("vault create photos", json.dumps(MADE))
    check("vault create photos", json.dumps(MADE) + "\n", form="jsonl")
    check("vault create photos", "vault,deed,dry_run\nphotos,created,false\n", form="csv")
    error = {"error": {"code": "failed", "message": "no", "hint": None}}
    check("vault create photos", "", code=1, err=f"a notice\n{json.dumps(error)}\n")


@pytest.mark.parametrize(
    ("form", "out"),
    [
        ("json", json.dumps({**MADE, "more": 1})),
        ("json", json.dumps({**MADE, "vault": None})),
        ("jsonl", json.dumps(MADE) + "\n" + json.dumps({"vault": "photos"})),
        ("csv", "vault,deed,more\n"),
        ("csv", "vault,deed\nphotos\n"),
    ],
)
def test_a_document_that_is_wrong_is_found_out(form: str, out: str) -> None:
    with pytest.raises(AssertionError):
        check("vault create photos", out, form=form)


def test_an_event_that_is_wrong_is_found_out() -> None:
    said = {"event": "notice", "message": "wait"}
    check("vault create photos", json.dumps(MADE), form="jsonl", err=json.dumps(said) + "\n")
    with pytest.raises(AssertionError):
        check("vault create photos", "", form="jsonl", err='{"event": "notice"}\n')


def test_an_error_that_is_wrong_is_found_out() -> None:
    with pytest.raises(AssertionError):
        check("vault create photos", "", code=1, err='{"error": {"code": "failed"}}\n')
