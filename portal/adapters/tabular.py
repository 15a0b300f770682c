"""CSV files that no spreadsheet mistakes for formulas: UTF-8, comma, CRLF (RFC 4180), a mark for Excel where wanted."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from portal.domain.exports import FIRST, ExportDomain, Values

BOM: Final = "\ufeff"
# OWASP: what a spreadsheet may run. A cell that begins so is shown as text by the apostrophe before it.
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
SPOKEN: Final = frozenset(("text", "code", "list", "json"))


def escape_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def unescape_cell(cell: str) -> str:
    """The inverse of ``escape_cell``, for programs that read the files."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell


class CsvTable:
    """One domain's file; ``rows`` counts what was written. Empty is nothing; an empty text is ``""``, as nothing."""

    def __init__(self, path: Path, domain: ExportDomain, *, bom: bool) -> None:
        self.domain, self.rows = domain, 0
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(BOM if bom else "")
        self._csv = csv.writer(self._file)
        self._csv.writerow((*FIRST, *(column.name for column in domain.columns)))

    def add(self, study_number: str, key: str, values: Values) -> None:
        self._csv.writerow((study_number, key, *self._cells(values)))
        self.rows += 1

    def _cells(self, values: Values) -> Sequence[str]:
        cells = ((column.kind, column.cell(values)) for column in self.domain.columns)
        return [escape_cell(cell or "") if kind in SPOKEN else cell or "" for kind, cell in cells]

    def close(self) -> None:
        self._file.close()
