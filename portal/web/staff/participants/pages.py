"""Participants for staff: the list, one person's page and timeline, a diary's answers, identifiers and a new card."""

from datetime import datetime
from typing import Any, Final

import segno
from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired

from portal import protocols
from portal.adapters import phones
from portal.domain.access import Permission, is_allowed
from portal.domain.alert_rules import Evidence
from portal.domain.credentials import format_card_code
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.extensions import Session, db
from portal.services import accounts, diary_questions, participants, photos, triage
from portal.services import diary as diaries
from portal.web import guards, locale, tokens
from portal.web.forms import Form
from portal.web.guards import requires_reauthentication, staff_view, writes
from portal.web.labels import timeline
from portal.web.labels import triage as triage_labels
from portal.web.staff.participants import heatmap
from portal.web.staff.participants.diary import QueryForm

CARD_SECONDS: Final = 15 * 60
ON_PAPER: Final = 2000
# By chart its title and its columns.
CHARTS: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    "temperature": (_l("Temperature"), {"temperature": _l("Temperature, °C")}),
    "stool": (_l("Loose stool"), {"stool": _l("Loose stool, mL a day")}),
    "rash": (_l("Rash"), {"rash": _l("Rash, per cent of the body")}),
    "scores": (
        _l("Scores, 0 to 4"),
        {
            "skin-itch": _l("Itching"),
            "nausea": _l("Nausea"),
            "appetite-loss": _l("Loss of appetite"),
            "abdominal-pain": _l("Abdominal pain"),
        },
    ),
    "bilirubin": (_l("Total bilirubin"), {"bilirubin": _l("Total bilirubin, µmol/L")}),
}

blueprint = Blueprint("staff_participants", __name__)


class CardForm(Form):
    account_id = IntegerField(validators=[InputRequired()])


@blueprint.get("/staff/participants")
@staff_view(Permission.PARTICIPANTS_READ)
def list_participants() -> str:
    """``?q=`` part of a study number; ``?after=`` the last one of the page before."""
    matching = request.args.get("q", "").strip()[:20]
    page = participants.list_participants(
        db.session,
        actor=guards.current_actor(),
        now=guards.request_time(),
        matching=matching,
        after=request.args.get("after", "")[:20],
    )
    return render_template("staff/participants/index.html", page=page, matching=matching)


@blueprint.get("/staff/participants/<study_number>")
@staff_view(Permission.PARTICIPANTS_READ)
def show_participant(study_number: str) -> str:
    """``?before=`` an instant in ISO 8601: the timeline from there back. ``?show=`` one kind of entries only."""
    return _page(study_number)


@blueprint.post("/staff/participants/<study_number>/identifiers")
@staff_view(Permission.IDENTIFIERS_READ)
@requires_reauthentication
@writes
def reveal_identifiers(session: Session, study_number: str) -> str:
    """Name, date of birth and phone numbers. That they were shown is in the audit log."""
    shown = participants.reveal_identifiers(
        session, actor=guards.current_actor(), study_number=study_number, now=guards.request_time()
    )
    return _page(study_number, shown=shown)


def _page(study_number: str, *, shown: participants.Identifiers | None = None) -> str:
    actor, asked = guards.current_actor(), _asked()
    seen = participants.get_participant_overview(
        db.session, actor=actor, study_number=study_number, now=guards.request_time(), before=_before(), show=asked
    )
    site = seen.page.site
    return render_template(
        "staff/participants/page.html",
        shown=shown,
        asked=asked,
        kinds=timeline.SHOWN,
        earlier=seen.past.earlier,
        may_see=is_allowed(actor, Permission.IDENTIFIERS_READ, site=site),
        may_read_texts=is_allowed(actor, Permission.MESSAGES_READ),
        may_issue=is_allowed(actor, Permission.CARDS_ISSUE, site=site),
        may_view=is_allowed(actor, Permission.PHOTOS_VIEW, site=site),
        **_told(seen),
    )


def _told(seen: participants.ParticipantOverview) -> dict[str, Any]:
    """What the page and its print share."""
    return {
        "page": seen.page,
        "entries": [timeline.entry_label(entry) for entry in seen.past.entries],
        "may_triage": is_allowed(guards.current_actor(), Permission.TRIAGE_READ, site=seen.page.site),
        "course": seen.course,
        "heat": heatmap.build_heatmap(seen.course),
        "charts": CHARTS,
        "calls": seen.calls,
        "locks": seen.locks,
    }


@blueprint.get("/staff/participants/<study_number>/print")
@staff_view(Permission.PARTICIPANTS_READ)
def show_print_view(study_number: str) -> str:
    """Everything on paper: the whole timeline and every table, without a form, a name or a number to ring."""
    seen = participants.get_participant_overview(
        db.session, actor=guards.current_actor(), study_number=study_number, now=guards.request_time(), limit=ON_PAPER
    )
    return render_template("staff/participants/print.html", **_told(seen))


