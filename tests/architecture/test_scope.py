"""Whoever asks the services for something says who asks."""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.support.service_functions import PORTAL, functions_called_from, parameters_of

BEFORE_SIGN_IN: Final = "nobody is known yet: a token, a card or the provider's signature proves itself"
OF_A_SESSION: Final = "the guard itself: it finds out who is acting"
OF_THE_SERVER: Final = "numbers of the server for its operators, about nobody"
OF_THE_STUDY: Final = "the study's own: the same for everybody, about nobody"
NO_DATABASE: Final = "computes from what it is given"

WITHOUT_ACTOR: Final = {
    "accounts.cards.get_activation": BEFORE_SIGN_IN,
    "accounts.magic_links.read_day_link": BEFORE_SIGN_IN,
    "accounts.revoked_sessions.revoke_session": OF_A_SESSION,
    "accounts.settings.reminder_times": NO_DATABASE,
    "accounts.users.find_user": OF_A_SESSION,
    "allocation.list_allocation_lists": OF_THE_STUDY,
    "allocation.list_open_strata": OF_THE_STUDY,
    "calendar_feed.render_feed": BEFORE_SIGN_IN,
    "diary.drafts.belongs_to": NO_DATABASE,
    "diary.drafts.new_client_id": NO_DATABASE,
    "diary.forms.answer_sections": NO_DATABASE,
    "heartbeats.list_heartbeats": OF_THE_SERVER,
    "heartbeats.list_overdue_jobs": OF_THE_SERVER,
    "heartbeats.check_readiness": OF_THE_SERVER,
    "messages.reading.count_messages": OF_THE_SERVER,
    "messages.receiving.record_inbound": BEFORE_SIGN_IN,
    "messages.receiving.record_status": BEFORE_SIGN_IN,
    "messages.receiving.signature_is_valid": BEFORE_SIGN_IN,
    "participation.may_withdraw": NO_DATABASE,
    "replay.running.read_proposal": NO_DATABASE,
    "study.find_assumptions": OF_THE_STUDY,
    "study.list_open_assumptions": OF_THE_STUDY,
    "study.get_protocol_value": OF_THE_STUDY,
    "study.list_protocol_values": OF_THE_STUDY,
    "tasks.count_open_tasks": OF_THE_STUDY,
    "team.invitations.read_invitation": BEFORE_SIGN_IN,
    "team.sessions.close_session": OF_A_SESSION,
    "team.sessions.find_staff": OF_A_SESSION,
    "team.sessions.record_reauthentication": OF_A_SESSION,
    "team.sessions.record_session_use": OF_A_SESSION,
    "team.sessions.open_session": OF_A_SESSION,
    "triage.estimates.read_stored_estimate": NO_DATABASE,
}
# What only the services hand to one another: whoever has found the participant, or is told which sites.
FOUND_ALREADY: Final = {"participant_id", "participant", "sites"}


def test_every_service_that_a_page_calls_is_told_who_asks() -> None:
    called = functions_called_from("web")
    assert len(called) > 150
    assert {name for name, one in called.items() if "actor" not in parameters_of(one)} == set(WITHOUT_ACTOR)


@pytest.mark.parametrize("layer", ["web", "cli", "jobs.py"])
def test_nobody_above_the_services_vouches_for_a_participant(layer: str) -> None:
    vouching = {
        name
        for name, one in functions_called_from(layer).items()
        if FOUND_ALREADY & parameters_of(one) and "actor" not in parameters_of(one)
    }
    assert vouching == set()


def _sites_held_against(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "in_"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "site"
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_only_the_scope_decides_which_sites_somebody_sees() -> None:
    services = PORTAL / "services"
    found = {str(path.relative_to(services)) for path in services.rglob("*.py") if _sites_held_against(path)}
    assert found == {"exports/making.py", "exports/reading.py", "scope.py"}
