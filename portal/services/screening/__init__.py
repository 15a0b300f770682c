"""From the first question to an allocation or a screen failure."""

from portal.services.screening.acting import begin, fail, reopen, reveal, save
from portal.services.screening.allocating import Elsewhere, Enrolled, allocate, record_elsewhere
from portal.services.screening.reading import IDENTIFYING, ListPage, ListRow, Seen, Standing, listing, seen

__all__ = [
    "IDENTIFYING",
    "Elsewhere",
    "Enrolled",
    "ListPage",
    "ListRow",
    "Seen",
    "Standing",
    "allocate",
    "begin",
    "fail",
    "listing",
    "record_elsewhere",
    "reopen",
    "reveal",
    "save",
    "seen",
]
