"""The configuration: what counts in it, and a first one to edit."""

from dataclasses import dataclass
from importlib import resources

from glaciercli.config.settings import Choice, Settings
from glaciercli.keymap import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """Every setting with where it comes from."""

    file: str
    exists: bool
    choices: tuple[Choice, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A configuration that was written."""

    file: str
    exit_code: int = 0


def show(settings: Settings) -> Configured:
    """Return the settings of this line; those of stores that it does not use stay out."""
    import os

    return Configured(
        file=settings.file, exists=os.path.exists(settings.file), choices=settings.choices
    )


def template() -> str:
    """Return the configuration to begin with: every key, explained, and none in use."""
    return resources.files("glaciercli.config").joinpath("template.toml").read_text("utf-8")


def write(path: str, *, overwrite: bool) -> Written:
    """Write the configuration to begin with; raise ``FileProblem`` where one is there."""
    files.refuse_taken(path, overwrite=overwrite)
    with files.fresh(path) as made:
        with files.file_problems(path), open(made, "w", encoding="utf-8") as file:
            file.write(template())
        files.put_in_place(made, path, overwrite=overwrite)
    return Written(file=path)
