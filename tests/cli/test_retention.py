"""The command that erases: it says who is due, changes nothing on a dry run, and refuses before the day."""

import json

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import audit
from tests.support.people import NOW, enrol


@pytest.fixture(autouse=True)
def people(app: Flask) -> None:
    """RJ-001 has completed, RJ-002 takes part."""
    enrol()
    enrol(2)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:end", now=NOW, participant_id=1)
        session.execute(update(Participant).where(Participant.id == 1).values(status="completed"))


def run(app: Flask, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["retention", "run", *options])
    return result.exit_code, result.output.splitlines()[-1]


def names() -> list[str]:
    db.session.rollback()
    return [one.name for one in db.session.query(Participant).order_by(Participant.id)]


def test_before_the_day_nobody_is_due(app: Flask) -> None:
    code, said = run(app)
    assert (code, json.loads(said)) == (0, {"erased": [], "years": 30, "due": [], "taking_part": 1, "kept": 1,
                                            "kept_until": "2058-03-31"})  # fmt: skip


def test_a_dry_run_names_who_is_due_and_changes_nothing(app: Flask) -> None:
    with time_machine.travel("2058-04-02 12:00", tick=False):
        said = json.loads(run(app, "--dry-run")[1])
    assert (said["dry_run"], said["due"], names()) == (True, ["RJ-001"], ["王小明", "王小明"])


def test_after_the_day_whoever_is_due_is_erased_and_nobody_else(app: Flask) -> None:
    with time_machine.travel("2058-04-02 12:00", tick=False):
        assert json.loads(run(app)[1])["erased"] == ["RJ-001"]
        assert json.loads(run(app)[1])["erased"] == []
    assert names() == ["", "王小明"]


@pytest.mark.parametrize(
    ("number", "words"),
    [("RJ-001", "has not ended"), ("RJ-002", "still takes part"), ("RJ-404", "nobody has the number")],
)
def test_who_is_named_and_may_not_be_erased_is_refused(app: Flask, number: str, words: str) -> None:
    code, said = run(app, "--participant", number)
    assert (code, words in said) == (1, True)
