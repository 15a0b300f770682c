"""Both databases, always: every test that asks for ``database_url`` runs on SQLite and on PostgreSQL."""

import base64
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from config import Config
from tests.support.servers.postgres import running_postgres

SOAK_SECONDS = 3 * 3600
KEYS = [base64.urlsafe_b64encode(bytes([byte]) * 32).decode() for byte in (1, 2, 3)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A long drill has its own patience: five minutes are for what hangs in a short test."""
    for item in items:
        if item.get_closest_marker("soak") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SOAK_SECONDS))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL with one template database, ``portal_template``, at the newest migration."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        name = f"portal_template_{uuid.uuid4().hex[:8]}"
        _run(url, f"CREATE DATABASE {name}")
        _migrate(f"{url.rsplit('/', 1)[0]}/{name}")
        yield f"{url.rsplit('/', 1)[0]}/{name}"
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


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
    template = request.getfixturevalue("postgres")
    server, name = template.rsplit("/", 1)
    copy = f"portal_{uuid.uuid4().hex[:12]}"
    _run(f"{server}/postgres", f"CREATE DATABASE {copy} TEMPLATE {name}")
    yield f"{server}/{copy}"
    _run(f"{server}/postgres", f"DROP DATABASE {copy} WITH (FORCE)")


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
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
    from portal.adapters.vault import Vault
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
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()


def _migrate(url: str) -> None:
    from portal.adapters import database
    from portal.models import Base

    database.upgrade(url)
    assert Base.metadata.tables


def _run(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


os.environ.pop("FLASK_RUN_FROM_CLI", None)
