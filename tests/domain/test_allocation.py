"""The allocation list as a file: one row a fault, each named by its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import allocation

ARMS = ("control", "imsc")
HEAD = "sequence,stratum,arm\n"
GOOD = HEAD + "1,all,imsc\n2,all,control\n3,all,control\n"


def faults(text: str) -> list[str]:
    return [str(fault) for fault in allocation.parse_allocation_list(text, arms=ARMS)[1]]


def test_a_good_list_is_read_in_its_order() -> None:
    rows, wrong = allocation.parse_allocation_list(GOOD, arms=ARMS)
    assert not wrong
    assert [(row.line, row.sequence, row.stratum, row.arm) for row in rows] == [
        (2, 1, "all", "imsc"),
        (3, 2, "all", "control"),
        (4, 3, "all", "control"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n\n",
        GOOD.replace("1,all,imsc", ' 1 , "all" , imsc '),
        HEAD + "1,A,imsc\n2,B,control\n3,A,imsc\n",
        HEAD + "1,A,imsc\n1,B,control\n2,A,control\n2,B,imsc\n",
    ],
)
def test_what_spreadsheets_do_to_a_file_does_no_harm(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1: The file is empty."]),
        ("\n \n", ["line 1: The file is empty."]),
        (HEAD, ["line 2: There is no row under the first line."]),
        ('sequence,stratum,arm\n1,"' + "x" * 140_000, ["line 1: The file is not a table with commas between."]),
        ("1,all,imsc\n", ["line 1: The first line must be: sequence,stratum,arm"]),
        ("Sequence;Stratum;Arm\n1;all;imsc\n", ["line 1: The first line must be: sequence,stratum,arm"]),
        (HEAD + "1,all\n", ["line 2: A row has three values: sequence, stratum and arm."]),
        (HEAD + "1,all,imsc,x\n", ["line 2: A row has three values: sequence, stratum and arm."]),
        (HEAD + "0,all,imsc\n", ["line 2: The sequence must be a whole number from 1."]),
        (HEAD + "one,all,imsc\n", ["line 2: The sequence must be a whole number from 1."]),
        (HEAD + "1.0,all,imsc\n", ["line 2: The sequence must be a whole number from 1."]),
        (HEAD + "1,,imsc\n", ["line 2: The stratum must have 1 to 40 characters, and no |."]),
        (HEAD + "1,a|b,imsc\n", ["line 2: The stratum must have 1 to 40 characters, and no |."]),
        (HEAD + "1,all,\n", ["line 2: There is no arm."]),
        (HEAD + "1,all,placebo\n", ["line 2: Unknown arm. The arms are: control, imsc."]),
        (HEAD + "1,all,IMSC\n", ["line 2: Unknown arm. The arms are: control, imsc."]),
        (HEAD + "2,all,imsc\n", ["line 2: Sequence 1 was expected here, not 2."]),
        (HEAD + "1,all,imsc\n3,all,imsc\n", ["line 3: Sequence 2 was expected here, not 3."]),
        (HEAD + "1,all,imsc\n1,all,imsc\n", ["line 3: Sequence 1 stands on line 2 already."]),
        (HEAD + "1,A,imsc\n1,B,imsc\n3,B,imsc\n", ["line 4: Sequence 2 was expected here, not 3."]),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, said: list[str]) -> None:
    assert faults(text) == said


def test_every_fault_is_named_and_not_the_first_alone() -> None:
    text = HEAD + "1,all,imsc\nx,,nothing\n2,all,imsc\n2,all,control\n"
    assert [line.split(":")[0] for line in faults(text)] == ["line 3", "line 3", "line 3", "line 5"]


def test_a_list_beyond_measure_is_refused_at_once() -> None:
    text = HEAD + "".join(f"{number},all,imsc\n" for number in range(1, allocation.MOST_ROWS + 2))
    assert faults(text) == ["line 10002: A list holds 10000 rows at most."]


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_file_breaks_the_reader(text: str) -> None:
    rows, wrong = allocation.parse_allocation_list(HEAD + text, arms=ARMS)
    assert rows or wrong


@pytest.mark.parametrize("stratum", ["all", "RJ", "高危"])
def test_the_length_of_a_seal_does_not_tell_the_arm(stratum: str) -> None:
    seals = [allocation.encode_arm(stratum=stratum, sequence=7, arm=arm) for arm in ARMS]
    assert len(seals[0].encode()) == len(seals[1].encode())
    assert [allocation.decode_arm(seal, stratum=stratum, sequence=7) for seal in seals] == list(ARMS)


@pytest.mark.parametrize(("stratum", "sequence"), [("all", 8), ("other", 7)])
def test_a_seal_opens_in_its_own_row_only(stratum: str, sequence: int) -> None:
    with pytest.raises(ValueError, match="another row"):
        allocation.decode_arm("all|7|imsc            ", stratum=stratum, sequence=sequence)


@pytest.mark.parametrize(
    ("strata", "chosen", "drawn"),
    [
        (("all",), None, "all"),
        (("all",), "other", "all"),
        (("RJ", "SH"), None, "RJ"),
        (("RJ", "SH"), "SH", "RJ"),
        (("A", "B"), "B", "B"),
        (("A", "B"), None, None),
        (("A", "B"), "C", None),
        ((), None, None),
    ],
)
def test_which_stratum_somebody_belongs_to(strata: tuple[str, ...], chosen: str | None, drawn: str | None) -> None:
    assert allocation.choose_stratum(strata, site="RJ", chosen=chosen) == drawn
