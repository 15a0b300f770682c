"""The words of a question stand in its Questionnaire, and nowhere in the pages."""

from pathlib import Path

import pytest

import portal
from portal import questionnaires

HERE = Path(portal.__file__).parent
PAGES = sorted((HERE / "templates").rglob("*.html"))
SCRIPTS = sorted((HERE.parent / "assets/js").glob("*.js"))
ITEMS = [item for item in questionnaires.load_diary(post_infusion=True, weight=True).items if item.kind != "attachment"]


@pytest.mark.parametrize("file", [*PAGES, *SCRIPTS], ids=lambda file: file.name)
def test_no_page_and_no_script_holds_the_words_of_a_question(file: Path) -> None:
    words = " ".join(file.read_text().split())
    assert [item.link_id for item in ITEMS for said in (item.text.en, item.text.zh) if said in words] == []


def test_there_are_questions_to_look_for() -> None:
    assert len(ITEMS) > 20
    assert all(len(item.text.en) > 5 for item in ITEMS)
