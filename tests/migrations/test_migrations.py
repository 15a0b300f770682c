"""The migrations make exactly the models, and go up and down with people in the tables."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect, select, text

from portal.adapters import database
from portal.domain.access import SYSTEM
from portal.domain.questions import QuestionState
from portal.extensions import db, transaction
from portal.models import Base
from portal.models.data_queries import DataQuery
from portal.services import audit
from tests.support.every_table import SECRET, fill
from tests.support.people import NOW, enrol

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(database.MIGRATIONS)).walk_revisions()))]


def engine_of(url: str):  # type: ignore[no-untyped-def]
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


@pytest.fixture
def engine(database_url: str) -> Iterator[object]:
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


def test_the_newest_revision_equals_the_models(engine) -> None:  # type: ignore[no-untyped-def]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_each_revision_goes_down_and_up_with_data(core: Flask, database_url: str, engine) -> None:  # type: ignore[no-untyped-def]
    enrol()
    core.extensions["sqlalchemy"].session.close()
    for below in reversed([*REVISIONS[:-1]]):
        database.downgrade_database(database_url, below)
        with engine.connect() as connection:
            assert connection.execute(text("select count(*) from participant")).scalar_one() == 1
        database.upgrade_database(database_url, below)
    database.upgrade_database(database_url)
    assert set(inspect(engine).get_table_names()) >= set(Base.metadata.tables)


def test_renamed_tables_and_columns_keep_every_row(core: Flask, database_url: str, engine) -> None:  # type: ignore[no-untyped-def]
    fill(enrol())
    core.extensions["sqlalchemy"].session.close()
    names = ("account", "data_query", "diary", "diary_question", "message", "task")
    database.downgrade_database(database_url, "0020")  # what later revisions added is not theirs to keep
    before = {name: rows(engine, name) for name in names}
    database.downgrade_database(database_url, "0019")
    assert [rows(engine, name) for name in ("remark", "query")] == [before["data_query"], before["diary_question"]]
    database.upgrade_database(database_url, "0020")
    assert all(before.values())
    assert {name: rows(engine, name) for name in names} == before
    database.upgrade_database(database_url)
    assert db.session.scalars(select(DataQuery.question)).all() == [SECRET]
    with transaction() as session:
        row = DataQuery(
            participant_id=1, site="RJ", state=QuestionState.OPEN, question="?", asked_by_id=1, asked_at=NOW
        )
        audit.begin(session, actor=SYSTEM, action="data-query:ask", now=NOW, participant_id=1)
        session.add(row)
        session.flush()
        assert row.id == 2


def rows(engine, table: str) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]


def test_the_first_revision_can_be_undone(database_url: str, engine) -> None:  # type: ignore[no-untyped-def]
    database.downgrade_database(database_url, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}


def test_revisions_are_one_line() -> None:
    assert [f"{place:04}" for place in range(1, len(REVISIONS) + 1)] == REVISIONS
