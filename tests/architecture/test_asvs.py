"""The table of security requirements names only tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if re.match(r"\| \d", line)
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TABLE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {name or 'test_'}" in source


def test_every_chapter_is_there_and_every_line_says_how() -> None:
    assert {row[0].split(".")[0].split(",")[0] for row in ROWS} == {str(chapter) for chapter in range(1, 18)}
    assert [row[0] for row in ROWS if len(row) != 3 or not all(row)] == []


def test_what_has_no_test_says_that_it_does_not_apply_or_is_open() -> None:
    assert [row[0] for row in ROWS if not row[2].startswith(("`tests/", "n/a", "open:"))] == []
