"""The weight that counts: the newest by time from any source, the one at enrolment before all."""

from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.diary import local_day
from portal.domain.infusions import InfusionState
from portal.domain.laboratory import LabKind
from portal.domain.tasks import start_of_day
from portal.domain.weights import WeightMeasurement, confirmed_weight
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.laboratory import LabResult
from portal.models.people import Participant

ANSWERED: Final = Diary.answers["weight"].as_string()


def find_last_weight(
    session: Session, participant: Participant, *, but_infusion_id: int | None = None
) -> Decimal | None:
    """In kg; None when nobody was weighed. Three statements. ``but_infusion_id``: the record that is put right."""
    timezone = participant.timezone
    results = session.execute(
        select(LabResult.measured_at, LabResult.value).where(
            LabResult.participant_id == participant.id,
            LabResult.kind == LabKind.WEIGHT,
            LabResult.voided_at.is_(None),
        )
    ).all()
    given = session.execute(
        select(Infusion.started_at, Infusion.weight_kg).where(
            Infusion.participant_id == participant.id,
            Infusion.state == InfusionState.GIVEN,
            Infusion.id != (but_infusion_id or 0),
            Infusion.weight_kg.is_not(None),
        )
    ).all()
    answered = session.execute(
        select(Diary.entered_at, ANSWERED, Diary.diary_on).where(
            Diary.participant_id == participant.id, Diary.superseded_at.is_(None), ANSWERED.is_not(None)
        )
    ).all()
    weighed = [
        *(WeightMeasurement(local_day(at, timezone), at, kg) for at, kg in (*results, *given) if at and kg),
        *(WeightMeasurement(on, at, Decimal(kg), confirmed=False) for at, kg, on in answered),
    ]
    if participant.weight_kg is not None:
        began_at = start_of_day(participant.enrolled_on, timezone)
        weighed.append(WeightMeasurement(participant.enrolled_on, began_at, participant.weight_kg))
    return confirmed_weight(weighed)
