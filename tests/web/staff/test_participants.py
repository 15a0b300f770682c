"""The list of participants, one person's page, a diary's answers, identifiers and cards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.diary import Diary
from portal.models.people import AccessCard, Participant
from tests.support.diaries import flag, red, report
from tests.support.messages import add_text
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import add_infusion, add_visit
from tests.support.web.visitor import Page, Visitor

LIST, PAGE = "/staff/participants", "/staff/participants/RJ-001"
DAY = timedelta(days=1)


def diary_path(number: str = "RJ-001") -> str:
    newest = db.session.scalars(select(Diary.id).order_by(Diary.id.desc())).first()
    return f"{LIST}/{number}/diaries/{newest}"


def actions(page: Page) -> list[str]:
    return [form.action for form in page.forms if form.action.startswith(LIST)]


def test_the_list_shows_everybody_of_the_site_without_names(coordinator: Visitor, participant: Participant) -> None:
    enrol(2, arm="control")
    page = coordinator.visit(LIST)
    assert {PAGE, f"{LIST}/RJ-002"} <= set(page.links)
    assert page.says("Control arm")
    assert "王小明" not in page.words


def test_the_list_can_be_searched(coordinator: Visitor, participant: Participant) -> None:
    enrol(2)
    found = coordinator.visit(f"{LIST}?q=002").links
    assert (f"{LIST}/RJ-002" in found, PAGE in found) == (True, False)


def test_a_search_without_a_match_says_so(coordinator: Visitor, participant: Participant) -> None:
    assert coordinator.visit(f"{LIST}?q=999").says("No participant matches.")


def test_a_long_list_goes_on_over_the_page(coordinator: Visitor, participant: Participant) -> None:
    for number in range(2, 53):
        enrol(number)
    more = f"{LIST}?after=RJ-050"
    assert more in coordinator.visit(LIST).links
    assert f"{LIST}/RJ-052" in coordinator.visit(more).links


def test_the_page_tells_everything_that_happened(coordinator: Visitor, participant: Participant) -> None:
    add_infusion(participant, NOW - 3 * DAY, given=True)
    add_visit(participant, NOW - 2 * DAY)
    add_text(participant, NOW - DAY)
    report(participant, [red(), flag()], stage=2)
    page = coordinator.visit(PAGE)
    for words in (
        "iMSC arm",
        "day +20",
        "adult scale",
        "Infusion 1: given",
        "Message, Diary reminder: Delivered",
        "Blisters on the skin",
        "Skin: Opened by a report",
        "at least II",
        "not activated yet",
        "20 Nov: no diary, infusion",
    ):
        assert page.says(words), words
    assert diary_path() in page.links


def test_the_page_of_somebody_new_is_empty_and_says_so(coordinator: Visitor, participant: Participant) -> None:
    page = coordinator.visit(PAGE)
    assert page.says("Nothing has happened yet.")
    assert page.says("There is no diary yet.")


def test_a_long_timeline_goes_on_earlier(coordinator: Visitor, participant: Participant) -> None:
    for back in range(130):
        add_text(participant, NOW - back * timedelta(hours=1))
    earlier = next(link for link in coordinator.visit(PAGE).links if "before=" in link)
    assert coordinator.visit(earlier).says("Message, Diary reminder")


@pytest.mark.parametrize("before", ["yesterday", "2026-11-23T10:00"])
def test_an_instant_that_is_none_is_not_found(coordinator: Visitor, participant: Participant, before: str) -> None:
    assert coordinator.get(f"{PAGE}?before={before}").status_code == 404


def test_a_diary_shows_its_answers_what_it_raised_and_the_estimate(
    coordinator: Visitor, participant: Participant
) -> None:
    report(participant, [red()], stage=2)
    page = coordinator.visit(diary_path())
    assert page.says("Blisters on the skin")
    assert page.says("stage 2")
    assert page.says("Answered by the participant.")


def test_a_diary_opens_only_under_its_own_participant(coordinator: Visitor, participant: Participant) -> None:
    enrol(2)
    report(participant)
    assert coordinator.get(diary_path("RJ-002")).status_code == 404


def test_name_and_phone_are_shown_on_request_and_that_is_recorded(
    coordinator: Visitor, participant: Participant
) -> None:
    assert "王小明" not in coordinator.visit(PAGE).words
    shown = Page(coordinator.submit(PAGE, action=f"{PAGE}/identifiers").text)
    assert shown.says("王小明")
    assert "tel:+8613800130001" in shown.links
    newest = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert newest is not None
    assert (newest.action, newest.participant_id) == ("identifiers:view", participant.id)


def test_a_card_is_shown_once_in_both_languages_and_its_code_opens_the_portal(
    coordinator: Visitor, participant: Participant, client: Visitor
) -> None:
    answer = coordinator.submit(PAGE, action=f"{PAGE}/card")
    page = Page(answer.text)
    assert page.says("Your activation code")
    assert 'src="data:image/svg+xml' in answer.text
    assert {'lang="en"', 'lang="zh-Hans-CN"'} <= {part.split(">")[0] for part in answer.text.split("<div ")}
    code = answer.text.split("<br><strong>")[1].split("</strong>")[0]
    assert client.submit("/activate", code=code, birth_year="1992").status_code == 302


def test_a_card_holds_no_health_word_and_no_name(coordinator: Visitor, participant: Participant) -> None:
    words = Page(coordinator.submit(PAGE, action=f"{PAGE}/card").text).words
    assert not [word for word in ("王小明", "GVHD", "transplant", "infusion", "diary") if word in words]


def test_a_card_is_for_the_participants_own_account(coordinator: Visitor, participant: Participant) -> None:
    other = enrol(2).accounts[0].id
    answer = coordinator.submit(PAGE, action=f"{PAGE}/card", account_id=other)
    assert answer.status_code == 404
    assert db.session.scalars(select(AccessCard)).all() == []


@pytest.mark.parametrize("role", [Role.MONITOR, Role.DATA_MANAGER])
def test_who_only_reads_gets_no_identifiers_and_no_card(
    staff_of: Callable[[Role], Visitor], participant: Participant, role: Role
) -> None:
    reader = staff_of(role)
    page = reader.visit(PAGE)
    assert actions(page) == []
    token = page.forms[0].values[0][1]
    for action in ("identifiers", "card"):
        assert reader.post(f"{PAGE}/{action}", data={"csrf_token": token, "account_id": 1}).status_code == 403


def test_an_investigator_sees_identifiers_but_issues_no_card(
    staff_of: Callable[[Role], Visitor], participant: Participant
) -> None:
    assert actions(staff_of(Role.INVESTIGATOR).visit(PAGE)) == [f"{PAGE}/identifiers"]


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.ADMINISTRATOR])
def test_participants_are_closed_to_others(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    reader = staff_of(role)
    assert [reader.get(path).status_code for path in (LIST, PAGE)] == [403, 403]


def test_an_unknown_participant_is_not_found(coordinator: Visitor) -> None:
    assert coordinator.get(f"{LIST}/RJ-999").status_code == 404


def test_a_strip_tells_the_days_of_an_organ_in_words(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [flag()], on=TODAY - DAY, now=NOW - DAY)
    assert coordinator.visit(PAGE).says("22 Nov: amber")


def test_a_card_can_be_printed_as_a_pdf_while_it_is_the_good_one(
    coordinator: Visitor, participant: Participant
) -> None:
    shown = Page(coordinator.submit(PAGE, action=f"{PAGE}/card").text)
    first = coordinator.submit(PAGE, action=f"{PAGE}/card.pdf", page=shown)
    assert (first.status_code, first.mimetype, first.data[:5]) == (200, "application/pdf", b"%PDF-")
    coordinator.submit(PAGE, action=f"{PAGE}/card")
    assert coordinator.submit(PAGE, action=f"{PAGE}/card.pdf", page=shown).status_code == 404


FULL = f"{PAGE}?show="


def test_the_timeline_can_be_narrowed_to_one_kind(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [red()])
    assert coordinator.visit(f"{FULL}diaries").says("Diary of Monday 23 November")
    assert not coordinator.visit(f"{FULL}triage").says("Diary of Monday 23 November")
    assert coordinator.visit(f"{FULL}calls").says("Nothing of the kind has happened yet.")
    assert coordinator.visit(f"{FULL}nonsense").says("Diary of Monday 23 November")


def test_the_heat_strip_and_its_table_show_the_whole_follow_up(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [red()])
    answer = coordinator.get(PAGE).text
    assert 'aria-label="Skin: 1 red day, 0 amber days, 10 days without a diary"' in answer
    page = coordinator.visit(PAGE)
    assert page.says("Monday 23 November+20Skin: red")
    assert page.says("Nothing has been measured yet.")


def test_what_was_measured_stands_in_a_table_behind_each_chart(coordinator: Visitor, participant: Participant) -> None:
    report(participant, answers={"skin-change": False, "temperature-taken": True, "temperature": "38.4"})
    page = coordinator.visit(PAGE)
    assert page.says("23 Nov38.4")
    assert page.says("DateRash, per cent of the body 23 Nov0")


def test_on_paper_there_is_everything_and_nothing_to_fill_in(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [red()])
    page = coordinator.visit(f"{PAGE}/print")
    assert page.says("Diary of Monday 23 November")
    assert {form.action for form in page.forms} <= {"/language", "/staff/sign-out"}
    assert not page.says("王小明")
