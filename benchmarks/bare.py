"""The floor under every figure of ``diary.py``: the same server, one row in, one durable commit, nothing else."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from sqlalchemy import create_engine, event, text


def create_app() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_size=8)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    app = Flask("bare")

    @app.post("/row")
    def row() -> str:
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO bare (words) VALUES (:words)"), {"words": request.get_data(as_text=True)}
            )
        return "ok"

    return app


def _durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
