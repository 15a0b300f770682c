"""From the first question to an allocation or a screen failure."""

from portal.services.screening.acting import begin_screening, fail_screening, reopen_screening, reveal_step, save_step
from portal.services.screening.allocating import (
    EnrolmentResult,
    ExternalAllocation,
    allocate_participant,
    record_external_allocation,
)
from portal.services.screening.reading import (
    IDENTIFYING,
    EligibilityStatus,
    ScreeningListPage,
    ScreeningListRow,
    ScreeningView,
    get_screening,
    list_screenings,
)

__all__ = [
    "IDENTIFYING",
    "EligibilityStatus",
    "EnrolmentResult",
    "ExternalAllocation",
    "ScreeningListPage",
    "ScreeningListRow",
    "ScreeningView",
    "allocate_participant",
    "begin_screening",
    "fail_screening",
    "get_screening",
    "list_screenings",
    "record_external_allocation",
    "reopen_screening",
    "reveal_step",
    "save_step",
]
