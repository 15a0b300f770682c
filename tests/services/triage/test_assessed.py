"""How long a signed assessment of the skin holds."""

from datetime import date, datetime, timedelta

import pytest

from portal.domain.access import SYSTEM
from portal.domain.triage import sign_began_at
from portal.extensions import db, transaction
from portal.models.assessments import Assessment, Signature
from portal.models.people import Participant
from portal.services import audit, triage
from tests.support.diaries import flag, hire, report
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def skin(person: Participant, *there: bool | None) -> None:
    """One report a day, the last yesterday: whether there was a rash; None for a missed day."""
    for back, present in enumerate(reversed(there), start=1):
        if present is not None:
            report(person, now=NOW - back * DAY, answers={"skin-change": present})


def sign(person: Participant, at: datetime) -> None:
    doctor = hire()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="assessment:sign", now=at, participant_id=person.id)
        row = Assessment(
            participant_id=person.id, number=1, version=1, assessed_on=at.date(), skin=2, at_least="I",
            certainty="confirmed", created_at=at, created_by_id=doctor.id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(
            Signature(participant_id=person.id, assessment_id=row.id, staff_id=doctor.id, name="Li Na",
                      role="investigator", meaning="assessed", signed_at=at, content_hash="0" * 64)
        )  # fmt: skip


@pytest.mark.parametrize(
    ("there", "signed_days_ago", "holds"),
    [
        ((True, True), 1, True),
        ((True, False, False, True), 3, True),
        ((True, False, False, False), 3, False),
        ((True, False, None, False, None, False), 5, False),
        ((True, False, None, None, False, True), 5, True),
        ((True, False, False, False, True), 4, False),
        ((False, False, True), 3, False),
    ],
)
def test_a_signature_holds_until_the_skin_was_free_for_three_known_days(
    there: tuple[bool | None, ...], signed_days_ago: int, holds: bool
) -> None:
    person = enrol()
    skin(person, *there)
    sign(person, NOW - signed_days_ago * DAY + timedelta(hours=1))
    assert triage.is_rash_assessed(db.session, participant_id=person.id, now=NOW) is holds


def test_closing_and_reopening_does_not_forget_the_signature() -> None:
    person, nurse = enrol(), hire("Wu Hao")
    (raised,) = report(person, [flag("rash-extent-amber")], now=NOW - 2 * DAY)
    sign(person, NOW - 2 * DAY + timedelta(hours=2))
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW - 2 * DAY)
        triage.close_episode(
            session, actor=nurse, episode_id=raised.episode_id, version=2, outcome="advice-given", note="x",
            now=NOW - 2 * DAY,
        )  # fmt: skip
    report(person, [flag("rash-growing")], now=NOW - DAY)
    assert triage.is_rash_assessed(db.session, participant_id=person.id, now=NOW)


def test_a_day_with_two_reports_counts_by_the_worse_and_from_the_first_that_says_so() -> None:
    first, second = NOW - timedelta(hours=5), NOW
    assert sign_began_at([(TODAY, first, False), (TODAY, second, True)]) == second
    assert sign_began_at([(date(2026, 11, 22), first - DAY, True), (TODAY, second, True)]) == first - DAY
    assert sign_began_at([]) is None
