"""The ward's lists: what is due today or was due, and what deviates from the protocol."""

from datetime import datetime

from flask import render_template, request

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.errors import NotFound
from portal.extensions import db
from portal.services import infusions
from portal.services.infusions import Key
from portal.web import guards
from portal.web.guards import staff_view
from portal.web.staff.infusions.shared import blueprint

KINDS = ("infusion", "visit")


@blueprint.get("/staff/infusions")
@staff_view(Permission.PARTICIPANTS_READ)
def list_due() -> str:
    """``?after=`` where the page before ended."""
    actor = guards.current_actor()
    page = infusions.list_due(
        db.session, actor=actor, protocol=protocols.load_protocol(), now=guards.request_time(), after=_after()
    )
    may_act = is_allowed(actor, Permission.INFUSIONS_ACT)
    return render_template("staff/infusions/index.html", page=page, next=_next(page.next_after), may_act=may_act)


@blueprint.get("/staff/infusions/deviations")
@staff_view(Permission.PARTICIPANTS_READ)
def list_deviations() -> str:
    page = infusions.list_deviations(
        db.session, actor=guards.current_actor(), protocol=protocols.load_protocol(), after=_after()
    )
    return render_template("staff/infusions/deviations.html", page=page, next=_next(page.next_after))


def _after() -> Key | None:
    """``2026-11-26T01:30:00+00:00,infusion,12``."""
    typed = request.args.get("after")
    if typed is None:
        return None
    at, kind, id_ = [*typed.split(","), "", ""][:3]
    try:
        key = datetime.fromisoformat(at), kind, int(id_)
    except ValueError as error:
        raise NotFound from error
    if kind not in KINDS or key[0].tzinfo is None:
        raise NotFound
    return key


def _next(key: Key | None) -> str | None:
    return f"{key[0].isoformat()},{key[1]},{key[2]}" if key else None
