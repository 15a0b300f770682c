"""Study days and doses."""

from datetime import date
from decimal import Decimal

from portal.domain.errors import Invalid
from portal.domain.msgid import N_


def study_day(on: date, transplant_on: date) -> int:
    """Days since the transplant, which is day 0; negative before it."""
    return (on - transplant_on).days


def dose_cells(weight_kg: Decimal, cells_per_kg: int) -> int:
    """Cells for one infusion, exact: 62.5 kg at 1,000,000 a kg are 62,500,000. A fraction of a cell is dropped."""
    if weight_kg <= 0:
        raise Invalid(problems={"weight_kg": N_("The weight must be more than 0 kg.")})
    return int(weight_kg * cells_per_kg)


def is_outside_tolerance(cells: int | None, dose: int, percent: Decimal) -> bool:
    """Whether the cells as counted are further from the dose than so many per cent of it; False when not counted."""
    return cells is not None and abs(cells - dose) * 100 > dose * percent
