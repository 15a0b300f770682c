from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update

from portal.domain.access import SYSTEM
from portal.domain.retention import IdentifiersErased
from portal.extensions import db, transaction
from portal.models.audit import AuditChange, AuditEvent, UnauditedWrite
from portal.models.people import Account, Participant, ParticipantKey
from portal.services import audit
from tests.support.people import NOW, enrol


def test_a_changed_row_without_an_act_is_refused(core: Flask) -> None:
    person = enrol()
    with pytest.raises(UnauditedWrite), transaction() as session:
        session.get_one(Participant, person.id).status = "withdrawn"
    assert db.session.get_one(Participant, person.id).status == "active"


def test_a_statement_without_an_act_is_refused(core: Flask) -> None:
    enrol()
    with pytest.raises(UnauditedWrite), transaction() as session:
        session.execute(update(Account).values(reminders_on=False))


def test_a_change_keeps_the_old_and_the_new_value(core: Flask) -> None:
    person = enrol()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="participant:weigh", now=NOW, participant_id=person.id, reason="称重")
        session.get_one(Participant, person.id).weight_kg = Decimal("61.5")
    change = audit.list_row_changes(db.session, entity="participant", entity_id=person.id)[-1]
    assert change.fields == {"weight_kg": ("62.0", "61.5")}
    assert (change.action, change.reason) == ("participant:weigh", "称重")


def test_an_act_that_changes_nothing_is_kept(core: Flask) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="identifiers:view", now=NOW)
    assert db.session.scalars(select(AuditEvent.action)).all() == ["identifiers:view"]


def test_a_rolled_back_act_leaves_nothing(core: Flask) -> None:
    def fail() -> None:
        with transaction() as session:
            audit.begin(session, actor=SYSTEM, action="identifiers:view", now=NOW)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.session.scalars(select(AuditEvent.id)).all() == []


def test_secrets_stand_in_the_trail_by_name_only(core: Flask) -> None:
    person = enrol()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="account:pin", now=NOW, participant_id=person.id)
        session.get_one(Account, person.accounts[0].id).pin_hash = "$argon2id$very"
    change = audit.list_row_changes(db.session, entity="account", entity_id=person.accounts[0].id)[-1]
    assert change.fields == {"pin_hash": (None, "[secret]")}


def test_the_trail_holds_no_value_in_clear(core: Flask) -> None:
    enrol()
    stored = b"".join(bytes(value) for value in db.session.scalars(select(AuditChange.fields)))
    assert "王小明".encode() not in stored
    assert b"+861380013" not in stored


def rename(participant_id: int) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:rename", now=NOW, participant_id=participant_id)
        session.get_one(Participant, participant_id).name = "王"


def test_without_the_participants_key_the_trail_stays_shut(core: Flask) -> None:
    person = enrol()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="participant:erase", now=NOW)
        session.execute(delete(ParticipantKey))
    (made,) = audit.list_row_changes(db.session, entity="participant", entity_id=person.id)
    assert (made.verb, made.fields) == ("insert", {})
    with pytest.raises(IdentifiersErased):
        rename(person.id)
    assert db.session.execute(text("select count(*) from audit_change")).scalar_one() > 0


@pytest.mark.timeout(20)
def test_a_transaction_within_a_transaction_is_refused_and_the_next_one_is_not(core: Flask) -> None:
    with pytest.raises(RuntimeError, match="within a transaction"), transaction(), transaction():
        pass
    with transaction() as session:
        assert session.in_transaction()


def test_rows_are_written_in_a_transaction_only(core: Flask) -> None:
    person = enrol()
    audit.begin(db.session, actor=SYSTEM, action="test:stray", now=NOW)
    db.session.get_one(Participant, person.id).status = "withdrawn"
    with pytest.raises(RuntimeError, match="in a transaction"):
        db.session.flush()
    with pytest.raises(RuntimeError, match="in a transaction"):
        db.session.execute(update(Account).values(reminders_on=False), execution_options={"autoflush": False})
    db.session.rollback()
    assert db.session.get_one(Participant, person.id).status == "active"


def test_whoever_reads_on_postgresql_holds_no_transaction_open(core: Flask) -> None:
    enrol()
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        driver = db.session.connection().connection.driver_connection
        db.session.execute(text("select 1"))
        assert driver is not None
        assert driver.info.transaction_status.name == "IDLE"
        with transaction() as session:
            session.execute(text("select 1"))
            writing = session.connection().connection.driver_connection
            assert writing is not None
            assert writing.info.transaction_status.name == "INTRANS"
