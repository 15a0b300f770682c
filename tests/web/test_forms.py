"""How a form that was sent is answered, with services that refuse in each way."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from wtforms import StringField
from wtforms.validators import InputRequired

from portal.domain.errors import Conflict, Invalid, Locked, NotFound
from portal.domain.reasons import reason_of
from portal.web.forms import Form, SignedForm, reason_field, submits


class MoveForm(Form):
    NAMES: ClassVar = {"to": "day"}

    day = StringField("Day", [InputRequired("Enter a day.")])
    reason = reason_field("Reason", longest=10)


class Signed(SignedForm):
    why = StringField("What for?")


def nothing_wrong(_form: Form) -> ResponseReturnValue:
    return "moved"


def refusing(error: Exception) -> Callable[[Form], ResponseReturnValue]:
    def service(_form: Form) -> ResponseReturnValue:
        raise error

    return service


def page(form: MoveForm) -> str:
    found = (form.day.errors, form.reason.errors, form.form_errors)
    return "|".join([form.day.data, *(str([str(words) for words in one]) for one in found)])


def client(
    view: Callable[[Form], ResponseReturnValue], again: Callable[..., ResponseReturnValue] = page
) -> FlaskClient:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="not a secret", WTF_CSRF_ENABLED=False)
    Babel(app)
    app.register_error_handler(Conflict, lambda _error: ("the error page", 409))
    app.register_error_handler(NotFound, lambda _error: ("not found", 404))
    app.add_url_rule("/move", view_func=submits(MoveForm, again=again)(view), endpoint="move", methods=["POST"])
    return app.test_client()


def sent(view: Callable[[Form], ResponseReturnValue], **typed: str) -> tuple[int, str]:
    answer = client(view).post("/move", data={"day": "Monday", "reason": "a fever"} | typed)
    return answer.status_code, answer.text


def test_a_form_that_is_right_reaches_the_view() -> None:
    assert sent(nothing_wrong) == (200, "moved")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"day": ""}, "|['Enter a day.']|[]|[]"),
        ({"reason": "  "}, "Monday|[]|['Please give the reason.']|[]"),
        ({"reason": "much too long"}, "Monday|[]|['At most 10 characters.']|[]"),
    ],
)
def test_one_that_is_not_valid_is_shown_again(typed: dict[str, str], shown: str) -> None:
    assert sent(nothing_wrong, **typed) == (422, shown)


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        (Invalid(problems={"to": "It is past."}), 422, "Monday|['It is past.']|[]|[]"),
        (Invalid(problems={"other": "It is full."}), 422, "Monday|[]|[]|['It is full.']"),
        (Invalid("Wait for %(name)s.", name="Li"), 422, "Monday|[]|[]|['Wait for Li.']"),
        (Conflict("%(name)s was first.", name="Li"), 409, "Monday|[]|[]|['Li was first.']"),
        (Locked("Closed."), 423, "Monday|[]|[]|['Closed.']"),
    ],
)
def test_what_a_service_refuses_is_shown_with_what_was_typed(error: Exception, status: int, shown: str) -> None:
    assert sent(refusing(error)) == (status, shown)


def test_a_conflict_that_took_the_forms_page_away_has_the_error_page() -> None:
    def gone(form: Form) -> ResponseReturnValue:
        raise NotFound

    answer = client(refusing(Conflict("Li was first.")), gone).post("/move", data={"day": "Monday", "reason": "fever"})
    assert (answer.status_code, answer.text) == (409, "the error page")


def test_nothing_to_mend_leads_elsewhere() -> None:
    answer = client(nothing_wrong, lambda form: ("elsewhere", 302, {"Location": "/"})).post("/move", data={})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_signature_comes_last() -> None:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="not a secret", WTF_CSRF_ENABLED=False)
    with app.test_request_context():
        assert [field.name for field in Signed()] == ["why", "password", "code"]


@pytest.mark.parametrize(
    ("text", "problem"), [(" ", "Please give the reason."), ("x" * 11, "At most %(number)s characters.")]
)
def test_a_service_asks_for_the_reason_in_the_same_words(text: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        reason_of(text, field="why", longest=10)
    assert refused.value.problems == {"why": problem}
    assert reason_of(" a fever ", longest=10) == "a fever"
