"""The card as a PDF."""

import re

from portal.adapters.card_pdf import Block, draw

BLOCKS = (
    Block("随访平台", ("请用手机扫描图片。" * 6, "病房电话 +86 21 5550 0100")),
    Block("Follow-up portal", ("Scan it.",)),
)


def pdf() -> bytes:
    return draw(address="https://portal.example/activate?code=7K3QFW2M9D", code="7K3QF-W2M9D", blocks=BLOCKS)


def test_it_is_one_page_of_a6() -> None:
    made = pdf()
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", made)
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") == 1
    assert box is not None
    assert [round(float(side) / 72 * 25.4) for side in box.groups()] == [105, 148]


def test_han_characters_have_a_face_of_their_own() -> None:
    assert b"/STSong-Light" in pdf()


def test_the_same_card_is_the_same_file() -> None:
    assert pdf() == pdf()
