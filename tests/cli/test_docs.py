"""Documents drawn from the code do not drift."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import alert_rules, docs, roles
from portal.domain import triage
from portal.domain.access import GRANTS, Permission
from portal.domain.alert_rules import RULES


@pytest.mark.parametrize("command", ["states", "alert-rules", "roles"])
def test_the_documents_are_drawn_as_the_tables_say(command: str) -> None:
    answer = CliRunner().invoke(docs.group, [command, "--check"])
    assert answer.exit_code == 0, answer.output


def test_a_drawing_that_has_drifted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drifted = tmp_path / "states.md"
    drifted.write_text(docs.draw_states().replace("claimed", "taken"), encoding="utf-8")
    monkeypatch.setattr(docs, "STATES", drifted)
    answer = CliRunner().invoke(docs.group, ["states", "--check"])
    assert answer.exit_code == 1
    assert "out of date" in answer.output


def test_drawing_writes_what_the_check_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "STATES", tmp_path / "docs" / "states.md")
    assert CliRunner().invoke(docs.group, ["states"]).exit_code == 0
    assert CliRunner().invoke(docs.group, ["states", "--check"]).exit_code == 0


def test_every_state_and_verb_of_an_episode_is_drawn() -> None:
    drawn = docs.draw_states()
    assert all(f"**{state}**" in drawn for state in triage.EpisodeState)
    assert all(f"{verb}" in drawn for _, verb in triage.TRANSITIONS)


def test_every_alert_rule_is_drawn_once_with_its_version_and_source() -> None:
    drawn = alert_rules.draw_document()
    assert all(drawn.count(f"| `{rule.id}` v{rule.version} |") == 1 for rule in RULES)
    assert all(rule.citation in drawn for rule in RULES)


def test_every_grant_stands_in_the_matrix_of_roles() -> None:
    drawn = roles.draw_roles()
    assert set(roles.MEANINGS) == set(Permission)
    assert drawn.count("| yes") == sum(len(grants) for grants in GRANTS.values())
