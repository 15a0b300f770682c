"""The participant's own charts: drawn by the server, with a table, with the days of infusions, and breaking at gaps."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.access import SYSTEM
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import audit
from portal.services.diary import Trends
from portal.web.participant import trends
from tests.support.diaries import store_diary
from tests.support.people import NOW, TODAY, enrol
from tests.support.web.sign_in import activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor

ACHING = {
    "skin-change": False, "stomach-trouble": False, "bowel-trouble": True, "loose-stool-count": 3, "abdominal-pain": 2,
}  # fmt: skip
WELL = {"skin-change": False, "stomach-trouble": False, "bowel-trouble": False, "temperature": "36.8"}
NONE: dict[date, Decimal] = {}


def of(days: dict[int, str], *, infusions: tuple[int, ...] = ()) -> Trends:
    """Temperatures and infusions by study day."""
    values = {TODAY + timedelta(days=day): Decimal(value) for day, value in days.items()}
    series = {**dict.fromkeys(trends.KINDS, NONE), "temperature": values}
    return Trends(TODAY, series, frozenset(TODAY + timedelta(days=day) for day in infusions))


def written(participant: Participant, *days: dict[str, object]) -> None:
    """A diary a day, the last of them today's."""
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:prepare", now=NOW)
        for back, answers in enumerate(reversed(days)):
            on = TODAY - timedelta(days=back)
            store_diary(session, session.get_one(Participant, participant.id), on=on, answers=answers)


def test_each_symptom_has_a_chart_a_summary_and_its_values(signed_in: Visitor, participant: Participant) -> None:
    written(participant, WELL, ACHING)
    page = signed_in.visit("/record/charts")
    assert page.says("Loose stools, times a day")
    assert page.says("Tummy pain, 0 (none) to 4 (very severe)")
    words = signed_in.get("/record/charts").text
    assert 'aria-label="Loose stools, times a day: between 0 and 3; 3 on day +20."' in words
    assert page.says("Not there on any day that you wrote about")


def test_the_record_leads_to_them(signed_in: Visitor, participant: Participant) -> None:
    written(participant, WELL)
    assert "/record/charts" in signed_in.visit("/record").links


def test_without_a_diary_there_is_nothing_and_nobody_is_blamed(signed_in: Visitor) -> None:
    assert signed_in.visit("/record/charts").says("There is nothing here yet.")


def test_the_control_arm_sees_no_trace_of_infusions(client: Visitor) -> None:
    person = enrol(arm="control")
    activate(issue_card(person.accounts[0].id))
    written(person, ACHING, WELL)
    page = sign_in(client).get("/record/charts").text
    assert "nfusion" not in Page(page).words


def test_a_day_without_a_value_breaks_the_line() -> None:
    (chart,), _quiet = trends.build_charts(of({1: "36.5", 2: "36.6", 4: "37.0"}))
    assert (chart.line.count("M"), chart.line.count("L"), chart.dots.count("M")) == (2, 1, 3)


def test_infusions_are_marked_in_the_drawing_the_summary_and_the_table() -> None:
    (chart,), _quiet = trends.build_charts(of({1: "36.5", 2: "36.6"}, infusions=(2, 5)))
    assert chart.infusions.count("M") == 2
    assert [(number, value, given) for _day, number, value, given in chart.rows] == [
        ("+5", "", True), ("+2", "36.6", True), ("+1", "36.5", False),
    ]  # fmt: skip


@given(st.dictionaries(st.integers(0, 100), st.decimals("34", "42", places=1), min_size=1))
def test_every_value_is_drawn_inside_the_frame(values: dict[int, Decimal]) -> None:
    found = of({day: str(value) for day, value in values.items()})
    (chart,), _quiet = trends.build_charts(found)
    points = [point.split("m")[0].split() for point in chart.dots.split("M")[1:]]
    assert len(points) == len(values)
    assert all(trends.LEFT <= float(x) <= trends.RIGHT and trends.TOP <= float(y) <= trends.BOTTOM for x, y in points)
    assert 2 <= len(chart.across) <= trends.TICKS_MAX + 2
    assert len(chart.days) <= trends.TICKS_MAX + 2
