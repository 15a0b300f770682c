"""The weight that a report is judged with. One that is far off the last is not used until staff have confirmed it."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.tasks import TaskKind, due_in_working_time
from portal.domain.weights import is_far_off
from portal.models.people import Participant
from portal.services import infusions, tasks


def weight_to_use(
    session: Session, participant: Participant, weighed: Decimal | None, *, usual: Decimal | None, now: datetime
) -> Decimal | None:
    """In kg. ``usual``: the last that a diary knew. A task asks staff about a weight that is far off.

    The caller has begun the audit event and holds the participant's row.
    """
    last = usual or participant.weight_kg
    if weighed is None or last is None or not is_far_off(weighed, last):
        return weighed or last
    known = infusions.find_last_weight(session, participant) or last
    if not is_far_off(weighed, known):
        return weighed
    protocol = protocols.load_protocol()
    tasks.open_task(
        session,
        kind=TaskKind.WEIGHT_TO_CONFIRM,
        participant_id=participant.id,
        site=participant.site,
        dedupe_key=f"{participant.id}:{now.isoformat()}",
        due_at=due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone),
        now=now,
    )
    return known
