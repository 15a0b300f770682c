"""The card as a PDF."""

import re

import pytest

from portal.adapters.card_pdf import CardBlock, _lines, _runs, _width, draw_card

BLOCKS = (
    CardBlock("随访平台", ("请用手机扫描图片。" * 6, "病房电话 +86 21 5550 0100")),
    CardBlock("Follow-up portal", ("Scan it.",)),
)


def pdf() -> bytes:
    return draw_card(address="https://portal.example/activate?code=7K3QFW2M9D", code="7K3QF-W2M9D", blocks=BLOCKS)


def test_it_is_one_page_of_a6() -> None:
    made = pdf()
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", made)
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") == 1
    assert box is not None
    assert [round(float(side) / 72 * 25.4) for side in box.groups()] == [105, 148]


def faces(words: str) -> set[bytes]:
    """The fonts that a page with these words in its one block uses, but for the code's."""
    made = draw_card(address="https://portal.example", code="7K3QF-W2M9D", blocks=(CardBlock(words, ()),))
    return set(re.findall(rb"/BaseFont /(STSong-Light|Helvetica)\b", made))


def test_han_characters_have_a_face_of_their_own() -> None:
    assert b"STSong-Light" in faces("病房电话")


def test_letters_and_digits_need_no_chinese_face() -> None:
    drawn = list(_runs("病房电话 +86 21 5550 0100"))
    assert drawn == [("STSong-Light", "病房电话"), ("Helvetica", " +86 21 5550 0100")]


@pytest.mark.parametrize("words", ["请用手机扫描图片。" * 6, "Scan the picture with your phone. " * 4, "短"])
def test_a_long_line_is_broken_within_the_page_and_nothing_is_lost(words: str) -> None:
    pdf()
    lines = list(_lines(words, 8.5, 200))
    assert "".join(lines) == words
    assert max(_width(line.rstrip(), 8.5) for line in lines) <= 200
    assert not any(line.startswith("。") for line in lines)


def test_the_same_card_is_the_same_file() -> None:
    assert pdf() == pdf()
