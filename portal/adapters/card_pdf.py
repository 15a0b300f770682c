"""The access card as a PDF of one A6 page. Han in the reader's own Song face (Adobe-GB1): no font is shipped.

Letters and digits are set in Helvetica, which every reader has: the code and the ward's number must not depend on a
Chinese face that a reader replaces.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any, Final

import segno
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

A6: Final = (105 * mm, 148 * mm)
HAN: Final = "STSong-Light"
LATIN: Final = "Helvetica"
# A Latin word with the space behind it, or one Han character with the marks that may not begin a line.
PIECE: Final = re.compile(r"[\x00-\x7f]+?(?:\s+|(?=[^\x00-\x7f])|$)|[^\x00-\x7f][，。、：；！？）]*")
MARGIN: Final = 8 * mm


@dataclass(frozen=True, slots=True)
class CardBlock:
    """One language's words: a heading and lines."""

    title: str
    lines: tuple[str, ...]


def draw_card(*, address: str, code: str, blocks: Sequence[CardBlock]) -> bytes:
    """Render the card. ``address`` becomes the QR code; ``code`` is printed beneath it in large letters."""
    pdfmetrics.registerFont(UnicodeCIDFont(HAN))
    out = BytesIO()
    canvas = Canvas(out, pagesize=A6, invariant=1)
    canvas.setTitle(blocks[0].title)
    top = _picture(canvas, address, 42 * mm)
    canvas.setFont("Courier-Bold", 16)
    canvas.drawCentredString(A6[0] / 2, top - 6 * mm, code)
    top -= 13 * mm
    for block in blocks:
        top = _block(canvas, block, top) - 2 * mm
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _picture(canvas: Any, address: str, size: float) -> float:
    """Dark squares at the top, in the middle; returns where the picture ends."""
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=2)]
    dot = size / len(rows)
    left, top = (A6[0] - size) / 2, A6[1] - MARGIN / 2
    for down, row in enumerate(rows):
        for along, dark in enumerate(row):
            if dark:
                canvas.rect(left + along * dot, top - (down + 1) * dot, dot, dot, stroke=0, fill=1)
    return float(top - size)


def _block(canvas: Any, block: CardBlock, top: float) -> float:
    for words, size in ((block.title, 11), *((line, 8.5) for line in block.lines)):
        for line in _lines(words, size, A6[0] - 2 * MARGIN):
            _set(canvas, line, size, top)
            top -= size * 1.35
    return top


def _lines(words: str, size: float, width: float) -> Iterator[str]:
    line = ""
    for piece in PIECE.findall(words):
        if line and _width(line + piece.rstrip(), size) > width:
            yield line
            line = ""
        line += piece
    yield line


def _set(canvas: Any, line: str, size: float, top: float) -> None:
    left = MARGIN
    for face, part in _runs(line):
        canvas.setFont(face, size)
        canvas.drawString(left, top, part)
        left += pdfmetrics.stringWidth(part, face, size)


def _width(words: str, size: float) -> float:
    return float(sum(pdfmetrics.stringWidth(part, face, size) for face, part in _runs(words)))


def _runs(words: str) -> Iterator[tuple[str, str]]:
    """Face and text, in order."""
    for is_latin, letters in groupby(words, str.isascii):
        yield LATIN if is_latin else HAN, "".join(letters)
