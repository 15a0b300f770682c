"""What several parts of a participant's page rest on, each read once and only when a part asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portal.models.diary import Diary
from portal.models.laboratory import LabResult
from portal.models.triage import Flag
from portal.services import infusions

REPORTS: Final = 1000
# Built once: to put a statement together takes longer than to run it.
SENT: Final = (
    select(
        Diary.questionnaire, Diary.answers, Diary.diary_on, Diary.entered_at, Diary.weight_kg, Diary.study_day,
        Diary.estimate,
    )
    .where(Diary.participant_id == bindparam("participant_id"), Diary.superseded_at.is_(None))
    .order_by(Diary.diary_on.desc(), Diary.id.desc())
    .limit(REPORTS)
)  # fmt: skip
RAISED: Final = (
    select(Flag.diary_id, Diary.diary_on, Flag.organ, Flag.severity, Flag.evidence)
    .join(Diary, Diary.id == Flag.diary_id)
    .where(Flag.participant_id == bindparam("participant_id"), Flag.corrected_at.is_(None))
    .order_by(Flag.severity.desc(), Flag.id)
)
MEASURED: Final = (
    select(LabResult.measured_at, LabResult.kind, LabResult.value, LabResult.unit, LabResult.voided_at)
    .where(LabResult.participant_id == bindparam("participant_id"))
    .order_by(LabResult.measured_at)
)


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag that is still valid, on the day of its report."""

    diary_id: int
    on: date
    organ: str
    severity: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MeasuredResult:
    """A value of the laboratory or the ward."""

    at: datetime
    kind: str
    value: Decimal
    unit: str
    voided_at: datetime | None


class SharedRows:
    """``reports`` newest first, ``raised`` red first, ``results`` and ``slots`` oldest first."""

    def __init__(self, session: Session, participant_id: int) -> None:
        self._session, self._of = session, {"participant_id": participant_id}

    @cached_property
    def reports(self) -> Sequence[Row[Any]]:
        return self._session.execute(SENT, self._of).all()

    @cached_property
    def raised(self) -> tuple[RaisedFlag, ...]:
        return tuple(RaisedFlag(*row) for row in self._session.execute(RAISED, self._of))

    @cached_property
    def results(self) -> tuple[MeasuredResult, ...]:
        return tuple(MeasuredResult(*row) for row in self._session.execute(MEASURED, self._of))

    @cached_property
    def slots(self) -> tuple[infusions.Slot, ...]:
        return infusions.list_slots(self._session, **self._of)
