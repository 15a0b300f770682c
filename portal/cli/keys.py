"""``flask --app app keys``: a new key, which keys are in use, and moving everything to the first one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from portal.adapters.encryption import key_id, new_key, parse_key
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.services import keys as service

group = AppGroup("keys", help="The keys of encrypted values: make, count, rotate.")


@group.command("new")
def new() -> None:
    """Print a new key for FIELD_KEYS, BLIND_INDEX_KEY or BACKUP_KEY."""
    click.echo(new_key())


@group.command("status")
def status() -> None:
    """How many values each key of FIELD_KEYS still opens, and which keys may be taken out."""
    click.echo(json.dumps(_status()))


@group.command("rotate")
def rotate() -> None:
    """Give every value the first key of FIELD_KEYS, in small transactions, while the portal runs."""
    identity = key_id(parse_key(current_app.config["PORTAL"].field_keys[0]))
    changed = service.rotate_keys(transaction, actor=SYSTEM, first=identity, now=datetime.now(UTC))
    click.echo(json.dumps({"changed": changed, **_status()}))


def unknown() -> list[str]:
    """The keys that values lie under and FIELD_KEYS does not hold: nobody can read those."""
    return sorted(set(service.count_key_usage(db.session)) - set(_held()))


def _held() -> list[str]:
    return [key_id(parse_key(key)).hex() for key in current_app.config["PORTAL"].field_keys]


def _status() -> Mapping[str, object]:
    used, ids = service.count_key_usage(db.session), _held()
    db.session.rollback()
    return {
        "keys": [{"place": place, "id": one, "values": sum(used.get(one, {}).values()), "in": used.get(one, {})}
                 for place, one in enumerate(ids, 1)],
        "may_be_removed": [place for place, one in enumerate(ids, 1) if place > 1 and one not in used],
        "unknown": sorted(set(used) - set(ids)),
    }  # fmt: skip
