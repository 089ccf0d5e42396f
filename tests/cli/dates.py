"""Dates of inventories that are written by hand."""

from datetime import timedelta

from glaciercli.cli.clock import SystemClock
from glaciercli.core.times import format_time


def hours_from_now(hours: int) -> str:
    """Return a date for an inventory: none is older than its vault, which a test makes later."""
    return format_time((SystemClock().now() + timedelta(hours=hours)).replace(microsecond=0))
