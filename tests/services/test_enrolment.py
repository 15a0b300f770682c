from flask import Flask

from portal.extensions import db
from portal.services import audit
from tests.support.people import enrol


def test_a_registered_participant_is_read_back(core: Flask) -> None:
    person = enrol()
    assert (person.name, person.accounts[0].phone) == ("王小明", "+8613800130001")


def test_the_trail_of_a_registration_names_every_field(core: Flask) -> None:
    person = enrol()
    (change,) = audit.list_row_changes(db.session, entity="participant", entity_id=person.id)
    assert change.fields["name"] == (None, "王小明")
