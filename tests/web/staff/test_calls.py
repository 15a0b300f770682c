"""The contact log: calls of their own, and those that were a step of an episode."""

from collections.abc import Callable

import pytest

from portal.domain.access import Role
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import triage
from tests.support.diaries import hire, red, report
from tests.support.people import NOW
from tests.support.web.visitor import Visitor

LOG = "/staff/participants/RJ-001/calls"
CALL = {"whom": "participant", "outcome": "no-answer", "note": "Again this evening"}


def test_a_call_is_kept_with_who_when_and_how_it_ended(coordinator: Visitor, participant: Participant) -> None:
    assert coordinator.submit(LOG, **CALL).status_code == 302
    page = coordinator.visit(LOG)
    assert page.says("Monday 23 November, 10:00 · 李娜 rang the participant: no answerAgain this evening")
    assert coordinator.visit("/staff/participants/RJ-001?show=calls").says("Call to the participant: no answer")


def test_a_contact_of_an_episode_stands_in_the_log_too(coordinator: Visitor, participant: Participant) -> None:
    (raised,) = report(participant, [red()])
    nurse = hire("Zhou Min")
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW)
    with transaction() as session:
        triage.record_contact(
            session, actor=nurse, episode_id=raised.episode_id, version=2, now=NOW, note="Comes today"
        )
    assert coordinator.visit(LOG).says("Zhou Min Participant contacted, SkinComes today")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"whom": None}, "Choose whom you rang."),
        ({"outcome": None}, "Choose how it ended."),
        ({"called_on": "2026-11-24"}, "Enter a time that has been."),
        ({"called_time": ""}, "Enter a time, such as 08:30."),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_stays(
    coordinator: Visitor, participant: Participant, typed: dict[str, str], words: str
) -> None:
    answer = coordinator.submit(LOG, **{**CALL, **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "Again this evening" in answer.text


def test_who_only_reads_records_nothing(staff_of: Callable[[Role], Visitor], participant: Participant) -> None:
    page = staff_of(Role.MONITOR).visit(LOG)
    assert page.says("No call has been recorded.")
    assert LOG not in {form.action for form in page.forms}


def test_a_participant_of_another_site_is_not_found(coordinator: Visitor) -> None:
    assert coordinator.get("/staff/participants/SH-001/calls").status_code == 404
