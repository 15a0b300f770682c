"""Numbers that hold under every protocol: an older file that leaves these rules off does not switch them off here.

What a result confirms or what staff have recorded alerts in any case; a protocol that names the numbers is followed.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from portal.domain.thresholds import Thresholds

ALWAYS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "bilirubin_amber_stage": 1,
        "bilirubin_red_stage": 2,
        "bilirubin_red_rise": 1,
        "reaction_red_grade": 3,
        "jaundice_settles_below_mg_dl": Decimal(2),
        "jaundice_free_days": 3,
        "jaundice_settled_days": 7,
    }
)


def add_safety(thresholds: Thresholds) -> Thresholds:
    """The thresholds with what the protocol leaves off."""
    return replace(thresholds, **{name: value for name, value in ALWAYS.items() if not getattr(thresholds, name)})
