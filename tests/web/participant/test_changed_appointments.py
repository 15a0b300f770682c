"""What changed is marked until the participant says it has been seen; what came after that stays marked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.support.people import NOW
from tests.support.plans import act, move, planned
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor

CHANGED = "Your appointments have changed"
SEEN = "/calendar/seen"


@pytest.fixture
def reader(visitors: Callable[[], Visitor]) -> Visitor:
    """A participant with a plan who looks at the portal."""
    activate(issue_card(planned().accounts[0].id))
    return sign_in(visitors())


def say_seen(visitor: Visitor, page: Page) -> str | None:
    return visitor.post(SEEN, data=page.form(SEEN).filled()).location


def test_a_new_plan_is_no_news(reader: Visitor) -> None:
    assert not reader.visit("/calendar").says(CHANGED)


def test_a_move_is_told_with_old_and_new_time_until_it_is_seen(reader: Visitor) -> None:
    move(3)
    page = reader.visit("/today")
    assert page.says("It was Monday 30 November, 09:30. It is now Tuesday 1 December, 09:30.")
    assert reader.visit("/calendar").says(CHANGED)
    assert say_seen(reader, page) == "/today"
    assert not reader.visit("/today").says(CHANGED)
    calendar = reader.visit("/calendar")
    assert (calendar.says(CHANGED), calendar.says("moved")) == (False, True)


@pytest.mark.parametrize("verb", ["hold", "miss", "cancel"])
def test_what_will_not_take_place_is_told(reader: Visitor, verb: str) -> None:
    act(verb, 2)
    page = reader.visit("/calendar")
    assert page.says(CHANGED)
    assert say_seen(reader, page) == "/calendar"


def test_what_changed_after_the_page_was_read_stays_marked(reader: Visitor, clock: time_machine.Traveller) -> None:
    move(3)
    page = reader.visit("/calendar")
    act("hold", 6, now=NOW + timedelta(minutes=1))
    clock.shift(timedelta(minutes=2))
    say_seen(reader, page)
    later = reader.visit("/calendar")
    assert (later.says(CHANGED), later.says("It was Monday 30 November")) == (True, True)
    assert later.says("Thursday 10 December, 09:30: put off")
    assert len([words for tag, words in later.headings if words == CHANGED]) == 1


@pytest.mark.parametrize("until", ["", "soon", "2026-11-23T10:00:00"])
def test_an_odd_time_marks_nothing(reader: Visitor, until: str) -> None:
    move(3)
    form = reader.visit("/calendar").form(SEEN)
    assert reader.post(SEEN, data={**form.filled(), "until": until}).status_code == 422
    assert reader.visit("/calendar").says(CHANGED)
