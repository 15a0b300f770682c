"""Whatever happens to a plan, in whatever order: its rules hold or a deviation says why, and texts keep to it."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal import protocols
from portal.domain.errors import Conflict, Invalid
from portal.domain.infusions import MONDAY_AND_THURSDAY
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Participant
from portal.services import infusions
from tests.support.messages import TellingSender, plan, reachable, send
from tests.support.people import NOW, TODAY
from tests.support.plans import NURSE, STEPS

PROTOCOL = protocols.load_protocol()
ZONE = ZoneInfo("Asia/Shanghai")
PATTERNS = [MONDAY_AND_THURSDAY, (2, 5), (1, 5), (3, 6), (4, 7)]
LASTING = {"count", "off-pattern"}
Rules = dict[int, set[str]]

acts = st.tuples(
    st.sampled_from(["move", "move", "move", "hold", "miss", "cancel", "confirm", "give", "take_back", "correct"]),
    st.integers(1, 8),
    st.integers(-4, 6),
    st.sampled_from(["", "the ward is full"]),
    st.integers(0, 60),
)
lives = st.lists(acts, min_size=2, max_size=6)
shifts = st.dictionaries(st.integers(0, 7), st.integers(-3, 4), max_size=2)


starts = st.tuples(st.integers(0, 6), st.sampled_from(PATTERNS), shifts)
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(starts, lives)
@FEW
def test_a_rule_holds_or_is_listed_and_no_text_goes_for_a_date_that_does_not(  # type: ignore[no-untyped-def]
    core: Flask, sender: TellingSender, start, life
) -> None:
    live(*start, life)


@pytest.mark.soak
@given(starts, lives)
@settings(FEW, max_examples=100)
def test_they_hold_through_many_more_lives(core: Flask, sender: TellingSender, start, life) -> None:  # type: ignore[no-untyped-def]
    live(*start, life)


def live(since: int, weekdays: tuple[int, int], shifts: dict[int, int], life: list[Any]) -> None:
    number = db.session.query(Participant).count() + 1
    person = reachable(number, day=12, enrolled_on=TODAY - timedelta(days=since))
    begin(person, weekdays, shifts)
    now, gone = NOW, set[tuple[int, datetime]]()
    for verb, which, days, reason, hours in life:
        act(person.id, verb, which, days, reason, now)
        check_rules(person.id)
        check_texts(person.id)
        now += timedelta(hours=hours)
        plan(now)
        send(now)
        check_texts(person.id)
        went = texts(person.id, "sent") - gone
        assert went <= standing_dates(person.id)
        gone |= went


def begin(person: Participant, weekdays: tuple[int, int], shifts: dict[int, int]) -> None:
    """The proposed plan with some days changed by hand; as proposed where that cannot be."""
    draft = infusions.draft_plan(
        db.session, actor=NURSE, study_number=person.study_number, protocol=PROTOCOL, now=NOW, weekdays=weekdays
    )
    assert draft is not None
    times = [at + timedelta(days=shifts.get(place, 0)) for place, at in enumerate(draft.times)]
    for chosen in (times, list(draft.times)):
        try:
            with transaction() as session:
                infusions.plan_infusions(
                    session,
                    actor=NURSE,
                    participant_id=person.id,
                    protocol=PROTOCOL,
                    now=NOW,
                    weekdays=weekdays,
                    times=chosen,
                    reason="no bed on other days",
                )
            return
        except Invalid:
            continue


def act(participant_id: int, verb: str, number: int, days: int, reason: str, now: datetime) -> None:
    """What the table or the rules do not allow leaves everything as it was."""
    row = next(one for one in rows(participant_id) if one.number == number)
    before, id_, at = standing(participant_id), row.id, row.planned_at
    given_: dict[str, object] = {
        "move": {"to": at + timedelta(days=days), "reason": reason, "protocol": PROTOCOL},
        "confirm": {},
        "give": {"given": gift(now, reason), "protocol": PROTOCOL},
        "correct": {"given": gift(now, reason), "protocol": PROTOCOL, "correction": reason},
    }.get(verb, {"reason": reason})
    try:
        with transaction() as session:
            STEPS[verb](session, actor=NURSE, infusion_id=id_, now=now, **given_)
    except (Conflict, Invalid):
        assert standing(participant_id) == before


def gift(now: datetime, reason: str) -> infusions.GivenInfusion:
    start = now - timedelta(hours=2)
    return infusions.GivenInfusion(Decimal("62.5"), start, start + timedelta(minutes=30), "MSC-1", deviation=reason)


def rows(participant_id: int) -> list[Infusion]:
    db.session.rollback()
    db.session.expire_all()
    found = select(Infusion).where(Infusion.participant_id == participant_id).order_by(Infusion.number)
    return list(db.session.scalars(found))


def standing(participant_id: int) -> list[object]:
    return [(row.state, row.planned_at, row.started_at, row.deviations) for row in rows(participant_id)]


def check_rules(participant_id: int) -> None:
    """Everything that is broken is listed with a reason, and nothing is listed that is not broken."""
    known = rows(participant_id)
    broken = broken_in_plain_words(known, db.session.get_one(Participant, participant_id).enrolled_on)
    for row in known:
        listed = row.deviations or {}
        assert broken[row.number] <= set(listed) <= broken[row.number] | LASTING
        assert all(reason.strip() for reason in listed.values())


def broken_in_plain_words(known: list[Infusion], enrolled_on: date) -> Rules:
    """The protocol read once more, by somebody who has not seen the code: 3 days, 2 a week, 1 day, 5 days."""
    broken: Rules = defaultdict(set)
    held = sorted((day_of(row), row.number) for row in known if row.state in {"planned", "confirmed", "given"})
    weeks: Counter[tuple[int, int]] = Counter()
    for place, (day, number) in enumerate(held):
        weeks[day.isocalendar()[:2]] += 1
        original = next(row.original_at for row in known if row.number == number).astimezone(ZONE).date()
        faults = {
            "spacing": place > 0 and (day - held[place - 1][0]).days < 3,
            "too-many-a-week": weeks[day.isocalendar()[:2]] > 2,
            "holiday": day in PROTOCOL.clocks.holidays,
            "window": abs((day - original).days) > 1,
            "first-late": place == 0 and not 0 <= (day - enrolled_on).days <= 5,
        }
        broken[number] |= {rule for rule, is_broken in faults.items() if is_broken}
    for row in known:
        if row.state in {"missed", "cancelled"}:
            broken[row.number].add("count")
    return broken


def day_of(row: Infusion) -> date:
    return (row.started_at or row.planned_at).astimezone(ZONE).date()


def standing_dates(participant_id: int) -> set[tuple[int, datetime]]:
    return {(row.number, row.planned_at) for row in rows(participant_id) if row.state in {"planned", "confirmed"}}


def texts(participant_id: int, state: str) -> set[tuple[int, datetime]]:
    """The infusions that the texts in this state are about: number and time."""
    db.session.rollback()
    found = select(Message.dedupe_key).where(
        Message.participant_id == participant_id, Message.kind.startswith("infusion-"), Message.state == state
    )
    return {spelled(dedupe_key) for dedupe_key in db.session.scalars(found)}


def spelled(dedupe_key: str) -> tuple[int, datetime]:
    number, _, stamp = dedupe_key.partition("~")[0].partition(":")
    return int(number), datetime.fromisoformat(stamp)


def check_texts(participant_id: int) -> None:
    assert texts(participant_id, "planned") <= standing_dates(participant_id)
