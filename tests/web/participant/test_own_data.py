"""What we hold about you: told in plain words, and handed over after the PIN as a page and as data."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import NotAllowed
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Account, Participant
from portal.services import audit, exports, own_data
from tests.support.answers import BLOODY
from tests.support.diaries import send
from tests.support.every_table import fill
from tests.support.people import NOW, PIN, TODAY, enrol
from tests.support.web.visitor import Page, Visitor

PATH = "/settings/data"


def ask(visitor: Visitor, how: str = "page", pin: str = PIN):  # type: ignore[no-untyped-def]
    form = visitor.visit(PATH).form(PATH)
    assert ("as", how) in form.buttons
    return visitor.post(PATH, data={**form.filled(pin=pin), "as": how})


def test_every_domain_of_the_dictionary_is_in_one_group() -> None:
    named = [name for _, names in own_data.GROUPS for name in names]
    assert sorted(named) == sorted(domain.name for domain in exports.load_domains())


def test_the_page_says_what_is_held_and_names_the_ways(signed_in: Visitor, participant: Participant) -> None:
    send(participant, **BLOODY)
    page = signed_in.visit(PATH)
    assert page.says("Your diaries, photographs and questions about them")
    assert page.says("at least until 31 March 2058")
    assert {"/record", "/settings/leave", "tel:+862155500100"} <= set(page.links)
    assert PATH in signed_in.visit("/settings").links


def test_the_readable_copy_holds_the_own_words_escaped(signed_in: Visitor, participant: Participant) -> None:
    send(participant, **{**BLOODY, "note": "<b>told my wife</b>"})
    answer = ask(signed_in)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/html", "no-store")
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-record.html"
    for words in ("王小明", "+8613800130001", "1992-03-14", "&lt;b&gt;told my wife", "Nobody has looked"):
        assert words in answer.text, words
    assert "<script" not in answer.text


def test_the_data_say_the_same_and_bring_the_photographs(
    app: Flask, signed_in: Visitor, participant: Participant
) -> None:
    from portal.models.audit import data_cipher
    from portal.models.photos import Photo

    fill(participant)
    folder = app.config["PORTAL"].files_dir
    folder.mkdir(exist_ok=True)
    photo = db.session.query(Photo).one()
    sealed = data_cipher(db.session, participant.id).encrypt(b"a picture", f"photo.{photo.name}".encode())
    (folder / photo.name).write_bytes(sealed)
    with zipfile.ZipFile(io.BytesIO(ask(signed_in, "data").data)) as archive:
        said = json.loads(archive.read("my-record.json"))
        assert archive.read(f"photographs/{photo.id}.jpg") == b"a picture"
    assert (said["study_number"], said["account"]["name"]) == ("RJ-001", "王小明")
    assert [name for name, rows in said["records"].items() if not rows] == ["message"]  # nothing has been sent
    assert said["records"]["phone_call"][0]["note"] == "床位十二号"


def test_a_copy_is_in_the_trail_and_a_look_at_the_page_is_not(signed_in: Visitor) -> None:
    def acts() -> int:
        db.session.rollback()
        return db.session.query(AuditEvent).where(AuditEvent.action == "own-data:copy").count()

    signed_in.visit(PATH)
    assert acts() == 0
    ask(signed_in)
    assert acts() == 1


def test_a_copy_says_who_has_looked(signed_in: Visitor, participant: Participant, coordinator: Visitor) -> None:
    coordinator.submit("/staff/participants/RJ-001", action="/staff/participants/RJ-001/identifiers")
    assert "looked at your name and phone number" in ask(signed_in).text


def test_without_the_pin_there_is_no_copy_and_after_five_wrong_ones_a_pause(signed_in: Visitor) -> None:
    for _ in range(5):
        answer = ask(signed_in, pin="111111")
        assert answer.status_code == 422
    assert Page(answer.text).says("That is not your present PIN")
    assert ask(signed_in).status_code == 422
    assert db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first() == "account:pin-refused"


def test_a_caregiver_has_no_copy(signed_in: Visitor, participant: Participant) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:role", now=NOW)
        session.execute(update(Account).values(role="caregiver"))
    assert signed_in.get(PATH).status_code == 403
    assert signed_in.post(PATH, data={"pin": PIN}).status_code in {400, 403}
    assert PATH not in signed_in.visit("/settings").links


def test_the_control_arm_reads_nothing_of_infusions(visitors: Callable[[], Visitor], app: Flask) -> None:
    person = enrol(arm="control")
    actor = Actor("account", Role.PARTICIPANT, person.accounts[0].id, person.id)
    with transaction() as session:
        found = own_data.make_copy(session, actor=actor, language="en", now=NOW)
    assert "infusion" not in {sheet.name for sheet in found.sheets}


def test_counting_takes_one_statement(app: Flask) -> None:
    person = enrol()
    actor, seen = Actor("account", Role.PARTICIPANT, person.accounts[0].id, person.id), []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    db.session.rollback()
    own_data.get_overview(db.session, actor=actor, today=TODAY)
    assert len([one for one in seen if one != "BEGIN"]) == 1


def test_nobody_elses_account_sees_it(app: Flask) -> None:
    enrol()
    with pytest.raises(NotAllowed):
        own_data.get_overview(db.session, actor=Actor("staff", Role.COORDINATOR, 1), today=TODAY)
