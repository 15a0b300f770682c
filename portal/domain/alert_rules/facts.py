"""What the portal knows about a participant beside the reports, as the rules look at it.

Nothing known damps nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.domain.magic import BilirubinResult, LiverAssessment
from portal.domain.weights import WeightMeasurement


@dataclass(frozen=True, slots=True)
class ClinicalFacts:
    """Everything as it was known when the report was entered.

    ``weights`` are those that are not answers of a report. ``rash_assessed_at``: when a clinician has last signed an
    assessment of the skin. ``agvhd_recorded``: a stage of aGVHD, or an assessment of it, is in the record.
    ``infusions_planned_at``: of infusions that are neither given nor held nor missed. ``day_ends_at``: the instant at
    which the report's day ended; None leaves the hours after an infusion to the time of entry.
    """

    weights: Sequence[WeightMeasurement] = ()
    bilirubins: Sequence[BilirubinResult] = ()
    liver_assessed: LiverAssessment | None = None
    rash_assessed_at: datetime | None = None
    agvhd_recorded: bool = False
    infusions_planned_at: Sequence[datetime] = ()
    day_ends_at: datetime | None = None


NOTHING_KNOWN: Final = ClinicalFacts()
