"""The table of security requirements is complete, and names only what exists."""

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ ", line)
]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TABLE)))
FILES = sorted(
    set(re.findall(r"`((?:portal|docs|deploy|assets|tests)/[\w./-]+|\w[\w.-]*\.(?:py|md|txt|toml|json))", TABLE))
)


def test_every_requirement_of_both_levels_has_one_row_and_nothing_else_has() -> None:
    with (ROOT / "docs" / "asvs-5.0.0.csv").open(encoding="utf-8", newline="") as file:
        listed = [(row["id"], row["level"]) for row in csv.DictReader(file)]
    assert [(row[0], row[1]) for row in ROWS] == listed
    assert [sum(level == wanted for _, level in listed) for wanted in "12"] == [70, 183]


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_named_test_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name or 'test_.*'}\(", source, re.MULTILINE)


def test_every_named_file_exists() -> None:
    assert len(FILES) > 50
    assert [name for name in FILES if not (ROOT / name).exists()] == []


def test_every_row_has_a_state_and_says_how() -> None:
    assert [row[0] for row in ROWS if len(row) != 6 or row[3] not in ("met", "n/a", "not met") or len(row[4]) < 4] == []


def test_what_is_met_is_shown_by_a_test_or_a_file_that_was_read() -> None:
    met = [row for row in ROWS if row[3] == "met"]
    assert [row[0] for row in met if not row[5].startswith(("`tests/", "reviewed: `"))] == []
