"""The access card as a PDF of one A6 page. Han in the reader's own Song face (Adobe-GB1): no font is shipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import segno
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

A6: Final = (105 * mm, 148 * mm)
FONT: Final = "STSong-Light"
MARGIN: Final = 8 * mm


@dataclass(frozen=True, slots=True)
class Block:
    """One language's words: a heading and lines."""

    title: str
    lines: tuple[str, ...]


def draw(*, address: str, code: str, blocks: Sequence[Block]) -> bytes:
    """``address`` becomes the QR picture; ``code`` stands beneath it in large letters."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
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


def _block(canvas: Any, block: Block, top: float) -> float:
    for words, size in ((block.title, 11), *((line, 8.5) for line in block.lines)):
        canvas.setFont(FONT, size)
        for part in simpleSplit(words, FONT, size, A6[0] - 2 * MARGIN):
            canvas.drawString(MARGIN, top, part)
            top -= size * 1.35
    return top
