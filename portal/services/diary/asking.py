"""What a participant is asked on a page now: the questions of the day, in the words for that day and for who writes."""

from datetime import date, datetime
from typing import Final, TypedDict

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, Role
from portal.domain.alert_rules import asks_weight
from portal.domain.diary import local_day
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire import Questionnaire, day_phrase
from portal.services.diary import history
from portal.services.diary.drafts import DraftView
from portal.services.diary.forms import WEIGHT, compose_form, worded_form

WRITE_FOR_ANOTHER: Final = frozenset({Role.GUARDIAN, Role.CAREGIVER})


class DayWords(TypedDict):
    """What the words of the questions depend on."""

    day: LocalizedText
    for_another: bool


def own_form(session: Session, *, actor: Actor, diary_on: date, at: datetime) -> Questionnaire:
    """The pages of a day for the actor's own participant, as ``compose_form``, in the words for that day and actor."""
    return compose_form(
        session,
        participant_id=actor.participant_id or 0,
        diary_on=diary_on,
        at=at,
        weight=_asks_weight(session, actor.participant_id or 0, diary_on),
        **_words_for(actor, diary_on, at),
    )


def _asks_weight(session: Session, participant_id: int, diary_on: date) -> bool:
    """Whether a poor appetite that lasts asks for the weight, beside the weekday."""
    thresholds = protocols.load_protocol().thresholds
    if not thresholds.appetite_baseline_reports:
        return False
    reports = history.list_recent_reports(session, participant_id=participant_id, until_on=diary_on)
    return asks_weight(reports, diary_on, thresholds)


def _words_for(actor: Actor, diary_on: date, at: datetime) -> DayWords:
    today = local_day(at, protocols.load_protocol().timezone)
    return {"day": day_phrase(diary_on, today=today), "for_another": actor.role in WRITE_FOR_ANOTHER}


def form_of_draft(session: Session, *, actor: Actor, draft: DraftView, at: datetime) -> Questionnaire:
    """The questions that a draft has asked so far, and the page after an infusion where it is due by now.

    A page that was answered stays part of its diary when the hours after an infusion end or a version changes.
    """
    current = own_form(session, actor=actor, diary_on=draft.diary_on, at=at)
    if draft.questionnaire is None:
        return current
    asked = draft.questionnaire.split()
    extra = [name for name in current.sources[1:] if len(asked) == 1]
    weight = WEIGHT in current.by_link
    return worded_form(" ".join([*asked, *extra]), weight=weight, **_words_for(actor, draft.diary_on, at))
