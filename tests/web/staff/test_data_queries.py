"""Queries about data on their pages."""

from collections.abc import Callable

from portal.domain.access import Role
from portal.models.people import Participant
from tests.support.web.visitor import Visitor


def test_a_query_goes_from_the_history_to_the_site_and_back(
    staff_of: Callable[[Role], Visitor], coordinator: Visitor, participant: Participant
) -> None:
    monitor = staff_of(Role.MONITOR)
    beside = monitor.visit(f"/staff/participants/RJ-001/history/participant/{participant.id}?field=weight_kg")
    (to,) = [link for link in beside.links if "/data-queries/new" in link]
    asked = "/staff/participants/RJ-001/data-queries/new"
    made = monitor.submit(to, action=asked, question="The source says 61.")
    assert made.status_code == 302
    here = made.headers["Location"]
    assert "The source says 61." in coordinator.get("/staff/data-queries").text
    assert coordinator.submit(here, action=f"{here}/answer", answer="").status_code == 422
    assert coordinator.submit(here, action=f"{here}/answer", answer="It is 62.").status_code == 302
    assert monitor.submit(here, action=f"{here}/close").status_code == 302
    assert "It is 62." in monitor.get("/staff/data-queries?show=closed").text
