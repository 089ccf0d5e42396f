"""Manual pages, written in mdoc(7)."""

from collections.abc import Iterable, Iterator, Sequence

from glaciercli.cli import mdoc
from glaciercli.cli.manual_entries import ENVIRONMENT, FILES, Entry, OptionEntry


def first_page(program: Entry, shared: Sequence[OptionEntry]) -> str:
    """Return the page of the program itself."""
    return _page(
        program,
        [
            *_synopsis([program]),
            ".Sh DESCRIPTION",
            *_prose(program.paragraphs),
            ".Sh COMMANDS",
            *_tagged((_reference(one), mdoc.texts(one.summary)) for one in program.below),
            ".Sh OPTIONS",
            *_options(program.options),
            ".Sh GLOBAL OPTIONS",
            "These are accepted before the command and after it.",
            *_options(shared),
            *_environment(),
            ".Sh FILES",
            *_tagged((f".It Pa {mdoc.argument(path)}", mdoc.texts(text)) for path, text in FILES),
            *_exit_status(program),
            ".Sh SEE ALSO",
            *_references([one.page for one in program.below]),
        ],
    )


def page(entry: Entry, near: Sequence[Entry]) -> str:
    """Return the page of one command, or of one group with all that is below it."""
    text = " ".join(part for one in entry.leaves() for part in one.paragraphs)
    related = [one.page for one in near if one is not entry and f"`{one.line}" in text]
    return _page(
        entry,
        [
            *_synopsis(list(entry.leaves())),
            ".Sh DESCRIPTION",
            *_description(entry),
            *_own_options(entry),
            ".Sh GLOBAL OPTIONS",
            "Every command also takes the global options that",
            ".Xr glaciercli 1",
            "lists, before the command or after it.",
            ".Sh ENVIRONMENT",
            "The variables that",
            ".Xr glaciercli 1",
            "lists.",
            *_exit_status(entry),
            *_examples(entry),
            ".Sh SEE ALSO",
            *_references(["glaciercli", *related]),
        ],
    )


def _page(entry: Entry, body: Iterable[str]) -> str:
    summary = entry.summary[:1].lower() + entry.summary[1:].rstrip(".")
    head = mdoc.head(entry.page, summary, section=1, made_from="the commands")
    return "\n".join((*head, *body)) + "\n"


def _synopsis(entries: Sequence[Entry]) -> Iterator[str]:
    yield ".Sh SYNOPSIS"
    for entry in entries:
        yield ".Nm glaciercli"
        if entry.words:
            yield f".Cm {' '.join(mdoc.argument(word) for word in entry.words)}"
        for one in entry.options:
            yield f".Op {_spelling(one.names[-1], one.value)}"
        if not entry.words:
            yield ".Op Ar global options"
            yield ".Ar command ..."
        yield from (_placeholder(one.metavar) for one in entry.arguments)


def _placeholder(metavar: str) -> str:
    """Return the macro for an argument such as ``FILE...`` or ``[REF]``."""
    name = metavar.removesuffix("...")
    many = " ..." if metavar.endswith("...") else ""
    if name.startswith("[") and name.endswith("]") and "=" not in name:
        return f".Op Ar {mdoc.argument(name[1:-1])}{many}"
    return f".Ar {mdoc.argument(name)}{many}"


def _description(entry: Entry) -> Iterator[str]:
    yield from _prose(entry.paragraphs)
    yield from _arguments(entry)
    for alias in entry.aliases:
        yield ".Pp"
        yield f".Cm {mdoc.argument(alias)}"
        yield "is another name of this command."
    if entry.below:
        for one in entry.leaves():
            yield f".Ss {mdoc.escape(one.line)}"
            yield from _prose(one.paragraphs)
            yield from _arguments(one)


def _arguments(entry: Entry) -> Iterator[str]:
    if entry.arguments:
        yield from _tagged(
            (f".It Ar {mdoc.argument(one.metavar)}", mdoc.texts(one.text))
            for one in entry.arguments
        )


def _own_options(entry: Entry) -> Iterator[str]:
    yield ".Sh OPTIONS"
    if not entry.below:
        yield from _options(entry.options) if entry.options else ["None of its own."]
        return
    with_options = [one for one in entry.leaves() if one.options]
    if not with_options:
        yield "None of their own."
    for one in with_options:
        yield f".Ss Options of {mdoc.escape(one.line)}"
        yield from _options(one.options)


def _options(options: Sequence[OptionEntry]) -> Iterator[str]:
    return _tagged(
        (
            ".It " + " , ".join(_spelling(name, one.value) for name in one.names),
            mdoc.texts(one.text),
        )
        for one in options
    )


def _spelling(name: str, value: str) -> str:
    """Return an option and its value as macros; ``Fl`` itself brings the first hyphen."""
    return f"Fl {mdoc.escape(name[1:])}" + (f" Ar {mdoc.argument(value)}" if value else "")


def _environment() -> Iterator[str]:
    yield ".Sh ENVIRONMENT"
    yield from _tagged(
        (".It " + " , ".join(f"Ev {name}" for name in names.split(", ")), mdoc.texts(text))
        for names, text in ENVIRONMENT
    )
    yield "Whatever else boto3 reads, such as"
    yield ".Ev AWS_ACCESS_KEY_ID ,"
    yield "is read by it as ever."


def _exit_status(entry: Entry) -> Iterator[str]:
    yield ".Sh EXIT STATUS"
    yield from _tagged((f".It {code}", mdoc.texts(f"{words}.")) for code, words in entry.codes)


def _examples(entry: Entry) -> Iterator[str]:
    yield ".Sh EXAMPLES"
    yield from mdoc.literal([line for one in entry.leaves() for line in one.examples])


def _references(pages: Sequence[str]) -> Iterator[str]:
    for index, one in enumerate(sorted(pages)):
        comma = " ," if index < len(pages) - 1 else ""
        yield f".Xr {one} 1{comma}"


def _reference(entry: Entry) -> str:
    return f".It Xr {entry.page} 1"


def _tagged(items: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    yield ".Bl -tag -width Ds"
    for tag, text in items:
        yield tag
        yield from text
    yield ".El"


def _prose(paragraphs: Sequence[str]) -> Iterator[str]:
    for index, one in enumerate(paragraphs):
        if index:
            yield ".Pp"
        yield from mdoc.texts(one)
