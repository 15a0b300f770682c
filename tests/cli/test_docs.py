"""Documents drawn from the code do not drift."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import docs
from portal.domain import triage


def test_the_states_are_drawn_as_the_tables_say() -> None:
    answer = CliRunner().invoke(docs.group, ["states", "--check"])
    assert answer.exit_code == 0, answer.output


def test_a_drawing_that_has_drifted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drifted = tmp_path / "states.md"
    drifted.write_text(docs.draw().replace("claimed", "taken"), encoding="utf-8")
    monkeypatch.setattr(docs, "STATES", drifted)
    answer = CliRunner().invoke(docs.group, ["states", "--check"])
    assert answer.exit_code == 1
    assert "out of date" in answer.output


def test_drawing_writes_what_the_check_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "STATES", tmp_path / "docs" / "states.md")
    assert CliRunner().invoke(docs.group, ["states"]).exit_code == 0
    assert CliRunner().invoke(docs.group, ["states", "--check"]).exit_code == 0


def test_every_state_and_verb_of_an_episode_is_drawn() -> None:
    drawn = docs.draw()
    assert all(f"**{state}**" in drawn for state in triage.State)
    assert all(f"{verb}" in drawn for verb in triage.Verb)
