"""The pages that only a study team sees: the trail, the history of a value, queries about data, and locks."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import func, select

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Staff
from portal.services import data_queries, locking
from portal.services.locking import LockRequest
from tests.support.answers import BLOODY
from tests.support.browser.accessibility import LANGUAGES, faults_as_shown
from tests.support.browser.actions import Open, hire_today, shoot, speak, staff_sign_in
from tests.support.diaries import correct, send
from tests.support.people import NOW, enrol

pytestmark = pytest.mark.browser
NARROW = {"width": 768, "height": 1024}


@pytest.fixture
def manager(live: Flask, visit: Open) -> Page:
    """A data manager signed in, on a tablet; a corrected report, a query about it, and a lock stand."""
    secret = hire_today(Role.DATA_MANAGER)
    person = enrol()
    correct(person, send(person, **BLOODY).diary_id)
    with transaction() as session:
        who = Actor("staff", Role.DATA_MANAGER, session.scalar(select(Staff.id)), sites=frozenset({"RJ"}))
        asked = {"study_number": "RJ-001", "question": "The source says 61 kg.", "now": NOW}
        data_queries.raise_data_query(session, actor=who, entity="participant", entity_id=person.id, **asked)  # type: ignore[arg-type]
        closing = LockRequest("freeze", None, "RJ-001", None, "interim analysis")
        locking.close_data(session, actor=who, closing=closing, now=NOW)
    page = visit(desk=True, locale="en-GB").new_page()
    staff_sign_in(page, secret)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    return page


def test_the_pages_of_the_trail_queries_and_locks_are_clean(manager: Page) -> None:
    db.session.rollback()
    act = db.session.scalar(select(func.max(AuditEvent.id)).where(AuditEvent.action == "diary:correct"))
    paths = {
        "trail": "/staff/audit",
        "trail-nothing": "/staff/audit?action=nonsense",
        "act": f"/staff/audit/{act}",
        "history": "/staff/participants/RJ-001/history/diary/2",
        "history-value": "/staff/participants/RJ-001/history/diary/2?field=answers.stool-blood",
        "queries": "/staff/data-queries",
        "query": "/staff/data-queries/1",
        "query-new": "/staff/participants/RJ-001/data-queries/new",
        "locks": "/staff/locks",
        "lock": "/staff/locks/1",
    }
    found = []
    for language, _locale in LANGUAGES:
        manager.goto("/staff/audit")
        speak(manager, language)
        for name, path in paths.items():
            answer = manager.goto(path)
            assert answer is not None
            assert answer.ok, path
            found += [f"{language} {name}: {fault}" for fault in faults_as_shown(manager)]
            shoot(manager, f"{name}-{language}")
    assert found == []
