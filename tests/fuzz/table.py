"""Every reader of foreign bytes."""

from pathlib import Path

from tests.fuzz import files, key_maps, requests, texts, wire
from tests.fuzz.parser import Parser


def parsers(place: Path) -> list[Parser]:
    """Return the parsers; those that read files have them in a directory."""
    return [
        *texts.PARSERS,
        *files.parsers(place),
        *key_maps.parsers(place),
        *wire.PARSERS,
        *requests.PARSERS,
    ]
