"""Names that tables, columns and actions had in earlier releases: audit log rows are never rewritten, only read."""

from typing import Final

TABLES: Final = {"remark": "data_query", "query": "diary_question"}
COLUMNS: Final = {
    ("account", "texts_on"): "reminders_on",
    ("account", "texts_set_at"): "reminders_set_at",
    ("account", "texts_set_by"): "reminders_set_by",
    ("diary", "texts"): "free_text",
    ("message", "occurrence"): "dedupe_key",
    ("task", "occurrence"): "dedupe_key",
}
ACTIONS: Final = {"remark": "data-query", "query": "diary-question"}


def current_table(table: str) -> str:
    """The name of today for a table that an audit log row names."""
    return TABLES.get(table, table)


def recorded_tables(table: str) -> tuple[str, ...]:
    """Every name under which the audit log holds changes of a table, the one of today first."""
    return table, *(old for old, new in TABLES.items() if new == table)


def current_field(table: str, field: str) -> str:
    """The name of today for a field as it was recorded: a column, with ``.linkId`` behind it where it was spread."""
    column, dot, rest = field.partition(".")
    return f"{COLUMNS.get((table, column), column)}{dot}{rest}"


def current_action(action: str) -> str:
    """The code of today for an action: ``remark:ask`` is ``data-query:ask``."""
    subject, colon, verb = action.partition(":")
    return f"{ACTIONS.get(subject, subject)}{colon}{verb}"


def recorded_actions(beginning: str) -> tuple[str, ...]:
    """What the code of an event may begin with, so that a search by today's code finds the earlier ones too."""
    longer = (old + beginning[len(new) :] for old, new in ACTIONS.items() if beginning.startswith(new))
    shorter = (old for old, new in ACTIONS.items() if new.startswith(beginning))
    return beginning, *{*longer, *shorter}
