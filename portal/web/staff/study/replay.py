"""Rule replay for staff: a protocol file goes in, what it would have flagged comes out. Nothing is kept of it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from portal.domain import alert_rules
from portal.domain.access import Permission
from portal.domain.alert_rules import Severity
from portal.domain.errors import Invalid
from portal.domain.replay import OnsetWarnings, count_by_rule
from portal.extensions import db, transaction
from portal.services import replay
from portal.services.replay import Replay
from portal.web import guards
from portal.web.forms import DayField, Form, submits
from portal.web.guards import staff_view, takes_files
from portal.web.staff.study.pages import key_label

blueprint = Blueprint("staff_replay", __name__)

LARGEST: Final = 256 * 1024
MOST_DIARIES: Final = 20_000
TITLES: Final = {rule.id: rule.title for rule in alert_rules.RULES}
CHANGES: Final = {"gained": _l("gained"), "lost": _l("lost")}


class ReplayForm(Form):
    since = DayField(_l("Diaries from this day on (optional)"), [Optional()])


@blueprint.get("/staff/replay")
@staff_view(Permission.RULES_REPLAY)
def show_replay_form() -> str:
    return _page(ReplayForm(formdata=None))


def _page(form: ReplayForm, *, found: Replay | None = None) -> str:
    faults = form.details.get("faults", ())
    tables = _tables(found) if found else None
    return render_template("staff/replay/page.html", form=form, faults=faults, found=found, tables=tables)


@blueprint.post("/staff/replay")
@staff_view(Permission.RULES_REPLAY)
@takes_files("protocol")
@submits(ReplayForm, again=_page)
def run_replay(form: ReplayForm) -> ResponseReturnValue:
    content = _upload()
    proposed = replay.read_proposal(content)
    with transaction() as session:
        replay.record_replay(
            session, actor=guards.current_actor(), digest=sha256(content).hexdigest(), now=guards.request_time()
        )
    since, actor = form.since.data, guards.current_actor()
    found = replay.replay_rules(db.session, proposed=proposed, since=since, actor=actor, most_diaries=MOST_DIARIES)
    return _page(form, found=found)


def _upload() -> bytes:
    """The file's bytes. ``Invalid`` where there is none, or too much."""
    upload = request.files.get("protocol")
    content = upload.stream.read(LARGEST + 1) if upload else b""
    if not 0 < len(content) <= LARGEST:
        raise Invalid(faults=(_("Choose a protocol file of at most 256 kB."),))
    return content


def _tables(found: Replay) -> Mapping[str, list[tuple[Any, ...]]]:
    """Rows of words, by table."""
    return {"changed": _changed(found), "sums": _sums(found), "rules": _rules(found), "examples": _examples(found)}


def _changed(found: Replay) -> list[tuple[Any, ...]]:
    return [(key_label(found.proposed, f"thresholds.{name}"), *values) for name, values in found.changed.items()]


def _sums(found: Replay) -> list[tuple[Any, ...]]:
    tally, days = found.tally, len(found.tally.days)
    both = (tally.in_force, tally.proposed)
    warnings = [side.warnings for side in both]
    return [
        (_("Diaries flagged"), *(side.flagged for side in both)),
        (_("of them red"), *(side.severities[Severity.RED] for side in both)),
        (_("Diaries flagged a day"), *(f"{side.flagged / days:.1f}" if days else 0 for side in both)),
        (_("Onsets flagged on the day or the week before"), *(_of(each.by_its_end, each) for each in warnings)),
        (_("Onsets flagged before the day"), *(_of(len(each.hours), each) for each in warnings)),
        (_("Hours earlier (median)"), *(_hours(each) for each in warnings)),
    ]


def _of(count: int, warnings: OnsetWarnings) -> str:
    return str(_("%(count)s of %(all)s", count=count, all=warnings.onsets))


def _hours(warnings: OnsetWarnings) -> str:
    hours = warnings.figures()["hours_earlier_median"]
    return "-" if hours is None else str(hours)


def _rules(found: Replay) -> list[tuple[Any, ...]]:
    return [(_(TITLES[rule]), *counts) for rule, counts in count_by_rule(found.tally).items()]


def _examples(found: Replay) -> list[tuple[Any, ...]]:
    return [(one.study_number, one.on, _(TITLES[one.rule]), CHANGES[one.change]) for one in found.tally.examples]
