"""Rows of the audit log that an earlier release wrote are found and read under the names of today."""

from typing import Any

import pytest

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models import Base
from portal.models.audit import _sealed
from portal.services import audit
from portal.services.audit import former_names, search
from portal.services.exports.audit import list_audit_entries
from tests.support.diaries import hire
from tests.support.people import NOW, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")


@pytest.fixture
def person_id() -> int:
    return int(enrol().id)


def write_as_before(person_id: int, *, action: str, entity: str, fields: dict[str, Any]) -> None:
    """An event as an earlier release has left it."""
    change = {
        "entity": entity, "entity_id": "1", "participant_id": person_id, "verb": "update", "fields": fields,
    }  # fmt: skip
    with transaction() as session:
        audit.begin(session, actor=at_site("RJ"), action=action, now=NOW, participant_id=person_id)
        session.info["act"].changes.append(_sealed(session, change))


def reader() -> Actor:
    return hire("Helen Marsh", role=Role.MONITOR)


@pytest.mark.parametrize(("before", "today"), former_names.TABLES.items())
def test_a_row_of_a_renamed_table_is_in_its_history(person_id: int, before: str, today: str) -> None:
    write_as_before(person_id, action=f"{before}:ask", entity=before, fields={"state": [None, "open"]})
    (change,) = audit.list_row_changes(db.session, entity=today, entity_id=1)
    assert (change.entity, change.fields) == (today, {"state": (None, "open")})
    (step,) = search.list_record_history(db.session, actor=reader(), study_number="RJ-001", entity=today, row_id=1)
    assert (step.entity, step.action) == (today, former_names.current_action(f"{before}:ask"))
    entries = list_audit_entries(db.session, participant_id=None, rows={today: ["1"]})
    assert today in {entry.change.entity for entry in entries if entry.change}


@pytest.mark.parametrize(("before", "column"), former_names.COLUMNS.items())
def test_a_renamed_column_is_read_under_its_name_of_today(person_id: int, before: tuple[str, str], column: str) -> None:
    table, name = before
    write_as_before(person_id, action="test:write", entity=table, fields={name: [1, 2], f"{name}.note": [3, 4]})
    change = audit.list_row_changes(db.session, entity=table, entity_id=1)[-1]
    assert change.fields == {column: (1, 2), f"{column}.note": (3, 4)}
    assert column in Base.metadata.tables[table].columns


@pytest.mark.parametrize("asked", ["data-query:ask", "data-query", "data-q", "remark:ask"])
def test_a_search_by_the_code_of_today_finds_the_earlier_one(person_id: int, asked: str) -> None:
    write_as_before(person_id, action="remark:ask", entity="remark", fields={"state": [None, "open"]})
    found = search.search_events(db.session, actor=reader(), asked=search.AuditFilter(action=asked))
    assert [event.action for event in found] == ["data-query:ask"]


def test_no_name_of_today_is_a_former_one() -> None:
    assert not former_names.TABLES.keys() & Base.metadata.tables.keys()
    assert not [key for key in former_names.COLUMNS if key[1] in Base.metadata.tables[key[0]].columns]
