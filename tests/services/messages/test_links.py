"""A link stands in a reminder only where it may, and only whoever got the text can read it whole."""

import pytest
from flask import Flask

from portal.adapters import message_templates, phones
from portal.domain.messages import count_segments
from portal.services import day_tokens
from tests.support.people import TODAY

HELLO = "Hello. Please remember today's entry in your portal, it takes about 2 minutes. Thank you."
PATH = f"/d/7-{TODAY:%Y%m%d}-{'A' * 16}"


@pytest.fixture(autouse=True)
def _put_back():  # type: ignore[no-untyped-def]
    yield
    message_templates.configure_links("")


def body(phone: str, *, words: str = HELLO, url: str = "https://portal.example.org") -> str:
    message_templates.configure_links(url)
    return message_templates.append_link(
        words, PATH, country=message_templates.find_destination(phones.calling_code(phone))
    )


def test_a_link_stands_where_the_country_allows_it_in_one_segment() -> None:
    assert body("+33612345678") == f"{HELLO} https://portal.example.org{PATH}"
    assert count_segments(body("+33612345678")).count == 1


@pytest.mark.parametrize(("phone", "words", "url"), [
    ("+8613800130001", HELLO, "https://portal.example.org"),
    ("+33612345678", HELLO, "http://127.0.0.1:8000"),
    ("+33612345678", "您好，请您方便时登录平台，完成今天的记录，约需2分钟。谢谢！", "https://portal.example.org"),
    ("+33612345678", HELLO, f"https://{'long-' * 12}name.example.org"),
])  # fmt: skip
def test_elsewhere_the_words_stay_as_they_are(phone: str, words: str, url: str) -> None:
    assert body(phone, words=words, url=url) == words


def test_staff_do_not_see_the_key_in_it() -> None:
    assert message_templates.redact_link(body("+33612345678")) == f"{HELLO} https://portal.example.org/d/..."


def test_a_token_is_bound_to_its_account_and_day(core: Flask) -> None:
    token = day_tokens.make_day_token(account_id=7, diary_on=TODAY)
    assert day_tokens.read_day_token(token) == (7, TODAY)
    assert day_tokens.read_day_token(token.replace("7-", "8-", 1)) is None
    assert day_tokens.read_day_token(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
