"""Whom an actor may see: staff the participants of their sites, an account its own participant, the system everybody.

The only look-up of a participant on somebody's behalf. Whatever lies outside is ``NotFound``, as what does not exist.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, SQLColumnExpression, bindparam, false, select, true
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import NotFound
from portal.models.people import Participant

# Built once: to put a statement together takes longer than to run it.
_BY_NUMBER: Final = select(Participant).where(
    Participant.study_number == bindparam("study_number"), Participant.site.in_(bindparam("sites", expanding=True))
)
_LOCKED_BY_NUMBER: Final = _BY_NUMBER.with_for_update()


def within_sites(actor: Actor, site: SQLColumnExpression[Any] = Participant.site) -> ColumnElement[bool]:
    """Whether a row belongs to one of the actor's sites, for the lists of staff. The system works for every site; an
    account belongs to none."""
    if actor.kind == "system":
        return true()
    return site.in_(sorted(actor.sites)) if actor.kind == "staff" else false()


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor may see a participant: an account its own, staff those of their sites, the system each."""
    if actor.kind == "account":
        return Participant.id == actor.participant_id
    return within_sites(actor)


def ids_visible_to(actor: Actor) -> Select[int]:
    """The ids of those participants, to limit rows that name their participant: ``column.in_(...)``."""
    return select(Participant.id).where(visible_to(actor))


def id_of(actor: Actor, study_number: str) -> ScalarSelect[int]:
    """The id behind a study number as part of a larger statement; null outside the actor's sites."""
    return select(Participant.id).where(Participant.study_number == study_number, within_sites(actor)).scalar_subquery()


def find_participant(
    session: Session,
    actor: Actor,
    study_number: str,
    *,
    permission: Permission | None = None,
    lock: bool = False,
    fresh: bool = False,
) -> Participant:
    """The row, for staff of its site and for the system. Raises NotFound, or NotAllowed without the permission there.

    ``lock`` holds the row until the end of the transaction; ``fresh`` reads it anew where it is loaded already.
    """
    if actor.kind == "staff":
        statement = _LOCKED_BY_NUMBER if lock else _BY_NUMBER
        given: dict[str, Any] = {"study_number": study_number, "sites": sorted(actor.sites)}
        found = session.scalars(statement, given, execution_options=_options(fresh)).one_or_none()
        return _checked(found, actor, permission)
    return find_participant_where(
        session, actor, Participant.study_number == study_number, permission=permission, lock=lock, fresh=fresh
    )


def find_participant_where(
    session: Session,
    actor: Actor,
    which: ColumnElement[bool],
    *,
    permission: Permission | None = None,
    lock: bool = False,
    fresh: bool = False,
) -> Participant:
    """As ``find_participant``, by an id or by a row that belongs to the participant."""
    statement = select(Participant).where(which, within_sites(actor))
    found = session.scalars(
        statement.with_for_update() if lock else statement, execution_options=_options(fresh)
    ).one_or_none()
    return _checked(found, actor, permission)


def find_own_participant(session: Session, actor: Actor, *, lock: bool = False) -> Participant:
    """The participant whom an account belongs to, the one or the one it answers for. Raises NotFound for anybody else.

    Without ``lock`` a row that is loaded already costs no statement.
    """
    own_id = actor.participant_id if actor.kind == "account" else None
    if lock:
        statement = select(Participant).where(Participant.id == own_id).with_for_update()
        found = session.scalars(statement).one_or_none()
    else:
        found = session.get(Participant, own_id) if own_id is not None else None
    return _checked(found, actor, None)


def check_sites(actor: Actor, *sites: str) -> None:
    """Raises NotFound for a site at which the actor does not work."""
    if actor.kind != "system" and not actor.sites.issuperset(sites):
        raise NotFound


def _checked(participant: Participant | None, actor: Actor, permission: Permission | None) -> Participant:
    if participant is None:
        raise NotFound
    if permission is not None:
        require_permission(actor, permission, site=participant.site)
    return participant


def _options(fresh: bool) -> dict[str, Any]:
    return {"populate_existing": True} if fresh else {}
