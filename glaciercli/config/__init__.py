"""Settings: flags before environment before file before defaults.

docs/configuration.md lists what there is.
"""

from glaciercli.config.choosing import load, stores
from glaciercli.config.environment import Environment, process_environment
from glaciercli.config.settings import OUTPUTS, Choice, Settings, StoreSettings

__all__ = [
    "OUTPUTS",
    "Choice",
    "Environment",
    "Settings",
    "StoreSettings",
    "load",
    "process_environment",
    "stores",
]
