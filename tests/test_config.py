import base64
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from config import ConfigError, load

PRODUCTION = {
    "APP_ENV": "production",
    "DATABASE_URL": "postgresql://portal@db/portal",
    "SECRET_KEY": "x" * 40,
    "FIELD_KEYS": base64.urlsafe_b64encode(b"f" * 32).decode(),
    "BLIND_INDEX_KEY": base64.urlsafe_b64encode(b"b" * 32).decode(),
    "PUBLIC_URL": "https://portal.example.org/",
    "FILES_DIR": "/srv/files",
}


def faults(tmp_path: Path, **changes: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load({**PRODUCTION, **changes}, instance_dir=tmp_path)
    return caught.value.faults


def test_production_settings_are_read(tmp_path: Path) -> None:
    config = load(PRODUCTION, instance_dir=tmp_path)
    assert (config.env, config.public_url, config.tls) == ("production", "https://portal.example.org", True)


def test_every_missing_key_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"APP_ENV": "production"}, instance_dir=tmp_path)
    named = {fault.split(":")[0] for fault in caught.value.faults}
    assert named == set(PRODUCTION) - {"APP_ENV"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("SECRET_KEY", "short"),
        ("FIELD_KEYS", "not-a-key"),
        ("FIELD_KEYS", f"{PRODUCTION['FIELD_KEYS']},oops"),
        ("BLIND_INDEX_KEY", base64.urlsafe_b64encode(b"short").decode()),
        ("BACKUP_KEY", "not-a-key"),
        ("PUBLIC_URL", "http://portal.example.org"),
        ("PUBLIC_URL", "portal"),
        ("TRUSTED_PROXIES", "-1"),
        ("REDIS_URL", "http://redis"),
        ("SMTP_URL", "mail"),
        ("SMS_PROVIDER", "pigeon"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, key: str, value: str) -> None:
    assert [fault.split(":")[0] for fault in faults(tmp_path, **{key: value})] == [key]


@pytest.mark.parametrize(("made", "speaks"), [(None, False), (-60, False), (60, True)])
def test_production_refuses_to_start_with_half_its_languages(tmp_path: Path, made: int | None, speaks: bool) -> None:
    folder = tmp_path / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    written = folder / "messages.po"
    written.touch()
    if made is not None:
        compiled = folder / "messages.mo"
        compiled.touch()
        os.utime(compiled, (written.stat().st_mtime + made,) * 2)
    with nullcontext() if speaks else pytest.raises(ConfigError, match="pybabel compile"):
        load(PRODUCTION, instance_dir=tmp_path, translations=tmp_path)


def test_twilio_needs_its_keys_and_one_sender(tmp_path: Path) -> None:
    named = {fault.split(":")[0] for fault in faults(tmp_path, SMS_PROVIDER="twilio")}
    assert named == {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID"}


def test_the_demo_needs_nothing_and_keeps_its_keys(tmp_path: Path) -> None:
    first, second = load({}, instance_dir=tmp_path), load({}, instance_dir=tmp_path)
    assert first == second
    assert first.env == "demo"


def test_production_refuses_the_demo_keys(tmp_path: Path) -> None:
    demo = load({}, instance_dir=tmp_path)
    wrong = faults(
        tmp_path,
        SECRET_KEY=demo.secret_key,
        FIELD_KEYS=",".join(demo.field_keys),
        BLIND_INDEX_KEY=demo.blind_index_key,
        AUDIT_SIGNING_KEY=demo.blind_index_key,
    )
    assert [fault.split(":")[0] for fault in wrong] == [
        "SECRET_KEY",
        "FIELD_KEYS",
        "BLIND_INDEX_KEY",
        "AUDIT_SIGNING_KEY",
    ]


def test_demo_texts_may_only_leave_to_loopback(tmp_path: Path) -> None:
    sender = {"SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+1"}
    with pytest.raises(ConfigError, match="loopback"):
        load({**sender, "TWILIO_API_BASE_URL": "https://api.twilio.com"}, instance_dir=tmp_path)
    assert load({**sender, "TWILIO_API_BASE_URL": "http://127.0.0.1:9"}, instance_dir=tmp_path).twilio


def test_anchors_are_signed_with_a_key_of_their_own_or_one_that_stays_the_same(tmp_path: Path) -> None:
    own = base64.urlsafe_b64encode(b"a" * 32).decode()
    made = load(PRODUCTION, instance_dir=tmp_path).audit_signing_key
    assert load(PRODUCTION | {"AUDIT_SIGNING_KEY": own}, instance_dir=tmp_path).audit_signing_key == own
    assert load(PRODUCTION | {"SECRET_KEY": "y" * 40}, instance_dir=tmp_path).audit_signing_key == made
    assert made not in PRODUCTION.values()


def test_a_draft_of_the_protocol_is_for_a_demo_and_refused_in_production(tmp_path: Path) -> None:
    demo = load({"APP_ENV": "demo", "PROTOCOL_DRAFT": "2.0"}, instance_dir=tmp_path)
    assert demo.protocol_draft == "2.0"
    assert load(PRODUCTION, instance_dir=tmp_path).protocol_draft is None
    assert any(one.startswith("PROTOCOL_DRAFT: ") for one in faults(tmp_path, PROTOCOL_DRAFT="2.0"))
