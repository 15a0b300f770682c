"""Episodes that only missed diaries have made become silence; those that a symptom has joined stay as they are."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.adapters import database
from portal.domain.alert_rules import Organ, Severity
from portal.extensions import db
from portal.models.triage import Episode, Flag
from tests.support.diaries import flag, red, report
from tests.support.people import enrol

pytestmark = pytest.mark.usefixtures("core")
MISSED = flag("missed-after-flag", Severity.AMBER, Organ.GENERAL)


def test_an_episode_of_silence_alone_is_moved_and_a_mixed_one_is_not(core: Flask, database_url: str) -> None:
    report(enrol(1), [MISSED])
    report(enrol(2), [MISSED, red("chest-pain-red", Organ.GENERAL)])
    report(enrol(3), [MISSED, flag("missed-after-infusion", Severity.AMBER, Organ.INFUSION)])
    core.extensions["sqlalchemy"].session.close()
    database.downgrade_database(database_url, "0021")
    database.upgrade_database(database_url)
    organs = db.session.execute(select(Episode.participant_id, Episode.organ).order_by(Episode.id)).all()
    assert [tuple(row) for row in organs] == [(1, "silence"), (2, "general"), (3, "silence"), (3, "infusion")]
    flags = db.session.execute(select(Flag.participant_id, Flag.organ).order_by(Flag.id)).all()
    assert {tuple(row) for row in flags} == {(1, "silence"), (2, "general"), (3, "silence"), (3, "infusion")}
    db.session.rollback()


def test_the_way_back_finds_a_place_for_each(core: Flask, database_url: str) -> None:
    person = enrol(1)
    report(person, [red("chest-pain-red", Organ.GENERAL), flag("missed-after-flag", Severity.AMBER, Organ.SILENCE)])
    core.extensions["sqlalchemy"].session.close()
    database.downgrade_database(database_url, "0021")
    found = db.session.execute(select(Episode.organ, Episode.state).order_by(Episode.id)).all()
    assert [tuple(row) for row in found] == [("general", "new"), ("infusion", "new")]
    db.session.rollback()
    database.upgrade_database(database_url)
    assert db.session.scalars(select(Episode.organ).order_by(Episode.id)).all() == ["general", "silence"]
