"""Pages written to files that are whole from the first moment."""

from collections.abc import Iterable

from glaciercli.keymap import files
from glaciercli.transfer.own import OwnFiles


def refuse_taken(path: str | None, own: OwnFiles, *, overwrite: bool) -> None:
    """Raise ``FileProblem`` where a file is there that must not be replaced."""
    own.refuse_target(path)
    if path is not None:
        files.refuse_taken(path, overwrite=overwrite)


def write(path: str, lines: Iterable[str], *, overwrite: bool) -> None:
    """Write the lines of a page, and give the file its name once they are on the disk.

    Raises ``FileProblem`` and ``DiskFull``.
    """
    with files.fresh(path) as made:
        with files.file_problems(path), open(made, "w", encoding="utf-8") as page:
            page.writelines(f"{line}\n" for line in lines)
        files.put_in_place(made, path, overwrite=overwrite)
