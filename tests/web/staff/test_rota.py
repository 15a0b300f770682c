"""The rota: named by week, and loud while nobody is."""

from collections.abc import Callable

import pytest

from portal.domain.access import Role
from tests.support.diaries import hire
from tests.support.web.visitor import Visitor

ROTA = "/staff/rota"
WEEK = "/staff/rota/RJ/2026-11-23"
LOUD = "Nobody is on the rota this week: Ruijin Hospital, Shanghai."


@pytest.fixture
def team() -> dict[str, str]:
    """Two coordinators and an investigator, as the form takes them."""
    people = hire("Zhou Min"), hire("Wu Lei"), hire("Lu Wen", role=Role.INVESTIGATOR)
    return dict(zip(("first_id", "second_id", "principal_id"), (str(person.id) for person in people), strict=True))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, Role.DATA_MANAGER])
def test_a_week_without_names_is_loud_on_every_page_of_staff(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    visitor = staff_of(role)
    assert visitor.visit("/staff/study").says(LOUD)
    assert visitor.visit(ROTA).says("nobody yet")


def test_a_named_week_is_shown_and_no_longer_loud(coordinator: Visitor, team: dict[str, str]) -> None:
    assert coordinator.submit(WEEK, **team).status_code == 302
    page = coordinator.visit(ROTA)
    assert not page.says(LOUD)
    assert all(page.says(name) for name in ("Zhou Min", "Wu Lei", "Lu Wen"))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"second_id": "0"}, "Choose who is told next."),
        ({"second_id": "first_id"}, "Choose two different people."),
        ({"principal_id": "0"}, "Choose an investigator."),
    ],
)
def test_a_choice_that_cannot_be_is_named_at_its_field(
    coordinator: Visitor, team: dict[str, str], chosen: dict[str, str], words: str
) -> None:
    answer = coordinator.submit(WEEK, **{**team, **{name: team.get(value, value) for name, value in chosen.items()}})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{team["first_id"]}" selected' in answer.text


@pytest.mark.parametrize(
    "path", ["/staff/rota/XX/2026-11-23", "/staff/rota/RJ/2026-11-24", "/staff/rota/RJ/2026-11-16"]
)
def test_another_site_or_a_week_that_is_over_is_not_found(coordinator: Visitor, path: str) -> None:
    assert coordinator.get(path).status_code == 404


def test_who_may_not_name_a_week_reads_it(staff_of: Callable[[Role], Visitor]) -> None:
    monitor = staff_of(Role.MONITOR)
    assert WEEK not in monitor.visit(ROTA).links
    assert monitor.get(WEEK).status_code == 403
