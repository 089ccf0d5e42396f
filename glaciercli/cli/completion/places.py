"""Where the shells look for completion scripts, and what each has to be told besides."""

import os
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.config.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file that a script goes to; ``advice`` is a line that the user still has to add."""

    path: str
    advice: str | None = None


def shell_of(environment: Environment) -> str:
    """Return the user's shell; raise ``BadUsage`` where nobody says which it is."""
    name = os.path.basename(environment.get("SHELL") or "")
    if name not in {"bash", "zsh", "fish"}:
        raise errors.BadUsage(
            "which shell is used cannot be told",
            hint="name it: glaciercli completion bash --install",
        )
    return name


def place_of(shell: str, environment: Environment) -> Place:
    """Return where a user's own script of a shell belongs."""
    data = _below_home(environment, "XDG_DATA_HOME", ".local/share")
    config = _below_home(environment, "XDG_CONFIG_HOME", ".config")
    match shell:
        case "bash":
            # bash-completion looks there by itself.
            return Place(path=os.path.join(data, "bash-completion/completions/glaciercli"))
        case "fish":
            return Place(path=os.path.join(config, "fish/completions/glaciercli.fish"))
        case "zsh":
            directory = os.path.join(data, "zsh/site-functions")
            return Place(
                path=os.path.join(directory, "_glaciercli"),
                advice=f"~/.zshrc needs this line before compinit: fpath=({directory} $fpath)",
            )
        case _:
            path = os.path.join(config, "powershell/glaciercli-completion.ps1")
            return Place(path=path, advice=f"$PROFILE needs this line: . {path}")


def _below_home(environment: Environment, variable: str, usual: str) -> str:
    named = environment.get(variable)
    if named and os.path.isabs(named):
        return named
    return os.path.join(os.path.expanduser("~"), usual)
