"""What the study team typed survives an ended session: it travels, sealed, through the sign-in page and is shown again.

It is shown as a list, with a button that sends it again to where it was sent. Secrets and files do not travel: they are
typed or chosen once more. Nothing is sent until somebody does.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import current_app, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException
from wtforms import BooleanField, HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.widgets import HiddenInput

from portal.web import tokens
from portal.web.form_recovery import CHARACTERS_MAX, FIELDS_MAX, is_own_origin

PURPOSE: Final = "staff-carry"
MAX_AGE_SECONDS: Final = 12 * 3600  # no session of the study team lasts longer
SECRETS: Final = ("password", "code", "old", "new", "again")
NEVER: Final = frozenset({"csrf_token", "next", "carried", *SECRETS})
SIGNED_OUT: Final = _l("You had been signed out after a pause. This is what you typed; it has not been sent.")
AGED: Final = _l("The page had been open for a long time. This is what you typed; it has not been sent.")
Typed = list[tuple[str, str]]
Fields = Mapping[str, Any]
"""The fields of a form by name, as its class declares them (``UnboundField``)."""


def seal_form() -> str | None:
    """The form of this request as a sealed token, bound to whose session ended; None where that is not known."""
    staff_id, carried = _expired(), _carried()
    if staff_id is None or carried is None:
        return None
    return tokens.seal_token(PURPOSE, {"staff": staff_id, **carried})


def restore_form(token: str, *, staff_id: int) -> ResponseReturnValue | None:
    """The page that shows what was typed and sends it again, when it is this person's; else None."""
    carried: dict[str, Any] | None = (
        tokens.open_token(PURPOSE, token, max_age_seconds=MAX_AGE_SECONDS) if token else None
    )
    if carried is None or carried["staff"] != staff_id:
        return None
    return _page(carried, SIGNED_OUT)


def recover_stale_form() -> tuple[str, int] | None:
    """For a form whose token had aged, in an open session: the same page. Else None."""
    carried = _carried()
    is_ours = str(getattr(current_app.view_functions.get(request.endpoint or ""), "guard", "")).startswith("staff:")
    if carried is None or not (is_ours and current_user.is_authenticated):
        return None
    return _page(carried, AGED), 400


def _carried() -> dict[str, Any] | None:
    """Where this request's form was sent, and what it held; None where nothing may be or is worth being carried."""
    try:
        fields, files = list(request.form.items(multi=True)), sorted(request.files)
    except HTTPException:  # it did not come whole, or is too large
        return None
    typed = [(name, value) for name, value in fields if name not in NEVER]
    small = len(typed) <= FIELDS_MAX and sum(len(name) + len(value) for name, value in typed) <= CHARACTERS_MAX
    secrets = [name for name in SECRETS if name in dict(fields)]
    if not (is_own_origin() and small and (typed or secrets or files)):
        return None
    path = request.script_root + request.full_path.rstrip("?")
    return {"action": path, "endpoint": request.endpoint, "form": typed, "secrets": secrets, "files": files}


def _page(carried: Mapping[str, Any], why: object) -> str:
    typed: Typed = [(name, value) for name, value in carried["form"]]
    fields = _fields_of(carried["endpoint"], {name for name, _value in typed} | {*carried["secrets"]})
    rows = [{"key": _label(fields, name), "value": _words(fields.get(name), value)}
            for name, value in typed if value.strip() and not _is_hidden(fields.get(name))]  # fmt: skip
    secrets = [(name, _label(fields, name)) for name in carried["secrets"]]
    files = [(name, _("File")) for name in carried["files"]]
    return render_template(
        "staff/carried.html", why=why, rows=rows, action=carried["action"], typed=typed, secrets=secrets, files=files
    )


def _fields_of(endpoint: str, names: set[str]) -> Fields:
    """The fields of the form that was sent: of all that the study team has, the one that holds most of the names.

    Several may do: the one of the view's own module comes first.
    """
    view = current_app.view_functions.get(endpoint)
    found = [
        (len(names & {*fields}), kind.__module__ == getattr(view, "__module__", ""), fields)
        for kind in _below(FlaskForm)
        if (fields := _declared(kind))
    ]
    return max(found, key=lambda one: one[:2])[2] if found else {}


def _below(kind: type[FlaskForm]) -> Iterator[type[FlaskForm]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _declared(kind: type[FlaskForm]) -> Fields:
    given = ((name, getattr(kind, name)) for name in dir(kind))
    return {name: field for name, field in given if isinstance(field, UnboundField)}


def _label(fields: Fields, name: str) -> str:
    """As the form has it; the bare name where no form declares the field."""
    field = fields.get(name)
    label = (field.kwargs.get("label") or (field.args[0] if field.args else None)) if field else None
    return str(label or name)


def _words(field: Any, value: str) -> str:
    """A choice as it is shown, where the form declares its choices."""
    if field is None:
        return value
    if issubclass(field.field_class, BooleanField):
        return str(_("yes"))
    choices = field.kwargs.get("choices") or ()
    words = {str(one.value): str(one.label) for one in choices if isinstance(one, SelectChoice)}
    return words.get(value, value)


def _is_hidden(field: Any) -> bool:
    if field is None:
        return False
    return issubclass(field.field_class, HiddenField) or isinstance(field.kwargs.get("widget"), HiddenInput)


def _expired() -> int | None:
    kind, _colon, rest = str(session.get("_user_id", "")).partition(":")
    return int(rest.partition(":")[0]) if kind == "staff" else None
