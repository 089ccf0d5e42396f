"""The environment variables, and the directories that follow from them.

The only module that reads the environment.
"""

import os
import sys
from collections.abc import Mapping


class Environment:
    """The environment variables and the directories that follow from them."""

    def __init__(self, variables: Mapping[str, str], platform: str = sys.platform) -> None:
        self._variables = variables
        self._platform = platform

    def get(self, name: str) -> str | None:
        """Return a variable; an empty one counts as absent."""
        return self._variables.get(name) or None

    def first(self, *names: str) -> str | None:
        """Return the first of some variables that is set."""
        return next((value for name in names if (value := self.get(name))), None)

    def with_variables(self, **changes: str) -> dict[str, str]:
        """Return the variables for a child process, some of them changed."""
        return {**self._variables, **changes}

    def data_directory(self) -> str:
        """Return where the program keeps what must not be lost."""
        return self._directory("XDG_DATA_HOME", "~/.local/share", "user_data_dir")

    def config_file(self) -> str:
        """Return where the configuration is looked for."""
        named = self.get("GLACIERCLI_CONFIG")
        if named:
            return named
        directory = self._directory("XDG_CONFIG_HOME", "~/.config", "user_config_dir")
        return os.path.join(directory, "config.toml")

    def _directory(self, variable: str, fallback: str, elsewhere: str) -> str:
        """Return a directory of the user's, by the rules of the platform."""
        if self._platform == "linux":
            # What platformdirs does here, without the time that importing it takes: every
            # completion of a name comes by.
            base = self.get(variable)
            if base is None or not os.path.isabs(base):
                base = os.path.expanduser(fallback)
            return os.path.join(base, "glaciercli")
        import platformdirs

        return str(getattr(platformdirs, elsewhere)("glaciercli"))


def process_environment() -> Environment:
    """Return the environment of this process."""
    return Environment(os.environ)
