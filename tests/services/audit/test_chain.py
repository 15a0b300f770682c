"""The trail's seal: it holds, it only grows, and whoever tampers with it is found at the first broken link."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.extensions import db
from portal.models.people import Participant
from portal.services.audit import chain
from tests.support.audit_chain import FLIPPED, TRAIL, rename, seal, tamper
from tests.support.people import NOW, enrol


@pytest.fixture
def trail(core: Flask) -> Participant:
    """Three acts with changes, sealed and anchored."""
    person = enrol()
    for status in ("paused", "active"):
        rename(person.id, status)
    seal()
    return person


def verify(**asked: object) -> chain.ChainVerification:
    db.session.rollback()
    return chain.verify_chain(db.session, **asked)  # type: ignore[arg-type]


def test_what_nobody_touched_holds(trail: Participant) -> None:
    found = verify()
    assert (found.broken, found.unsealed, found.anchors) == (None, 0, 1)
    assert found.links == db.session.execute(text("SELECT count(*) FROM audit_event")).scalar_one()


def test_sealing_again_adds_only_what_is_new(trail: Participant) -> None:
    assert seal() == 0
    rename(trail.id, "paused")
    assert verify().unsealed == 1
    assert seal(now=NOW + timedelta(days=2)) == 1
    assert (verify().broken, verify().anchors) == (None, 2)


@pytest.mark.parametrize("table", TRAIL)
@pytest.mark.parametrize("change", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_the_trail(trail: Participant, table: str, change: str) -> None:
    column = {"audit_event": "role = 'x'", "audit_change": "verb = 'x'"}.get(table, "position = 7")
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(change.format(table, column)))


TAMPERED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a flipped value of a change": ((FLIPPED,), 2, "not what was sealed"),
    "another time of the act": (("UPDATE audit_event SET role = 'monitor' WHERE id = 2",), 2, "not what was sealed"),
    "a deleted change": (("DELETE FROM audit_change WHERE event_id = 2",), 2, "not what was sealed"),
    "a deleted act": (
        ("DELETE FROM audit_change WHERE event_id = 2", "DELETE FROM audit_event WHERE id = 2"), 2, "is gone"
    ),
    "a deleted link": (("DELETE FROM audit_link WHERE position = 2",), 3, "missing"),
    "a re-ordered pair": (
        (
            "UPDATE audit_link SET event_id = -1 WHERE position = 2",
            "UPDATE audit_link SET event_id = 2 WHERE position = 3",
            "UPDATE audit_link SET event_id = 3 WHERE position = 2",
        ), 2, "not what was sealed"
    ),
    "an end cut off": (("DELETE FROM audit_link WHERE position >= 3",), 3, "ends before an anchor"),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "position", "fault"), TAMPERED.values(), ids=TAMPERED)
def test_the_first_broken_link_is_named(
    trail: Participant, statements: tuple[str, ...], position: int, fault: str
) -> None:
    tamper(*statements)
    broken = verify().broken
    assert broken is not None
    assert broken.position == position
    assert fault in broken.fault


def test_a_whole_line_made_anew_is_found_by_an_anchor_kept_elsewhere(trail: Participant) -> None:
    kept = tuple(chain.list_anchors(db.session))
    tamper(FLIPPED, "DELETE FROM audit_link", "DELETE FROM audit_anchor")
    seal()
    assert verify().broken is None
    broken = verify(kept=kept).broken
    assert broken is not None
    assert broken.fault == "the anchor signed something else"


def test_sealers_at_the_same_time_make_one_line(core: Flask) -> None:
    person_id = enrol().id
    start = Barrier(4)

    def both(write: bool) -> Callable[[], None]:
        def work() -> None:
            with core.app_context():
                start.wait()
                for number in range(15):
                    rename(person_id, "paused" if number % 2 else "active") if write else seal()

        return work

    threads = [Thread(target=both(write)) for write in (True, True, False, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal()
    found = verify()
    assert (found.broken, found.unsealed) == (None, 0)
