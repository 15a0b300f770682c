"""The schema: migrations up and down, from anywhere. Alembic is loaded when it is asked: web and jobs never do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
UNDEFINED_TABLE = "42P01"


def _settings(connection: Connection) -> "Config":
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def upgrade_database(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to a revision; a database already there is left alone."""
    from alembic import command

    _with_connection(url, lambda settings: command.upgrade(settings, revision))


def downgrade_database(url: str, revision: str) -> None:
    from alembic import command

    _with_connection(url, lambda settings: command.downgrade(settings, revision))


def describe_error(error: BaseException) -> str:
    """What is wrong with the database in words for a terminal; nothing where the fault lies elsewhere."""
    if not isinstance(error, DBAPIError):
        return ""
    if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE or "no such table" in str(error.orig):
        return "The database has not been migrated: flask --app app database upgrade"
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) is None:
        return f"The database cannot be used: {error.orig}"
    return ""


def _with_connection(url: str, run) -> None:  # type: ignore[no-untyped-def]
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        run(_settings(connection))
    engine.dispose()
