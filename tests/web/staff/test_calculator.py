"""The calculator shows what ``domain.magic`` decides."""

import pytest

from tests.support.web.visitor import Page, Visitor

CALCULATOR = "/staff/calculator"
WELL = {"bsa": "0", "upper_gi": "no", "stool_ml": "0", "bilirubin": "10"}


def shown(visitor: Visitor, **typed: str) -> Page:
    return Page(visitor.submit(CALCULATOR, **typed).text)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (WELL, "Grade 0"),
        ({**WELL, "bsa": "60"}, "Grade II"),
        ({**WELL, "bsa": "60", "bullae": "y", "desquamation": "6"}, "Grade IV"),
        ({**WELL, "stool_ml": "1000"}, "Grade III"),
        ({**WELL, "bilirubin": "3.1", "bilirubin_unit": "mg/dL"}, "Grade III"),
        ({**WELL, "bilirubin": ""}, "Grade at least 0"),
        ({**WELL, "bilirubin": "51"}, "Liver stage 1near a boundary"),
        ({**WELL, "stool_ml": "", "episodes": "5"}, "Loose stool, total1000 mL"),
        ({**WELL, "age": "16", "weight_kg": "30", "stool_ml": "", "episodes": "5"}, "Scalechild scale"),
        ({**WELL, "age": "16", "episodes": "5"}, "both scales were computed"),
    ],
)
def test_findings_give_the_stages_and_the_grade(coordinator: Visitor, typed: dict[str, str], words: str) -> None:
    assert shown(coordinator, **typed).says(words)


def test_what_was_typed_stays_and_an_impossible_number_is_named(coordinator: Visitor) -> None:
    answer = coordinator.submit(CALCULATOR, bsa="101", stool_ml="many")
    assert answer.status_code == 422
    page = Page(coordinator.submit(CALCULATOR, bsa="101", stool_ml="0").text)
    assert page.says("Enter a number from 0 to 100.")
    assert 'value="101"' in coordinator.submit(CALCULATOR, bsa="101").text
