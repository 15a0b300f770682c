"""Red answers of a diary that is not sent: which there are, raising them as a page is saved, and taking one back.

The same sign again after it was taken back, or two signs taken back within a day, is red at once; once staff have been
told it can only be talked about.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.alert_rules import Severity
from portal.domain.errors import Conflict, NotFound
from portal.domain.msgid import N_
from portal.models.diary import DiaryDraft
from portal.models.people import Participant
from portal.models.triage import Flag
from portal.services import audit, messages, triage
from portal.services.diary import drafts, judging
from portal.services.diary.drafts import UnsentRed
from portal.services.diary.forms import form_by_name, newest_names

__all__ = ["UnsentRed", "list_adoptable", "list_unsent_reds", "raise_unsent", "take_back_red"]

A_DAY: Final = timedelta(hours=24)
TAKEN_BACK_AT_MOST: Final = 2
TOLD: Final = N_("The ward has been told. Please call them: from now on it can only be talked about.")
UNSENT: Final = (Flag.diary_id.is_(None), Flag.corrected_at.is_(None), Flag.draft_client_id.is_not(None))
OWN: Final = (
    select(Flag, messages.alert_has_gone(Flag.episode_id, Flag.alert_number).label("gone"))
    .join(DiaryDraft, DiaryDraft.client_id == Flag.draft_client_id)
    .where(*drafts.OWN, *UNSENT)
    .order_by(Flag.raised_at.desc(), Flag.id.desc())
)
# What stands, and what was taken back within the last day.
OF_PARTICIPANT: Final = select(Flag).where(
    Flag.participant_id == bindparam("participant_id"),
    Flag.draft_client_id.is_not(None),
    (Flag.diary_id.is_(None) & Flag.corrected_at.is_(None)) | (Flag.taken_back_at > bindparam("since")),
)
OF_DRAFTS: Final = (
    select(Flag)
    .where(
        Flag.participant_id == bindparam("participant_id"),
        Flag.draft_client_id.in_(bindparam("client_ids", expanding=True)),
        *UNSENT,
    )
    .order_by(Flag.id)
)


def list_unsent_reds(
    session: Session, *, actor: Actor, diary_on: date, now: datetime | None = None
) -> tuple[UnsentRed, ...]:
    """The unsent reds of the actor's own draft, the newest first, one a sign. One statement.

    With ``now`` none can be taken back whose time has come, even when its text has not been handed over yet.
    """
    found: dict[str, UnsentRed] = {}
    for flag, gone in session.execute(OWN, _own(actor, diary_on)):
        earlier = found.get(flag.rule_id)
        open_ = not (gone or _is_final(flag, now)) and (earlier is None or earlier.can_be_taken_back)
        found[flag.rule_id] = _view(flag if earlier is None else earlier, can_be_taken_back=open_)
    return tuple(found.values())


def raise_unsent(
    session: Session,
    *,
    actor: Actor,
    participant: Participant,
    draft: DiaryDraft,
    also: drafts.Raw,
    now: datetime,
) -> None:
    """Judge a draft and raise each red that is new to it. ``also``: answers that a newer one kept out of the draft.

    The caller holds the participant's row.
    """
    raw = draft.content["raw"]
    raws = [raw, {**raw, **also}] if also else [raw]
    judged = judging.judge_draft(session, participant, raws=raws, diary_on=draft.diary_on, now=now)
    if not judged.reds:
        return
    given = {"participant_id": participant.id, "since": now - A_DAY}
    known = session.scalars(OF_PARTICIPANT, given).all()
    standing = [flag for flag in known if flag.draft_client_id == draft.client_id and _stands(flag)]
    told = {_key(flag.rule_id, flag.organ, flag.evidence) for flag in standing}
    fresh = [flag for flag in judged.reds if _key(flag.rule_id, flag.organ, flag.evidence.to_json()) not in told]
    if not fresh:
        return
    taken_back = {flag.rule_id for flag in known if flag.taken_back_at}
    at_once = len(taken_back) >= TAKEN_BACK_AT_MOST or any(flag.rule_id in taken_back for flag in fresh)
    alert_at = now if at_once else now + _wait()
    unsent = triage.UnsentAnswers(
        client_id=draft.client_id,
        diary_on=draft.diary_on,
        day_link=draft.day_link,
        pages=judged.pages,
        alert_at=alert_at,
        waiting={} if at_once else _waiting(known, now),
    )
    audit.begin(session, actor=actor, action="red:answer", now=now, participant_id=participant.id)
    raised = triage.raise_flags(
        session, participant=participant, diary=None, flags=fresh, stages={}, now=now, unsent=unsent
    )
    triage.alert_reds(session, raised=raised, participant=participant, now=now, due_at=alert_at)
    if at_once:
        hasten(session, standing, now)


def take_back_red(session: Session, *, actor: Actor, diary_on: date, flag_id: int, now: datetime) -> None:
    """The sign of this flag was a mistake: its alert does not go, and the ward reads "red taken back" until seen.

    Answers of the draft that still say it are taken out, so that they are asked again. The second sign within a day
    stays red and alerts at once. Conflict: staff have been told already. NotFound: not of the actor's own draft.
    """
    participant = judging.lock_participant(session, actor)
    standing = [(flag, gone) for flag, gone in session.execute(OWN, _own(actor, diary_on))]
    rule_id = next((flag.rule_id for flag, _ in standing if flag.id == flag_id), None)
    draft = drafts.find_row(session, actor, diary_on)
    if rule_id is None or draft is None:
        raise NotFound
    mistaken = [flag for flag, _ in standing if flag.rule_id == rule_id]
    if any(gone or _is_final(flag, now) for flag, gone in standing if flag.rule_id == rule_id):
        raise Conflict(TOLD)
    audit.begin(session, actor=actor, action="red:take-back", now=now, participant_id=participant.id)
    _drop_answers(session, participant, draft, rule_id, now)
    if _others_taken_back(session, participant, rule_id, now):
        for flag in mistaken:
            flag.taken_back_at = flag.alert_at = now
        hasten(session, mistaken, now)
        return
    alone = _told_alone(session, mistaken)
    if not messages.stop_alerts(session, participant_id=participant.id, keys=_keys(alone), now=now):
        raise Conflict(TOLD)
    triage.take_back_flags(session, flags=mistaken, now=now)


def _told_alone(session: Session, mistaken: Sequence[Flag]) -> list[Flag]:
    """Those of which the alert tells of nothing else: no other red has come since it was planned, sent or not."""
    episodes = {flag.episode_id for flag in mistaken}
    reds = session.scalars(
        select(Flag).where(
            Flag.episode_id.in_(episodes), Flag.severity == Severity.RED, Flag.corrected_at.is_(None)
        )
    ).all()  # fmt: skip
    since: dict[tuple[int, int | None], datetime] = {}
    for red in sorted(reds, key=lambda red: red.raised_at):
        since.setdefault((red.episode_id, red.alert_number), red.raised_at)
    return [
        flag
        for flag in mistaken
        if not any(
            other.episode_id == flag.episode_id and other.raised_at >= since[flag.episode_id, flag.alert_number]
            for other in reds
            if other not in mistaken
        )
    ]


def list_adoptable(session: Session, *, participant_id: int, client_ids: Iterable[str]) -> list[Flag]:
    """The unsent reds of these drafts, which a report makes its own."""
    given = {"participant_id": participant_id, "client_ids": sorted(client_ids)}
    return list(session.scalars(OF_DRAFTS, given))


def hasten(session: Session, flags: Sequence[Flag], now: datetime) -> None:
    """What was to be told later is told now. The caller has begun the audit event."""
    if flags:
        messages.hasten_alerts(session, participant_id=flags[0].participant_id, keys=_keys(flags), now=now)


def _drop_answers(session: Session, participant: Participant, draft: DiaryDraft, rule_id: str, now: datetime) -> None:
    raw = draft.content["raw"]
    judged = judging.judge_draft(session, participant, raws=[raw], diary_on=draft.diary_on, now=now)
    links = {link for flag in judged.reds if flag.rule_id == rule_id for link in flag.link_ids}
    pages = {page.name for page in form_by_name(newest_names()).pages if links & page.by_link.keys() & raw.keys()}
    if links:
        drafts.drop_answers(session, draft, link_ids=links, pages=pages, now=now)


def _others_taken_back(session: Session, participant: Participant, rule_id: str, now: datetime) -> bool:
    given = {"participant_id": participant.id, "since": now - A_DAY}
    known = session.scalars(OF_PARTICIPANT, given)
    return any(flag.taken_back_at and flag.rule_id != rule_id for flag in known)


def _own(actor: Actor, diary_on: date) -> dict[str, Any]:
    return {"account_id": actor.id, "diary_on": diary_on, "day_link": actor.day_link}


def _wait() -> timedelta:
    """How long staff wait with the alert of a red answer that was not sent yet."""
    return timedelta(minutes=protocols.load_protocol().thresholds.unsent_red_minutes)


def _waiting(known: Iterable[Flag], now: datetime) -> dict[int, triage.WaitingAlert]:
    return {
        flag.episode_id: triage.WaitingAlert(flag.alert_number, flag.alert_at)
        for flag in known
        if _stands(flag) and flag.alert_number is not None and flag.alert_at is not None and flag.alert_at > now
    }


def _stands(flag: Flag) -> bool:
    return flag.diary_id is None and flag.corrected_at is None


def _is_final(flag: Flag, now: datetime | None) -> bool:
    at_once = flag.alert_at is not None and flag.alert_at <= flag.raised_at
    due = now is not None and flag.alert_at is not None and flag.alert_at <= now
    return flag.taken_back_at is not None or at_once or due


def _keys(flags: Iterable[Flag]) -> list[str]:
    return sorted(
        {messages.alert_key(flag.episode_id, flag.alert_number) for flag in flags if flag.alert_number is not None}
    )


def _key(rule_id: str, organ: str, evidence: Any) -> tuple[str, str, str]:
    return rule_id, organ, json.dumps(evidence, sort_keys=True)


def _view(red: Flag | UnsentRed, *, can_be_taken_back: bool) -> UnsentRed:
    is_flag = isinstance(red, Flag)
    return UnsentRed(
        flag_id=red.id if is_flag else red.flag_id,  # type: ignore[union-attr]
        rule_id=red.rule_id,
        organ=red.organ,
        page=red.page,
        evidence=red.evidence,
        answered_at=red.raised_at if is_flag else red.answered_at,  # type: ignore[union-attr]
        alert_at=red.alert_at,  # type: ignore[arg-type]
        can_be_taken_back=can_be_taken_back,
    )
