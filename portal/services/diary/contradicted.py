"""Unsent reds that the answers of the draft no longer say: whether each was a mistake is asked, never assumed."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.services import audit
from portal.services.diary import drafts, judging, unsent
from portal.services.diary.drafts import UnsentRed


def list_contradicted_reds(session: Session, *, actor: Actor, diary_on: date, now: datetime) -> tuple[UnsentRed, ...]:
    """The reds of the actor's own draft that can be taken back and whose rule is not met any more, the newest first."""
    row = drafts.find_row(session, actor, diary_on)
    found = [
        red
        for red in unsent.list_unsent_reds(session, actor=actor, diary_on=diary_on, now=now)
        if red.can_be_taken_back
    ]
    if row is None or not found:
        return ()
    participant = judging.lock_participant(session, actor)
    judged = judging.judge_draft(session, participant, raws=[row.content["raw"]], diary_on=diary_on, now=now)
    met = {flag.rule_id for flag in judged.reds}
    return tuple(red for red in found if red.rule_id not in met)


def record_own_call(session: Session, *, actor: Actor, now: datetime) -> None:
    """The participant says that they have called. The card stays until staff record the contact."""
    audit.begin(session, actor=actor, action="red:called", now=now, participant_id=actor.participant_id)
