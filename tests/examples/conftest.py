"""The home in which every line of these tests is typed."""

import pytest

from tests.examples.world import World, furnished


@pytest.fixture(scope="session")
def furnished_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return furnished(tmp_path_factory.mktemp("examples"))


@pytest.fixture
def world(furnished_world: World) -> World:
    """The home, in order."""
    furnished_world.tidy()
    return furnished_world
