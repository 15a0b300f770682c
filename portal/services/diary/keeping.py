"""What cannot be a diary is kept as a report, with every answer that can be read, and judged as one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import first_due_day, local_day
from portal.domain.errors import NotFound
from portal.domain.questionnaire import read_partly
from portal.domain.questionnaire.checks import UNSTORABLE
from portal.models.people import Participant
from portal.services.diary import submitting
from portal.services.diary.forms import INFUSION_SIGNS, form_by_name, newest_names
from portal.services.diary.judging import lock_participant
from portal.services.diary.submitting import Submission, SubmissionReceipt

LONGEST_NAME: Final = 60
LONGEST_TEXT: Final = 5000
LONGEST_UNREAD: Final = 1000
MOST_UNREAD: Final = 100


@dataclass(frozen=True, slots=True)
class TypedReport:
    """What arrived, as it was typed by linkId. ``diary_on`` None: the day is not known or not believed."""

    client_id: str
    diary_on: date | None
    raw: Mapping[str, Any]
    entered_at: datetime
    offset_minutes: int
    language: str


def keep_report(
    session: Session, *, actor: Actor, typed: TypedReport, now: datetime, by: Actor | None = None
) -> SubmissionReceipt:
    """Store and judge what can be read, as a report of its day where that can be one, else of the day of arrival.

    What could not be read is kept with it as it was typed. A client id that is stored already returns the first
    receipt. ``by``: who stores it, if not its author. NotFound: there is not one answer, readable or not.
    """
    participant = lock_participant(session, actor)
    name = newest_names() if INFUSION_SIGNS in typed.raw else protocols.load_protocol().diary.questionnaire
    answers, unread = read_partly(form_by_name(name), typed.raw)
    if not answers and not unread:
        raise NotFound
    submission = Submission(
        client_id=typed.client_id,
        diary_on=_day(participant, typed.diary_on, now),
        answers=dict(answers),
        entered_at=typed.entered_at,
        offset_minutes=typed.offset_minutes,
        language=typed.language,
        questionnaire=name,
        unread=clean_unread(unread),
    )
    known = submitting.known_before(session, actor, participant, submission)
    if known.stored is not None:
        return submitting.first_receipt(known.stored)
    diary = submitting.store_partly(
        session,
        actor=actor,
        participant=participant,
        submission=submission,
        known=known,
        now=now,
        by=by,
    )
    return submitting.new_receipt(diary, known)


def may_be_written(participant: Participant, diary_on: date, now: datetime) -> bool:
    """Whether a report may be about this day at all: from the first day of the diary until today."""
    plan = protocols.load_protocol().diary
    first = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    return first <= diary_on <= local_day(now, participant.timezone)


def clean_raw(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a phone sent, as it would have been typed: text, lists of codes and marks of regions only.

    Of more than ``MOST_UNREAD`` names those stay first that a question has, so that no answer is cut off.
    """
    asked = form_by_name(newest_names()).by_link
    in_order = sorted(raw.items(), key=lambda item: item[0] not in asked)
    return {_clean(name, LONGEST_NAME): _as_typed(typed) for name, typed in in_order[:MOST_UNREAD]}


def _as_typed(typed: Any) -> Any:
    if isinstance(typed, bool):
        return "yes" if typed else "no"
    if isinstance(typed, list):
        return list(dict.fromkeys(_clean(one, LONGEST_NAME) for one in typed))[:MOST_UNREAD]
    if isinstance(typed, Mapping):
        return {
            _clean(name, LONGEST_NAME): _clean(one, LONGEST_NAME) for name, one in list(typed.items())[:MOST_UNREAD]
        }
    return "" if typed is None else _clean(typed, LONGEST_TEXT)


def clean_unread(unread: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as much of it as can be stored."""
    return {
        _clean(name, LONGEST_NAME): _clean(typed if isinstance(typed, str) else json.dumps(typed), LONGEST_UNREAD)
        for name, typed in list(unread.items())[:MOST_UNREAD]
    }


def _clean(text: object, longest: int) -> str:
    return UNSTORABLE.sub("", str(text))[:longest]


def _day(participant: Participant, diary_on: date | None, now: datetime) -> date:
    if diary_on is not None and may_be_written(participant, diary_on, now):
        return diary_on
    return local_day(now, participant.timezone)
