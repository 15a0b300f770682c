"""Infusions and visits of one participant: most as planned, some moved, put off or missed."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final

from sqlalchemy import select

from portal.demo.dice import random_minutes
from portal.demo.life import ParticipantLife
from portal.domain.infusions import AHEAD, InfusionState, VisitState, VitalSigns
from portal.models.infusions import Infusion, Visit
from portal.services import infusions

RECORDED_AFTER: Final = timedelta(hours=2, minutes=30)
GIVEN, HELD = 0.91, 0.96
CONFIRMED, MOVED = 0.8, 0.07
HOLD_REASONS: Final = ("当日体温 38.1 °C，暂缓输注", "血小板偏低，待复查后再定", "导管局部感染，先行处理")
MISS_REASONS: Final = ("受试者当日未能到院", "细胞制剂运输延误")
VISIT_REASON: Final = "受试者未能到院，已电话联系"
MOVE_REASONS: Final = ("与影像检查时间冲突", "日间病房床位已满", "受试者家属请求改期")


def plan_treatment(life: ParticipantLife) -> None:
    """Plan what becomes of each infusion and visit."""
    rows = life.session.scalars(select(Infusion).where(Infusion.participant_id == life.participant_id))
    for row in rows.all():
        life.plan(row.planned_at - timedelta(hours=19), partial(_day_before, life, row.number))
        life.plan(row.planned_at + RECORDED_AFTER, partial(_due, life, row.number))
    visits = life.session.scalars(select(Visit).where(Visit.participant_id == life.participant_id))
    for visit in visits.all():
        life.plan(visit.planned_at + timedelta(hours=3), partial(_visit, life, visit.id, visit.code))


def move_next(life: ParticipantLife, at: datetime) -> None:
    """At this hour the next infusion but those of tomorrow is moved by a day; nothing where there is none."""

    def task(then: datetime) -> None:
        for row in _ahead(life, then)[:1]:
            _move(life, row, row.planned_at + timedelta(days=1), then, life.dice("move"))

    life.plan(at, task)


def hold_next(life: ParticipantLife, at: datetime) -> None:
    """At this hour the next infusion but those of tomorrow is put off, and has no new date yet."""

    def task(then: datetime) -> None:
        for row in _ahead(life, then)[:1]:
            reason = life.dice("hold").choice(HOLD_REASONS)
            infusions.hold_infusion(
                life.session, actor=life.team.investigator, infusion_id=row.id, reason=reason, now=then
            )

    life.plan(at, task)


def _ahead(life: ParticipantLife, at: datetime) -> list[Infusion]:
    return [row for row in _rows(life) if row.state in AHEAD and row.planned_at > at + timedelta(hours=30)]


def _rows(life: ParticipantLife) -> list[Infusion]:
    statement = select(Infusion).where(Infusion.participant_id == life.participant_id).order_by(Infusion.number)
    return list(life.session.scalars(statement))


def _row(life: ParticipantLife, number: int) -> Infusion:
    return _rows(life)[number - 1]


def _day_before(life: ParticipantLife, number: int, at: datetime) -> None:
    row, throw = _row(life, number), life.dice("before", number)
    if row.state != InfusionState.PLANNED or row.planned_at <= at:
        return
    if number > 1 and throw.random() < MOVED:
        _move(life, row, row.planned_at + timedelta(days=1), at, throw)
    elif throw.random() < CONFIRMED:
        infusions.confirm_infusion(life.session, actor=life.team.coordinator, infusion_id=row.id, now=at)


def _move(life: ParticipantLife, row: Infusion, to: datetime, at: datetime, throw: Random) -> None:
    infusions.move_infusion(
        life.session,
        actor=life.team.coordinator,
        infusion_id=row.id,
        to=to,
        protocol=life.protocol,
        now=at,
        reason=throw.choice(MOVE_REASONS),
    )


def _due(life: ParticipantLife, number: int, at: datetime) -> None:
    """A moved one comes back to this at its new time."""
    row, throw = _row(life, number), life.dice("due", number)
    if row.state not in AHEAD:
        return
    if row.planned_at + RECORDED_AFTER > at:
        life.plan(row.planned_at + RECORDED_AFTER, partial(_due, life, number))
        return
    luck = throw.random()
    if luck < GIVEN:
        _give(life, row, at, throw)
    elif luck < HELD:
        _hold(life, row, at, throw)
    else:
        infusions.miss_infusion(
            life.session,
            actor=life.team.coordinator,
            infusion_id=row.id,
            reason=throw.choice(MISS_REASONS),
            now=at,
        )


def _give(life: ParticipantLife, row: Infusion, at: datetime, throw: Random) -> None:
    started_at = row.planned_at + random_minutes(throw, 5, 25)
    given = infusions.GivenInfusion(
        weight_kg=life.person.weight_kg,
        started_at=started_at,
        ended_at=started_at + random_minutes(throw, 40, 70),
        lot=f"MSC-{row.planned_at:%y%m}-{throw.randint(1, 40):03}",
        signs=_signs(row.number),
    )
    infusions.record_infusion(
        life.session, actor=life.team.coordinator, infusion_id=row.id, given=given, protocol=life.protocol, now=at
    )


def _signs(number: int) -> VitalSigns:
    """Before and after, unremarkable; a little different each time."""
    moments = {"before": number % 4, "after": number % 3}
    return {
        moment: {
            "temperature": Decimal(364 + shift) / 10,
            "pulse": Decimal(72 + 2 * shift),
            "systolic": Decimal(118 + shift),
            "diastolic": Decimal(74 + shift),
            "spo2": Decimal(98),
        }
        for moment, shift in moments.items()
    }


def _hold(life: ParticipantLife, row: Infusion, at: datetime, throw: Random) -> None:
    """Put off, and given a new date two days later."""
    infusions.hold_infusion(
        life.session, actor=life.team.investigator, infusion_id=row.id, reason=throw.choice(HOLD_REASONS), now=at
    )

    def again(then: datetime) -> None:
        _move(life, row, row.planned_at + timedelta(days=3), then, throw)
        life.plan(row.planned_at + RECORDED_AFTER, partial(_due_again, life, row, throw))

    life.plan(at + timedelta(days=2), again)


def _due_again(life: ParticipantLife, row: Infusion, throw: Random, at: datetime) -> None:
    if row.state in AHEAD:
        _give(life, row, at, throw)


def _visit(life: ParticipantLife, visit_id: int, code: str, at: datetime) -> None:
    came = life.dice("visit", code).random() < 0.96
    visit = life.session.get_one(Visit, visit_id)
    if visit.state != VisitState.PLANNED:
        return
    actor = life.team.coordinator
    if came:
        infusions.attend_visit(life.session, actor=actor, visit_id=visit_id, on=life.day(at), now=at)
    else:
        infusions.miss_visit(life.session, actor=actor, visit_id=visit_id, reason=VISIT_REASON, now=at)
