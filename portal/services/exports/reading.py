"""One participant's records as of the cut-off, with the history of each.

Rows are read first and the audit log after them: whatever is committed in between is younger than the cut-off, and
the audit log reverts it. Memory holds one participant at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Numeric, Table, select
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

from portal.domain.eligibility import age_on
from portal.domain.exports import ArmDisplay, ExportDomain, ExportOrder
from portal.models import Base
from portal.models.base import UtcDateTime, get_cipher
from portal.models.people import Participant
from portal.services.exports.audit import AuditEntry, list_audit_entries
from portal.services.exports.dictionary import infusion_link_ids, load_domains

Record = dict[str, Any]
PARTICIPANT: Final = "participant"


@dataclass(frozen=True, slots=True)
class RowVersion:
    """A change of a row: its values after it."""

    entry: AuditEntry
    values: Record


@dataclass(frozen=True, slots=True)
class ExportRow:
    """``values`` at the cut-off, ``first`` as first stored, ``made`` by whom (None: not in the audit log)."""

    domain: ExportDomain
    key: str
    values: Record
    first: Record
    made: AuditEntry | None
    steps: tuple[RowVersion, ...]


@dataclass(frozen=True, slots=True)
class ExportSubject:
    study_number: str
    site: str
    rows: tuple[ExportRow, ...]
    trail: tuple[AuditEntry, ...]

    def of(self, name: str) -> tuple[ExportRow, ...]:
        return tuple(row for row in self.rows if row.domain.name == name)


def read_subjects(session: Session, order: ExportOrder, *, study_number: str | None = None) -> Iterator[ExportSubject]:
    """Everybody of the sites who was registered by the cut-off, in the order of the study numbers."""
    statement = select(Participant.id).where(Participant.site.in_(order.sites)).order_by(Participant.study_number)
    if study_number is not None:
        statement = statement.where(Participant.study_number == study_number)
    for participant_id in session.scalars(statement).all():
        subject = _subject(session, participant_id, order)
        if subject is not None:
            yield subject


def _subject(session: Session, participant_id: int, order: ExportOrder) -> ExportSubject | None:
    wanted = order.of(load_domains())
    stored = {domain.name: _rows(session, domain, participant_id) for domain in wanted}
    keys = {domain.table: [row["key"] for row in stored[domain.name]] for domain in wanted if stored[domain.name]}
    trail = list_audit_entries(session, participant_id=participant_id, rows=keys)
    history = _by_row(trail)
    read = [
        row
        for domain in wanted
        for values in stored[domain.name]
        if (row := _as_of(domain, values, history.get((domain.table, values["key"]), ()), order.cut_off_at))
    ]
    person = next((row for row in read if row.domain.name == PARTICIPANT), None)
    if person is None:
        return None
    _complete(read, order)
    shown = tuple(row for row in read if not order.blind or row.domain.shows(row.values))
    return ExportSubject(
        study_number=person.values["study_number"],
        site=person.values["site"],
        rows=shown,
        trail=tuple(entry for entry in trail if entry.at <= order.cut_off_at),
    )


def _rows(session: Session, domain: ExportDomain, participant_id: int) -> list[Record]:
    table = Base.metadata.tables[domain.table]
    owner = table.c.id if domain.name == PARTICIPANT else table.c.participant_id
    found = session.execute(select(*_columns(domain, table)).where(owner == participant_id).order_by(table.c.id))
    return [{**row, "key": str(row["id"])} for row in found.mappings()]


def _columns(domain: ExportDomain, table: Table) -> Sequence[Any]:
    """Only what the export holds or needs: what it does not hold is not decrypted either."""
    names = {"id", *domain.since, *(domain.blind or {}), *(domain.clip or {})}
    names |= {name for fields in (domain.clip or {}).values() for name in fields}
    names |= {column.source[0] for column in domain.columns}
    names |= {"study_number", "born_on", "enrolled_on", "arm"} if domain.name == PARTICIPANT else set()
    names |= {"questionnaire", "answers"} if domain.name == "diary" else set()
    names |= {"episode_id"} if "episode_id" in table.c else set()
    return [column for column in table.c if column.name in names]


def _by_row(trail: Sequence[AuditEntry]) -> Mapping[tuple[str, str], list[AuditEntry]]:
    history: dict[tuple[str, str], list[AuditEntry]] = {}
    for entry in trail:
        if entry.change is not None:
            history.setdefault((entry.change.entity, entry.change.entity_id), []).append(entry)
    return history


def _as_of(
    domain: ExportDomain, stored: Record, history: Sequence[AuditEntry], cut_off_at: datetime
) -> ExportRow | None:
    """The row taken back to the cut-off, change by change; None when it did not exist yet."""
    began = next((stored[name] for name in domain.since if stored.get(name) is not None), None)
    made = next((entry for entry in history if entry.change and entry.change.verb == "insert"), None)
    if (domain.since and began is None) or (began or cut_off_at) > cut_off_at or (made and made.at > cut_off_at):
        return None
    table = Base.metadata.tables[domain.table]
    changes = [entry for entry in history if entry.change and entry.change.verb == "update"]
    values = _undone(stored, [entry for entry in changes if entry.at > cut_off_at], table)
    _clip(domain, values, cut_off_at)
    steps, after = [], values
    for entry in reversed([entry for entry in changes if entry.at <= cut_off_at]):
        steps.append(RowVersion(entry, after))
        after = _undone(after, [entry], table)
    return ExportRow(domain, stored["key"], values, after, made, tuple(reversed(steps)))


def _undone(values: Record, changes: Sequence[AuditEntry], table: Table) -> Record:
    before = deepcopy(values)
    for entry in reversed(changes):
        for field, (old, _) in entry.change.fields.items() if entry.change else ():
            name, _, part = field.partition(".")
            if name in before and part:
                _put(before, name, part, old)
            elif name in before:
                before[name] = _typed(table.c[name].type, old)
    return before


def _put(values: Record, name: str, part: str, old: Any) -> None:
    inner = dict(values[name] or {})
    inner.pop(part, None)
    values[name] = inner | ({} if old is None else {part: old})


def _typed(kind: Any, value: Any) -> Any:
    """A value of the trail, which is JSON, as the column has it."""
    if not isinstance(value, str):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(kind, Numeric) else value


def _clip(domain: ExportDomain, values: Record, cut_off_at: datetime) -> None:
    for instant, fields in (domain.clip or {}).items():
        if values[instant] is None or values[instant] > cut_off_at:
            values.update(dict.fromkeys((instant, *fields)))


def _complete(rows: Sequence[ExportRow], order: ExportOrder) -> None:
    """What stands in no column: the age, the arm as the option says, an episode's organ at its steps."""
    organs = {row.key: row.values["organ"] for row in rows if row.domain.name == "episode"}
    silent = infusion_link_ids() if order.blind else frozenset()
    for row in rows:
        for values in _each_once(row):
            if row.domain.name == PARTICIPANT:
                values["age_at_enrolment"] = age_on(date.fromisoformat(values["born_on"]), values["enrolled_on"])
                values["arm"] = arm_label(values["arm"], order.arms)
            if "organ" not in values and "episode_id" in values:
                values["organ"] = organs.get(str(values["episode_id"]))
            if row.domain.name == "diary":
                values["skipped"] = [link_id for link_id in values["skipped"] if link_id not in silent]


def _each_once(row: ExportRow) -> Iterator[Record]:
    """The values at every moment; a row that never changed holds one record under two names."""
    yield from {id(one): one for one in (row.values, row.first, *(step.values for step in row.steps))}.values()


def arm_label(arm: str | None, arms: ArmDisplay) -> str | None:
    """The arm, its code letter, or nothing. The letters are the same in every export of one portal."""
    if arm is None or arms is ArmDisplay.SHOWN:
        return arm
    if arms is ArmDisplay.HIDDEN:
        return None
    letters = sorted(("imsc", "control"), key=lambda one: get_cipher().blind_index("arm-letter", one))
    return "AB"[letters.index(arm)]
