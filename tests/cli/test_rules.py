"""``rules replay`` at a terminal."""

import json
from pathlib import Path

import pytest
from flask import Flask

from portal import protocols
from tests.support.diaries import red, report
from tests.support.people import enrol

FILE = protocols.FOLDER / "nct06949267.toml"


@pytest.fixture
def later_fever(tmp_path: Path) -> Path:
    path = tmp_path / "proposed.toml"
    path.write_text(FILE.read_text(encoding="utf-8").replace("fever_red_cel = 38.0", "fever_red_cel = 38.5"), "utf-8")
    return path


def test_a_replay_is_one_json_object_a_line(app: Flask, later_fever: Path) -> None:
    report(enrol(), [red()])
    result = app.test_cli_runner().invoke(args=["rules", "replay", "--protocol", str(later_fever)])
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert (lines[0]["kind"], lines[0]["changed"]) == ("summary", {"fever_red_cel": ["38", "38.5"]})
    assert {line["kind"] for line in lines} >= {"summary", "onsets"}


def test_every_fault_of_a_wrong_file_is_named(app: Flask, later_fever: Path) -> None:
    text = later_fever.read_text(encoding="utf-8")
    later_fever.write_text(text.replace("score_amber = 3", "score_amber = 9").replace("missed_red = 3", ""), "utf-8")
    result = app.test_cli_runner().invoke(args=["rules", "replay", "--protocol", str(later_fever)])
    assert result.exit_code == 1
    assert "thresholds.score_amber" in result.output
    assert "thresholds.missed_red" in result.output
