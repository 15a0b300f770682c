"""What staff type is read by the one reader: full-width figures are, and what only a program would take is not."""

import pytest
from werkzeug.datastructures import MultiDict

from portal.web.forms import DayField, Form, NumberField, WholeNumberField


class Typed(Form):
    number = NumberField("number")
    whole = WholeNumberField("whole")
    day = DayField("day")


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("number", "34,5", "34.5"),
        ("number", "３４．５", "34.5"),
        ("number", "34。5", "34.5"),
        ("number", "1_0", "None"),
        ("number", "٣٤", "None"),
        ("number", "", "None"),
        ("whole", "１０", "10"),
        ("whole", "1_0", "None"),
        ("day", "２０２６/11/24", "2026-11-24"),
        ("day", "24/11/2026", "None"),
    ],
)
def test_a_field_of_a_form_reads_what_people_mean(app: object, name: str, typed: str, read: str) -> None:
    with app.test_request_context():  # type: ignore[attr-defined]
        form = Typed(formdata=MultiDict({name: typed}))
        form.validate()
    assert str(form[name].data) == read
    assert bool(form[name].errors) == (read == "None" and typed != "")
    assert form[name]._value() == typed
