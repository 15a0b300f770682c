"""Orders of exports."""

from datetime import timedelta
from typing import Any

from portal.domain.exports import Arms, Format, Order
from tests.support.people import NOW

LATER = NOW + timedelta(days=1)


def order(**changes: Any) -> Order:
    values = {"cut_off_at": LATER, "sites": ("RJ",), "formats": tuple(Format), "arms": Arms.SHOWN, "why": "Test"}
    return Order(**{**values, **changes})