def _asked() -> str | None:
    """One kind of entries, or everything."""
    show = request.args.get("show", "")
    return show if show in participants.SOURCES else None


def _before() -> datetime | None:
    text = request.args.get("before")
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if at.tzinfo is None:
        raise NotFound
    return at


@blueprint.get("/staff/participants/<study_number>/diaries/<int:diary_id>")
@staff_view(Permission.PARTICIPANTS_READ)
def show_diary(study_number: str, diary_id: int) -> str:
    """The answers of one report, read-only."""
    actor, now = guards.current_actor(), guards.request_time()
    page = participants.get_participant_page(db.session, actor=actor, study_number=study_number, now=now)
    report = diaries.read_diary(db.session, actor=actor, diary_id=diary_id, language=locale.current_language())
    if report.participant_id != page.id:
        raise NotFound
    return render_template(
        "staff/participants/diary.html",
        page=page,
        report=report,
        corrected=triage_labels.evidence_labels(map(Evidence.from_json, report.corrected)),
        photographs=photos.list_day_photos(
            db.session, actor=actor, study_number=study_number, diary_on=report.row.diary_on
        ),
        may_view=is_allowed(actor, Permission.PHOTOS_VIEW, site=page.site),
        queries=diary_questions.list_report_questions(db.session, actor=actor, diary_id=diary_id),
        query=QueryForm(formdata=None) if is_allowed(actor, Permission.QUERIES_ASK, site=page.site) else None,
        raised=triage_labels.evidence_labels(map(Evidence.from_json, report.evidence)),
        estimate=triage.read_stored_estimate(report.row.diary_on, report.estimate) if report.estimate else None,
    )


@blueprint.post("/staff/participants/<study_number>/card")
@staff_view(Permission.CARDS_ISSUE)
@writes
def issue_card(session: Session, study_number: str) -> str:
    """A new card to print. Its code is shown this once; the card before is void."""
    form, actor, now = CardForm(), guards.current_actor(), guards.request_time()
    if not form.validate():
        raise Invalid
    holder = participants.find_card_holder(
        session, actor=actor, study_number=study_number, account_id=form.account_id.data
    )
    code = accounts.issue_card(session, actor=actor, account_id=holder.account_id, now=now)
    return render_template(
        "staff/participants/card.html",
        study_number=study_number,
        role=holder.role,
        sides=_sides(code, holder.site),
        printable=tokens.seal_token("card", code),
    )


@blueprint.post("/staff/participants/<study_number>/card.pdf")
@staff_view(Permission.CARDS_ISSUE)
@writes
def download_card(session: Session, study_number: str) -> Response:
    """The card just issued as a page of A6, while it is the one that is good: no new card, no stored code."""
    from portal.adapters.card_pdf import CardBlock, draw_card  # what draws is loaded by who prints

    code, actor = (
        tokens.open_token("card", request.form.get("printable", ""), max_age_seconds=CARD_SECONDS),
        guards.current_actor(),
    )
    if code is None:
        raise Conflict(N_("The page was open for too long. Issue a new card."))
    account_id = accounts.find_card_account(session, actor=actor, code=code)
    holder = participants.find_card_holder(session, actor=actor, study_number=study_number, account_id=account_id)
    sides = _sides(code, holder.site)
    blocks = [CardBlock(side["title"], tuple(_lines(side))) for side in sides]
    address = f"{current_app.config['PORTAL'].public_url}/activate?code={code}"
    made = draw_card(address=address, code=format_card_code(code), blocks=blocks)
    return Response(made, mimetype="application/pdf", headers={"Content-Disposition": "inline; filename=card.pdf"})


def _lines(side: dict[str, str]) -> list[str]:
    code, help_ = f"{side['code_label']} {side['code']}", f"{side['help_label']} {side['ward']}"
    return [side["scan"], code, side["then"], help_, side["keep"]]


def _sides(code: str, site: str) -> list[dict[str, str]]:
    """The card in both languages. No name and no health word stands on it."""
    base = current_app.config["PORTAL"].public_url
    address = f"{base}/activate?code={code}"
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=2)
    ward = phones.format_phone(phones.to_e164(protocols.load_protocol().site(site).ward_phone))
    sides = []
    for tag, name in locale.LOCALES.items():
        with force_locale(name):
            sides.append(_side(tag, code, base, picture, ward))
    return sides


def _side(tag: str, code: str, base: str, picture: str, ward: str) -> dict[str, str]:
    return {
        "lang": "zh-Hans-CN" if tag.startswith("zh") else tag,
        "title": _("Follow-up portal"),
        "picture": picture,
        "alt": _("QR code that opens the portal with this card"),
        "scan": _("Scan the picture with your phone, or open %(address)s/activate", address=base),
        "code_label": _("Your activation code"),
        "code": format_card_code(code),
        "then": _("Then enter your year of birth and choose a PIN."),
        "help_label": _("Ward number, if you need help"),
        "ward": ward,
        "keep": _("Keep this card in a safe place."),
    }
