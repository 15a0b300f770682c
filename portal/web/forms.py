"""Forms: their base class, the fields that many of them have, and the one way to answer a form that was sent."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Final

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, Field, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.domain import reasons
from portal.domain.errors import Conflict, Invalid, PortalError
from portal.domain.questionnaire.checks import NUMBER, WHOLE_NUMBER
from portal.domain.typed_entry import UNIT_WORDS, read_day, read_decimal, read_whole_number
from portal.web import errors

NOT_A_NUMBER: Final = _l(NUMBER.msgid)
NOT_A_WHOLE_NUMBER: Final = _l(WHOLE_NUMBER.msgid)
NOT_A_DAY: Final = _l("Enter a day, such as 2026-11-26.")
NOTHING: Final[Mapping[str, str]] = {}


class Form(FlaskForm):  # type: ignore[misc]
    """``NAMES``: the form's own names of fields that a service calls otherwise.

    After a refusal, ``problems`` holds what the service found wrong, in words by the form's names. A conflict belongs
    to no field, and is in ``conflict``, too. ``details`` are the error's own values.
    """

    NAMES: ClassVar[Mapping[str, str]] = NOTHING
    problems: Mapping[str, str] = NOTHING
    conflict: str | None = None
    details: Mapping[str, Any] = NOTHING

    def take(self, problems: Mapping[str, str], **values: Any) -> None:
        """Put each problem at its field; one of no field goes to the top. ``values`` fill placeholders."""
        self.details = values
        self.problems = {self.NAMES.get(name, name): _(words, **values) for name, words in problems.items()}
        for name, words in self.problems.items():
            if name in self:
                self[name].errors = [words]
            else:
                self.form_errors.append(words)

    def take_conflict(self, words: str) -> None:
        self.conflict = words
        self.problems = {"": words}
        self.form_errors.append(words)


class SignedForm(Form):
    """A form that is signed with the password and a fresh one-time code; both come last."""

    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password.")), Length(max=200)])
    code = StringField(
        _l("One-time code"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
        description=_l("A fresh one: the code of your sign-in does not work again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("password", "code"):
            self._fields[name] = self._fields.pop(name)

    @property
    def signature(self) -> dict[str, Any]:
        return {"password": self.password.data, "code": self.code.data}

    def take_refused_signature(self) -> None:
        """The service counted the try. Which of the two was wrong is not said."""
        self.code.errors = [_("That did not work. Check the password, and use a fresh code; a code works once.")]


ANY_UNIT: Final = tuple(word for words in UNIT_WORDS.values() for word in words)


class NumberField(DecimalField):  # type: ignore[misc]
    """A number as the one reader reads it (``domain/typed_entry``), and as it was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, places=None, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = _read_or_refuse(self, valuelist[0], read_decimal(valuelist[0], ANY_UNIT), NOT_A_NUMBER)


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """The same for a whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            number = read_whole_number(valuelist[0], ANY_UNIT)
            self.data = _read_or_refuse(self, valuelist[0], number, NOT_A_WHOLE_NUMBER)


class DayField(DateField):  # type: ignore[misc]
    """The same for a day, the year first."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = " ".join(valuelist)
        if typed.strip():
            self.data = _read_or_refuse(self, typed, read_day(typed), NOT_A_DAY)


def _read_or_refuse(field: Field, typed: str, value: Any, words: Any) -> Any:
    """An empty field is for the validators."""
    if value is None and typed.strip():
        field.data = None
        raise ValueError(words)
    return value


def at_most(longest: int) -> Length:
    """Validator: no more characters than that."""
    return Length(max=longest, message=_l(reasons.AT_MOST, number=f"{longest:,}"))


def reason_field(label: Any, *, longest: int, kind: type[Field] = TextAreaField, description: Any = "") -> Any:
    """A text without which nothing is done."""
    return kind(label, [DataRequired(_l(reasons.GIVE_THE_REASON)), at_most(longest)], description=description)


def submits(form_of: Callable[..., Form], *, again: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
    """The view is called with the form that was sent, as its first argument, when the form is valid.

    ``form_of`` is the form's class, or a function of the view's arguments that makes one. A form that is not valid, or
    that a service refuses, is shown again by ``again(form=..., ...)`` with what was typed: 422 for ``Invalid``, 409 for
    ``Conflict`` (423 where the data are locked). It is outside ``@writes``: what is refused is not committed.
    """

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def submitting(**given: Any) -> ResponseReturnValue:
            form = form_of() if isinstance(form_of, type) else form_of(**given)
            if not form.validate():
                return _shown(again(form=form, **given), 422)
            try:
                return view(form, **given)
            except Invalid as refused:
                form.take(refused.problems or {"": errors.words_of(refused)}, **refused.params)
                return _shown(again(form=form, **given), 422)
            except Conflict as conflict:
                form.take_conflict(errors.words_of(conflict))
                return _shown(_still_shown(again, form, given, conflict), errors.status_of(conflict))

        return submitting

    return decorate


def _still_shown(
    again: Callable[..., ResponseReturnValue], form: Form, given: Mapping[str, Any], conflict: Conflict
) -> ResponseReturnValue:
    """What was done meanwhile may have taken the form's page away; the conflict then has the error page."""
    try:
        return again(form=form, **given)
    except PortalError:
        raise conflict from None


def _shown(answer: ResponseReturnValue, status: int) -> ResponseReturnValue:
    """A redirect, where there is nothing to mend, keeps its own status."""
    return (answer, status) if isinstance(answer, str) else answer
