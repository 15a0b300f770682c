import json
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli.grade import grade

FULL = "--age 34 --weight-kg 62 --bsa 60 --bilirubin 2.7 --no-upper-gi --stool-ml 450"


def printed(options: str) -> dict[str, Any]:
    result = CliRunner().invoke(grade, options.split())
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert isinstance(answer, dict)
    return answer


def test_every_key_is_printed() -> None:
    assert printed(FULL + " --episodes 2") == {
        "skin": 3,
        "liver": 1,
        "upper_gi": 0,
        "lower_gi": 1,
        "grade": "II",
        "at_least": "II",
        "stool_ml_total": 850,
        "scale": "adult",
        "near_boundary": [],
    }


def test_nothing_given_is_nothing_assessed() -> None:
    answer = printed("")
    assert [answer[organ] for organ in ("skin", "liver", "upper_gi", "lower_gi", "grade", "stool_ml_total")] == [
        None
    ] * 6
    assert answer["at_least"] == "0"


@pytest.mark.parametrize(
    ("more", "key", "value"),
    [
        ("--bullae --desquamation 6", "skin", 4),
        ("--bullae --desquamation 6", "grade", "IV"),
        ("--upper-gi", "upper_gi", 1),
        ("--severe-pain", "lower_gi", 4),
        ("--gross-blood", "grade", "IV"),
        ("--stool-ml 499.5", "near_boundary", ["lower_gi"]),
        ("--stool-ml 499.5", "stool_ml_total", 499.5),
        ("--bilirubin 51.3 --bilirubin-unit umol/L", "liver", 1),
        ("--bilirubin 256 --bilirubin-unit umol/L", "near_boundary", ["liver"]),
        ("--bilirubin 1.99999999999999999999", "liver", 0),
        ("--age 15 --weight-kg 45", "scale", "child"),
    ],
)
def test_an_option_shows_in_the_answer(more: str, key: str, value: object) -> None:
    assert printed(f"{FULL} {more}")[key] == value


def test_a_missing_organ_leaves_at_least() -> None:
    answer = printed("--bsa 10 --gross-blood")
    assert (answer["grade"], answer["at_least"]) == (None, "IV")


def test_a_minor_without_a_weight_is_told_of_on_the_side() -> None:
    result = CliRunner().invoke(grade, ["--age", "15", "--episodes", "3"])
    assert json.loads(result.stdout)["lower_gi"] == 1
    assert "both scales" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        "--bsa -1",
        "--bsa 100.01",
        "--bsa nan",
        "--bsa inf",
        "--bsa ten",
        "--bsa 1_0",
        "--bsa １０",
        "--age -1",
        "--age 150",
        "--age 34.5",
        "--weight-kg 0",
        "--weight-kg 1e99",
        "--bilirubin -Infinity",
        "--bilirubin 2 --bilirubin-unit g/L",
        "--desquamation 101",
        "--stool-ml 1,5",
        "--stool-ml -0.001",
        "--episodes -1",
        "--episodes 1.5",
        "--mystery 1",
    ],
)
def test_a_wrong_value_ends_with_2_and_a_message(options: str) -> None:
    result = CliRunner().invoke(grade, options.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert options.split()[-2] in result.stderr or "'" in result.stderr
