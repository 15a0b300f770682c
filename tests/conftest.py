"""Both databases, always: every test that asks for ``database_url`` runs on SQLite and on PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings

from config import Config
from tests.support.keys import KEYS
from tests.support.scratch import scratch_folder
from tests.support.servers.postgres import copy_database, run_statement, running_postgres
from tests.support.web.compiling import SharedTemplates, share_url_builders

if TYPE_CHECKING:
    from tests.support.messages import TellingSender

SOAK_SECONDS = 3 * 3600
TESTS = Path(__file__).parent
LOOPBACK = pytest.mark.allow_hosts(["127.0.0.1"])  # all other tests may open no socket but a Unix domain one
WITH_SERVERS = (TESTS / "browser", TESTS / "jobs", TESTS / "deploy")
MEASURED = (TESTS / "domain", TESTS / "services")
ON_SQLITE = (TESTS / "web", TESTS / "browser", TESTS / "architecture")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs one database only is taken off the other; only what talks to a server may; long drills take long."""
    items[:] = [item for item in items if not _is_spare(item)]
    for item in items:
        if _is_on_postgres(item) or any(folder in item.path.parents for folder in WITH_SERVERS):
            item.add_marker(LOOPBACK)
        elif any(folder in item.path.parents for folder in MEASURED):
            item.add_marker(pytest.mark.measured)
        if item.get_closest_marker("soak") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SOAK_SECONDS))


def _is_spare(item: pytest.Item) -> bool:
    asked = getattr(item, "fixturenames", ())
    is_on_sqlite = "only_sqlite" in asked or any(folder in item.path.parents for folder in ON_SQLITE)
    return _is_on_postgres(item) and is_on_sqlite and "both_databases" not in asked


def _is_on_postgres(item: pytest.Item) -> bool:
    return "postgresql" in getattr(getattr(item, "callspec", None), "params", {}).values()


@pytest.fixture
def only_sqlite() -> None:
    """For tests outside the folders of ``ON_SQLITE`` of what does not depend on the database."""


@pytest.fixture
def both_databases() -> None:
    """For those pages that must be seen on PostgreSQL as well: the services below are tested on both anyway."""


@pytest.fixture(scope="session", autouse=True)
def url_builders() -> Iterator[None]:
    """Applications share what Werkzeug compiles for their routes."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        share_url_builders(monkeypatch)
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL with one template database, ``portal_template``, at the newest migration."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        name = f"portal_template_{uuid.uuid4().hex[:8]}"
        run_statement(url, f"CREATE DATABASE {name}")
        _migrate(f"{url.rsplit('/', 1)[0]}/{name}")
        yield f"{url.rsplit('/', 1)[0]}/{name}"
        run_statement(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def administrator(postgres: str) -> Iterator[psycopg.Connection]:
    """One connection for making and dropping the databases of all tests."""
    with psycopg.connect(f"{postgres.rsplit('/', 1)[0]}/postgres", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, migrated and empty."""
    if request.param == "sqlite":
        path = tmp_path / "portal.sqlite3"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres").rsplit("/", 1)
    administrator = request.getfixturevalue("administrator")
    copy = f"portal_{uuid.uuid4().hex[:12]}"
    copy_database(administrator, template, copy)
    yield f"{server}/{copy}"
    administrator.execute(f"DROP DATABASE {copy} WITH (FORCE)")


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database beside the first, of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    server, name = database_url.rsplit("/", 1)[0], f"restored_{uuid.uuid4().hex[:8]}"
    run_statement(f"{server}/postgres", f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    run_statement(f"{server}/postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """PINs and passwords are hashed by argon2id at its least cost; ``adapters/test_secrets.py`` holds the real one."""
    monkeypatch.setattr("portal.adapters.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def config(database_url: str, tmp_path: Path, quick_hashes: None) -> Config:
    return Config(
        env="demo",
        database_url=database_url,
        secret_key="s" * 40,
        field_keys=(KEYS[0],),
        blind_index_key=KEYS[1],
        audit_signing_key=KEYS[2],
        public_url="http://127.0.0.1:8000",
        trusted_proxies=0,
        files_dir=tmp_path / "files",
        instance_dir=tmp_path / "instance",
        redis_url=None,
        smtp_url=None,
        metrics_token=None,
        sms_provider="console",
        twilio=None,
        testing=True,
    )


@pytest.fixture
def core(config: Config) -> Iterator[Flask]:
    """The fuse box alone, for services: a database and a cipher, no pages."""
    from portal import configure
    from portal.adapters.encryption import Vault
    from portal.extensions import db, init_database
    from portal.models import inject_cipher

    app = Flask("core")
    configure(app, config)
    inject_cipher(Vault(config.field_keys, config.blind_index_key))
    init_database(app)
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    import portal
    from portal.extensions import db

    app = portal.create_app(config)
    app.jinja_env.bytecode_cache = SharedTemplates()
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> "TellingSender":
    """The sender of texts, which remembers each text and answers what a test says."""
    from portal.adapters import sms
    from tests.support.messages import TellingSender

    telling = TellingSender()
    monkeypatch.setitem(sms._senders, "sender", telling)
    return telling


def _migrate(url: str) -> None:
    from portal.adapters import database
    from portal.models import Base

    database.upgrade_database(url)
    assert Base.metadata.tables


settings.register_profile("portal", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("portal")
os.environ.pop("FLASK_RUN_FROM_CLI", None)
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch_folder()))
