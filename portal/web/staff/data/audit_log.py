"""The audit log for staff: the history beside a value, the search, and one event."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.alert_rules import Evidence
from portal.domain.exports import ExportColumn
from portal.extensions import db
from portal.services import exports
from portal.services.audit import search
from portal.web import guards, locale
from portal.web.forms import DayField, Form
from portal.web.guards import staff_view
from portal.web.labels.dates import instant_label, point
from portal.web.labels.triage import ROLES, evidence_label

blueprint = Blueprint("staff_trail", __name__)
MORE_ROLES: Final = {
    "data-manager": _l("data manager"),
    "monitor": _l("monitor"),
    "statistician": _l("statistician"),
    "administrator": _l("administrator"),
    "system": _l("the portal"),
}
ANYBODY: Final = SelectChoice("", _l("anybody"))


class SearchForm(Form):
    """It changes nothing, so that it travels in the address and has no token."""

    number = StringField(_l("Study number"))
    staff = SelectField(_l("Member of the team"), default="")
    action = StringField(_l("Act"), description=_l("Its beginning, such as diary or lab:void."))
    since = DayField(_l("From"))
    until = DayField(_l("Until"))

    def __init__(self, team: Mapping[int, str]) -> None:
        super().__init__(request.args, meta={"csrf": False})
        by_name = sorted(team.items(), key=lambda one: (one[1], one[0]))
        self.staff.choices = [ANYBODY, *(SelectChoice(str(id_), name) for id_, name in by_name)]
        if self.staff.data is None:
            self.staff.data = ""

    def asked(self) -> search.AuditFilter:
        """What makes no sense is not asked for."""
        zone = ZoneInfo(protocols.load_protocol().timezone)
        since, until = self.since.data, self.until.data
        return search.AuditFilter(
            study_number=(self.number.data or "").strip()[:20],
            staff_id=guards.read_row_id(self.staff.name),
            action=(self.action.data or "").strip()[:40],
            since_at=datetime.combine(since, time(), zone) if since else None,
            until_at=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
            before=guards.read_row_id("before"),
        )


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda role: str(ROLES.get(role) or MORE_ROLES[role]), "any_role_label")


@blueprint.get("/staff/participants/<study_number>/history/<table>/<int:row_id>")
@staff_view(Permission.PARTICIPANTS_READ)
def show_record_history(study_number: str, table: str, row_id: int) -> str:
    """``?field=`` one field of the row, such as ``answers.nausea``."""
    field = request.args.get("field")
    steps = search.list_record_history(
        db.session, actor=guards.current_actor(), study_number=study_number, entity=table, row_id=row_id, field=field
    )
    shown = [(step, list(_lines(step))) for step in steps]
    return render_template(
        "staff/audit_log/history.html",
        study_number=study_number,
        what=_table_words(table),
        steps=shown,
        field=_label(table, field) if field else None,
        table=table,
        row_id=row_id,
        may_ask=is_allowed(guards.current_actor(), Permission.DATA_QUERIES_RAISE),
    )


@blueprint.get("/staff/audit")
@staff_view(Permission.AUDIT_READ)
def search_events() -> str:
    actor = guards.current_actor()
    form = SearchForm(search.list_staff_names(db.session, actor=actor))
    acts = search.search_events(db.session, actor=actor, asked=form.asked())
    older = acts[-1].id if len(acts) == search.PAGE else None
    kept = {name: value for name, value in request.args.items() if name in form and value}
    return render_template("staff/audit_log/index.html", form=form, acts=acts, older=older, kept=kept)


@blueprint.get("/staff/audit/<int:event_id>")
@staff_view(Permission.AUDIT_READ)
def show_event(event_id: int) -> str:
    found = search.get_event(db.session, actor=guards.current_actor(), event_id=event_id)
    return render_template(
        "staff/audit_log/act.html",
        act=found,
        steps=[(step, _table_words(step.entity), list(_lines(step))) for step in found.steps],
    )


@lru_cache
def _columns(table: str) -> Mapping[str, ExportColumn]:
    """By field of the audit log the column of the data dictionary."""
    return {".".join(one.source[:2]): one for domain in exports.load_domains() if domain.table == table
            for one in reversed(domain.columns)}  # fmt: skip


def _table_words(table: str) -> str:
    words = next((domain.words for domain in exports.load_domains() if domain.table == table), None)
    return words.in_(locale.current_language()) if words else table


def _label(table: str, field: str) -> str:
    column = _columns(table).get(field)
    return column.words.in_(locale.current_language()) if column else field


def _lines(step: search.AuditChangeView) -> Iterator[tuple[str, str, str]]:
    """Field, old value and new value, in words where the data dictionary has them; of a value made of several, those
    that it names and that have changed.
    """
    for field, (old, new) in step.fields.items():
        column, parts = _columns(step.entity).get(field), _parts(step.entity, field)
        if parts and any(isinstance(value, dict) for value in (old, new)):
            pairs = [(part, _within(part, old), _within(part, new)) for part in parts]
            changed = [(part, was, now) for part, was, now in pairs if was != now]
            yield from (
                (part.words.in_(locale.current_language()), _value(part, a), _value(part, b)) for part, a, b in changed
            )
        else:
            yield _label(step.entity, field), _value(column, old), _value(column, new)


@lru_cache
def _parts(table: str, field: str) -> tuple[ExportColumn, ...]:
    """The columns of the data dictionary that lie within one stored value, such as the stages of an estimate."""
    return tuple(one for domain in exports.load_domains() if domain.table == table
                 for one in domain.columns if one.source[0] == field and len(one.source) > 1)  # fmt: skip


def _within(part: ExportColumn, value: Any) -> Any:
    for step in part.source[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _value(column: ExportColumn | None, value: Any) -> str:
    if value is None or value == search.HIDDEN:
        return "–" if value is None else str(_("hidden"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    words = {option.code: option.words.in_(locale.current_language()) for option in column.options} if column else {}
    if isinstance(value, dict):
        return _several(value)
    if isinstance(value, list):
        return point("and").join(words.get(str(one), str(one)) for one in value)
    if column and column.kind == "instant":
        return instant_label(datetime.fromisoformat(value))
    return words.get(str(value), str(value))


def _several(value: dict[str, Any]) -> str:
    """Evidence as it is told elsewhere; anything else name by name."""
    if "msgid" in value:
        return evidence_label(Evidence.from_json(value))
    return point("semicolon").join(f"{name}{point('colon')}{one}" for name, one in value.items())
