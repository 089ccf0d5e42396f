"""The commands that write, each in a world in which it has something to do."""

from tests.torture.scenarios import key_maps, transfers, vaults
from tests.torture.scenarios.scenario import Scenario

__all__ = ("SCENARIOS", "Scenario")

SCENARIOS: tuple[Scenario, ...] = (*transfers.SCENARIOS, *vaults.SCENARIOS, *key_maps.SCENARIOS)
