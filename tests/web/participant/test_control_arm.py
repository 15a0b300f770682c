"""Somebody without infusions never meets a trace of them: not in a page's source, the phone's calendar, or a text."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import calendar_feed
from tests.support.answers import themselves
from tests.support.diaries import report
from tests.support.messages import TellingSender, plan, send
from tests.support.people import NOW, PIN, TODAY
from tests.support.plans import planned
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor, without_tokens

WORDS = re.compile(r"infus|imsc|\bmsc\b|cells|输注|输液|回输|细胞", re.IGNORECASE)
TOPICS = ("how-you-are", "skin", "stomach", "bowel", "liver-medicines", "review")
# The registry entry, which tells everybody of both arms, and what others see of a sign-in.
FOR_EVERYBODY = ("/study", "/static", "/sign-in", "/activate", "/language", "/staff")
DAYS = 9


def somebody(arm: str) -> Participant:
    """On day +20, enrolled today, with everything planned, and one diary sent."""
    person = planned(1, day=20, arm=arm)
    report(person)
    return person


def reader(visitors: Callable[[], Visitor], person: Participant, language: str) -> Visitor:
    activate(issue_card(person.accounts[0].id), language=language)
    return sign_in(visitors(), who=str(person.accounts[0].phone), pin=PIN)


def sources(visitor: Visitor, language: str) -> dict[str, str]:
    """The source of every page that a participant can reach by links, of the diary, and of what works offline."""
    day = TODAY.isoformat()
    found: dict[str, str] = {}
    left = ["/today", "/diary/device", f"/offline/{language}", *(f"/diary/{day}/{topic}" for topic in TOPICS)]
    while left:
        path = left.pop()
        answer = visitor.get(path, follow_redirects=True)
        found[path] = without_tokens(answer.text)
        links = Page(answer.text).links if answer.mimetype == "text/html" else []
        here = {link for link in links if link.startswith("/") and not link.startswith(FOR_EVERYBODY)}
        left += sorted({urlsplit(link)._replace(fragment="").geturl() for link in here} - found.keys() - set(left))
    return found


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_page_of_the_control_arm_holds_a_word_of_it(visitors: Callable[[], Visitor], language: str) -> None:
    pages = sources(reader(visitors, somebody("control"), language), language)
    assert {path: WORDS.findall(text) for path, text in pages.items() if WORDS.search(text)} == {}
    assert len(pages) > 15


def test_the_same_walk_finds_the_words_in_the_other_arm(visitors: Callable[[], Visitor]) -> None:
    pages = sources(reader(visitors, somebody("imsc"), "zh-CN"), "zh-CN")
    assert {"/today", "/calendar"} <= {path for path, text in pages.items() if WORDS.search(text)}


def test_the_feeds_of_both_arms_use_the_same_words(visitors: Callable[[], Visitor]) -> None:
    vocabularies = []
    for number, arm in enumerate(("control", "imsc"), 1):
        person = planned(number, arm=arm)
        with transaction() as session:
            token = calendar_feed.create_feed_address(session, actor=themselves(person), now=NOW)
        feed = (calendar_feed.render_feed(db.session, token=token, now=NOW) or b"").decode()
        vocabularies.append(set(re.findall(r"[^\W\d_]{2,}", re.sub(r"UID:.*", "", feed))))
    assert vocabularies[0] == vocabularies[1]
    assert not [words for words in vocabularies[0] if WORDS.search(words)]


def test_the_texts_of_the_control_arm_are_a_part_of_those_of_the_other(app: object, sender: TellingSender) -> None:
    """The texts of nine days, evening and morning; an infusion's reminder only says appointment."""
    said: dict[str, set[str]] = {}
    for number, arm in enumerate(("control", "imsc"), 1):
        person = planned(number, arm=arm)
        phone = f"+861380013{number:04}"
        said[arm] = set()
        activate(issue_card(person.accounts[0].id), language="zh-CN")
        for day in range(DAYS):
            for hour in (0, 11):
                now = NOW + timedelta(days=day, hours=hour)
                plan(now)
                send(now)
        said[arm] = {re.sub(r"[\d:]+", "", body) for to, body in sender.sent if to == phone}
    assert said["control"] < said["imsc"]
    assert not [body for body in said["control"] | said["imsc"] if WORDS.search(body)]
