"""What the released texts say and cost, and that the check would notice if they said more."""

import pytest

from portal.adapters import message_templates
from portal.domain.messages import MessageKind, MessageTemplate, count_segments, wording_faults

CHINA, ELSEWHERE = message_templates.find_destination("86"), message_templates.find_destination("44")
MAIL_ONLY = {MessageKind.STAFF_INVITATION}
ALL = list(message_templates.list_templates().values())
TEMPLATES = [one for one in ALL if one.kind not in MAIL_ONLY]
VALUES_OF_BOTH = {"time": "10:30", "number": "123456-12", "code": "135790", "phone": "+86 21 5550 0100"}
VALUES = {
    "en": {**VALUES_OF_BOTH, "day": "Wed 30 Sep"},
    "zh-CN": {**VALUES_OF_BOTH, "day": "12月30日"},
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: f"{template.kind}-{template.language}")
def test_no_released_text_says_a_word_too_much_or_needs_a_second_segment(template: MessageTemplate) -> None:
    body = template.fill(**VALUES[template.language])
    assert wording_faults(body, language=template.language, destination=CHINA) == ()


@pytest.mark.parametrize("template", [one for one in ALL if one.kind in MAIL_ONLY], ids=lambda one: one.language)
def test_what_goes_by_mail_alone_says_no_health_word(template: MessageTemplate) -> None:
    body = template.fill(link="https://portal.example.org/staff/join/x")
    assert [
        one for one in wording_faults(body, language=template.language, destination=ELSEWHERE) if "says" in one
    ] == []


def test_every_kind_speaks_both_languages() -> None:
    assert {(template.kind, template.language) for template in ALL} == {
        (kind, language) for kind in MessageKind for language in ("en", "zh-CN")
    }


@pytest.mark.parametrize("template", [one for one in ALL if one.language == "zh-CN"], ids=lambda one: one.kind)
def test_chinese_texts_are_courteous(template: MessageTemplate) -> None:
    assert "请您" in template.body
    assert template.body.startswith("您好")


@pytest.mark.parametrize(
    ("body", "language", "fault"),
    [
        ("Your infusion is tomorrow", "en", "says 'infusion'"),
        ("The STUDY nurse", "en", "says 'study'"),
        ("您的皮疹", "zh-CN", "says '皮疹'"),
        ("满意度问卷", "zh-CN", "says '问卷'"),
        ("See https://portal.example.org", "en", "holds a link"),
        ("See portal.example.org/x", "en", "holds a link"),
        ("It’s time", "en", "is UCS-2 because of '’'"),
        ("您" * 71, "zh-CN", "takes 2 segments"),
    ],
)
def test_a_text_that_must_not_go_is_named_with_its_fault(body: str, language: str, fault: str) -> None:
    assert any(fault in found for found in wording_faults(body, language=language, destination=CHINA))


def test_a_link_may_go_where_it_is_allowed() -> None:
    assert wording_faults("See https://portal.example.org", language="en", destination=ELSEWHERE) == ()


@pytest.mark.parametrize(
    ("body", "encoding", "units", "count"),
    [
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("您" * 70, "UCS-2", 70, 1),
        ("您" * 71, "UCS-2", 71, 2),
        ("您" * 134, "UCS-2", 134, 2),
        ("您" * 135, "UCS-2", 135, 3),
        ("a\u00a0b", "UCS-2", 3, 1),
        ("😀", "UCS-2", 2, 1),
    ],
)
def test_segments_are_counted_as_they_are_charged(body: str, encoding: str, units: int, count: int) -> None:
    found = count_segments(body)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)
