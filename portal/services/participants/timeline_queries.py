"""The statements of the timeline, newest first in [.., before). Built once: that takes longer than to run one.

Their columns are the fields of ``entries``, in their order.
"""

from typing import Any, Final, TypeVar

from sqlalchemy import Select, SQLColumnExpression, bindparam, func, select

from portal.models.assessments import Assessment, Signature
from portal.models.calls import PhoneCall
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.missed_diaries import MissedDiary
from portal.models.participation import ParticipationStep
from portal.models.people import Account, Staff
from portal.models.triage import Episode, EpisodeStep

Told = TypeVar("Told", bound=Select[*tuple[Any, ...]])
JOINED: Final = "join"  # the report itself stands in the timeline already


def _cut(statement: Told, whose: SQLColumnExpression[Any], at: SQLColumnExpression[Any]) -> Told:
    mine = statement.where(whose == bindparam("participant_id"), at < bindparam("before"))
    return mine.order_by(at.desc()).limit(bindparam("limit"))


DIARIES: Final = _cut(
    select(
        Diary.id, Diary.received_at, Diary.diary_on, Diary.timing, Diary.severity, Diary.answered_by,
        Diary.corrected_at,
    ).where(Diary.superseded_at.is_(None)),
    Diary.participant_id,
    Diary.received_at,
)  # fmt: skip
MISSED: Final = _cut(
    select(MissedDiary.judged_at, MissedDiary.missed_on, MissedDiary.in_row, MissedDiary.severity),
    MissedDiary.participant_id,
    MissedDiary.judged_at,
)
STEPS: Final = _cut(
    select(EpisodeStep.at, EpisodeStep.episode_id, Episode.organ, EpisodeStep.kind, Staff.name, EpisodeStep.note)
    .join(Episode, Episode.id == EpisodeStep.episode_id)
    .outerjoin(Staff, Staff.id == EpisodeStep.staff_id)
    .where(EpisodeStep.kind != JOINED),
    Episode.participant_id,
    EpisodeStep.at,
).order_by(EpisodeStep.id.desc())
CALLS: Final = _cut(
    select(PhoneCall.called_at, PhoneCall.whom, PhoneCall.outcome, Staff.name, PhoneCall.note).join(
        Staff, Staff.id == PhoneCall.staff_id
    ),
    PhoneCall.participant_id,
    PhoneCall.called_at,
)
ASSESSMENTS: Final = _cut(
    select(
        Assessment.created_at, Assessment.id, Assessment.grade, Assessment.at_least, Assessment.certainty, Staff.name,
        Signature.id,
    )
    .join(Staff, Staff.id == Assessment.created_by_id)
    .outerjoin(Signature, Signature.assessment_id == Assessment.id),
    Assessment.participant_id,
    Assessment.created_at,
)  # fmt: skip
WENT_AT: Final = func.coalesce(Message.sent_at, Message.not_before_at)
TEXTS: Final = _cut(select(WENT_AT, Message.kind, Message.state, Message.reason), Message.participant_id, WENT_AT)
STANDINGS: Final = _cut(
    select(ParticipationStep.at, ParticipationStep.kind, ParticipationStep.reason, Staff.name, Account.role)
    .outerjoin(Staff, Staff.id == ParticipationStep.staff_id)
    .outerjoin(Account, Account.id == ParticipationStep.account_id),
    ParticipationStep.participant_id,
    ParticipationStep.at,
)
