"""Orders of exports."""

from datetime import timedelta
from typing import Any

from portal.domain.exports import ArmDisplay, ExportFormat, ExportOrder
from tests.support.people import NOW

LATER = NOW + timedelta(days=1)


def order(**changes: Any) -> ExportOrder:
    values = {
        "cut_off_at": LATER,
        "sites": ("RJ",),
        "formats": tuple(ExportFormat),
        "arms": ArmDisplay.SHOWN,
        "why": "Test",
    }
    return ExportOrder(**{**values, **changes})
