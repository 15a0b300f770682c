"""What templates need to speak: dates as people say them, and the words for every state."""

from datetime import date, datetime, time
from functools import lru_cache

from flask import Flask, current_app
from flask_babel import format_date, format_datetime, format_time, get_locale, get_timezone
from flask_login import current_user

from portal import protocols
from portal.adapters import phones
from portal.web import guards, locale, navigation
from portal.web.labels.audit import audit_action_label

DAY = {"en": "EEEE d MMMM", "zh": "M月d日 EEEE"}
DESK_DAY = {"en": "EEE d MMM", "zh": "M月d日 EEE"}
SHORT_DAY = {"en": "d MMM", "zh": "M月d日"}
POINTS = {
    "en": {"gap": " ", "stop": ". ", "comma": ", ", "and": ", ", "semicolon": "; ", "colon": ": "},
    "zh": {"gap": "", "stop": "。", "comma": "，", "and": "、", "semicolon": "；", "colon": "："},
}
BRACKETS = {"en": "({})", "zh": "（{}）"}


def init_date_labels(app: Flask) -> None:
    app.add_template_filter(day_label)
    app.add_template_filter(short_day_label)
    app.add_template_filter(time_label)
    app.add_template_filter(instant_label)
    app.add_template_filter(table_day_label)
    app.add_template_filter(table_instant_label)
    app.add_template_filter(study_day_label)
    app.add_template_filter(bracketed)
    app.add_template_filter(audit_action_label)
    app.add_template_global(point)
    app.add_template_filter(phones.format_phone, "phone")
    app.add_template_filter(localized_text, "localized")
    app.add_template_global(navigation.navigation_links, "staff_links")
    app.context_processor(_context)


def _tongue() -> str:
    return "zh" if str(get_locale()).startswith("zh") else "en"


def day_label(day: date) -> str:
    """Thursday 26 November / 11月26日 星期四."""
    return _day_words(_tongue(), str(get_timezone()), day)


@lru_cache(maxsize=10_000)
def _day_words(tongue: str, _timezone: str, day: date) -> str:
    """Kept for a reader's language and time zone: a page of the desk says the same few days a hundred times.

    Without this and ``_when_words`` a participant's page takes 9 % more processor time, the triage list 4 %.
    """
    return str(format_date(day, DAY[tongue], rebase=False) if not isinstance(day, datetime)
               else format_datetime(day, DAY[tongue]))  # fmt: skip


def short_day_label(day: date | datetime) -> str:
    if isinstance(day, datetime):
        return str(format_datetime(day, SHORT_DAY[_tongue()]))
    return str(format_date(day, SHORT_DAY[_tongue()], rebase=False))


def time_label(at: datetime | time) -> str:
    """``09:30``; an instant is converted to the reader's time zone, a local time is shown unchanged."""
    if isinstance(at, datetime):
        return str(format_time(at, "HH:mm"))
    return at.strftime("%H:%M")


def instant_label(at: datetime) -> str:
    """Thursday 26 November, 09:30."""
    return _when_words(_tongue(), str(get_timezone()), at)


@lru_cache(maxsize=10_000)
def _when_words(tongue: str, timezone: str, at: datetime) -> str:
    return f"{_day_words(tongue, timezone, at)}{', ' if tongue == 'en' else ' '}{time_label(at)}"


def table_day_label(day: date) -> str:
    """Thu 26 Nov / 11月26日 周四: for tables that are scanned, not read."""
    if isinstance(day, datetime):
        return str(format_datetime(day, DESK_DAY[_tongue()]))
    return str(format_date(day, DESK_DAY[_tongue()], rebase=False))


def table_instant_label(at: datetime) -> str:
    """Thu 26 Nov, 09:30 / 11月26日 周四 09:30."""
    return f"{table_day_label(at)}{', ' if _tongue() == 'en' else ' '}{time_label(at)}"


def study_day_label(day: int) -> str:
    """``+8`` as clinicians write it in English; Chinese says 第 8 天, without the sign."""
    return f"{day:+d}" if _tongue() == "en" else str(day)


def point(name: str) -> str:
    """Punctuation between parts of a sentence: Chinese has its own marks, without a space after them."""
    return POINTS[_tongue()][name]


def bracketed(words: object) -> str:
    return BRACKETS[_tongue()].format(words)


def localized_text(words: object) -> str:
    """``protocol.Words`` in the language of the page."""
    return str(words.in_(locale.current_language()))  # type: ignore[attr-defined]


def _context() -> dict[str, object]:
    person = getattr(current_user, "person", None)
    protocol = protocols.load_protocol()
    site = protocol.site(getattr(person, "site", None) or protocol.sites[0].code)
    return {
        "language": locale.current_language(),
        "html_lang": locale.html_language(),
        "person": person,
        "ward_phone": phones.to_e164(site.ward_phone),
        "urgent_phone": phones.to_e164(site.urgent_phone),
        "now": guards.request_time(),
        "env": current_app.config["PORTAL"].env,
    }
