"""The allocation list as a file: what a good one is, with every fault of a bad one by its line.

A list is ``sequence,stratum,arm``, one row a participant to come. Sequences run from 1 without a gap: through the whole
file, or anew in each stratum where more than one stratum has a 1.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from portal.domain.msgid import N_

HEADER: Final = ("sequence", "stratum", "arm")
LONGEST_STRATUM: Final = 40
MOST_ROWS: Final = 10_000
ARM_WIDTH: Final = 16


class AllocationListState(StrEnum):
    OPEN = "open"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """One allocation to come; ``line`` is its place in the file, the header being line 1."""

    line: int
    sequence: int
    stratum: str
    arm: str


@dataclass(frozen=True, slots=True)
class AllocationFault:
    """What is wrong on a line: a msgid with its values."""

    line: int
    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"line {self.line}: {self.message % self.values}"


def parse_allocation_list(
    text: str, *, arms: Collection[str]
) -> tuple[tuple[AllocationRow, ...], tuple[AllocationFault, ...]]:
    """The rows that can be read and every fault, by line. A list with a fault is good for nothing."""
    try:
        lines = [(number, cells) for number, cells in _lines(text) if any(cells)]
    except csv.Error:
        return (), (AllocationFault(1, N_("The file is not a table with commas between.")),)
    if not lines:
        return (), (AllocationFault(1, N_("The file is empty.")),)
    (first, header), *body = lines
    if tuple(header) != HEADER:
        return (), (AllocationFault(first, N_("The first line must be: sequence,stratum,arm")),)
    if not body:
        return (), (AllocationFault(first + 1, N_("There is no row under the first line.")),)
    if len(body) > MOST_ROWS:
        return (), (
            AllocationFault(body[MOST_ROWS][0], N_("A list holds %(most)d rows at most."), {"most": MOST_ROWS}),
        )
    faults: list[AllocationFault] = []
    rows = []
    for line, cells in body:
        wrong = list(_cell_faults(line, cells, arms))
        faults += wrong
        if not wrong:
            rows.append(AllocationRow(line, int(cells[0]), cells[1], cells[2]))
    faults += _order_faults(rows, skipped=bool(faults))
    return tuple(rows), tuple(sorted(faults, key=lambda fault: fault.line))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and trimmed cells; a byte-order mark and blank lines do no harm."""
    reader = csv.reader(text.removeprefix("\ufeff").splitlines())
    for cells in reader:
        yield reader.line_num, [cell.strip() for cell in cells]


def _cell_faults(line: int, cells: list[str], arms: Collection[str]) -> Iterator[AllocationFault]:
    if len(cells) != len(HEADER):
        yield AllocationFault(line, N_("A row has three values: sequence, stratum and arm."))
        return
    sequence, stratum, arm = cells
    if not (sequence.isascii() and sequence.isdigit() and int(sequence) >= 1):
        yield AllocationFault(line, N_("The sequence must be a whole number from 1."))
    if not stratum or len(stratum) > LONGEST_STRATUM or "|" in stratum:
        yield AllocationFault(line, N_("The stratum must have 1 to 40 characters, and no |."))
    if not arm:
        yield AllocationFault(line, N_("There is no arm."))
    elif arm not in arms:
        yield AllocationFault(line, N_("Unknown arm. The arms are: %(arms)s."), {"arms": ", ".join(sorted(arms))})


def _order_faults(rows: list[AllocationRow], *, skipped: bool) -> Iterator[AllocationFault]:
    """Duplicate or missing sequence numbers; gaps are not reported when a row was unreadable."""
    ones = Counter(row.stratum for row in rows if row.sequence == 1)
    if len(ones) < 2:
        yield from _gaps_and_twins(rows, skipped=skipped)
        return
    for stratum in dict.fromkeys(row.stratum for row in rows):
        yield from _gaps_and_twins([row for row in rows if row.stratum == stratum], skipped=skipped)


def _gaps_and_twins(rows: Iterable[AllocationRow], *, skipped: bool) -> Iterator[AllocationFault]:
    seen: dict[int, int] = {}
    wanted = 1
    for row in rows:
        if row.sequence in seen:
            values = {"sequence": row.sequence, "line": seen[row.sequence]}
            yield AllocationFault(row.line, N_("Sequence %(sequence)d stands on line %(line)d already."), values)
            continue
        if row.sequence != wanted and not skipped:
            values = {"wanted": wanted, "sequence": row.sequence}
            yield AllocationFault(row.line, N_("Sequence %(wanted)d was expected here, not %(sequence)d."), values)
        seen[row.sequence] = row.line
        wanted = row.sequence + 1


def encode_arm(*, stratum: str, sequence: int, arm: str) -> str:
    """The plaintext to encrypt: bound to its row, and padded so that its length does not reveal the arm."""
    return f"{stratum}|{sequence}|{arm:<{ARM_WIDTH}}"


def decode_arm(words: str, *, stratum: str, sequence: int) -> str:
    """The arm in an opened seal. ``ValueError`` when it was made for another row."""
    told_stratum, told_sequence, arm = words.split("|")
    if (told_stratum, told_sequence) != (stratum, str(sequence)):
        raise ValueError("this seal belongs to another row")
    return arm.rstrip()


def choose_stratum(strata: Collection[str], *, site: str, chosen: str | None = None) -> str | None:
    """The stratum to draw from: the only one, else the one named like the site, else the one that was chosen."""
    if len(strata) == 1:
        return next(iter(strata))
    if site in strata:
        return site
    return chosen if chosen in strata else None
