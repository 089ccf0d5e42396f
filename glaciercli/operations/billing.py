"""Who writes the bill, and the prices that it goes by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Few commands ask for a price.
    from glaciercli.core.pricing import Price, PriceList


@dataclass(kw_only=True)
class Billing:
    """What a store's bill depends on."""

    #: The prices of the user's own.
    own: Sequence["Price"] = ()
    #: Whether somebody writes a bill: Amazon does, the embedded service does not.
    billed: bool = False
    #: Whether this machine stands in the region of the vaults, so that bytes leave free.
    same_region: bool = False

    @cached_property
    def prices(self) -> "PriceList":
        """Amazon's prices, with those of the user before them."""
        from importlib import resources

        from glaciercli.core.pricing import price_list
        from glaciercli.core.pricing_table import read_table

        table = resources.files("glaciercli").joinpath("prices.csv").read_text(encoding="utf-8")
        return price_list(read_table(table.splitlines()), self.own)
