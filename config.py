"""Settings, from the environment alone. ``load`` names every missing or wrong key at once."""

import base64
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from portal.adapters.encryption import KEY_BYTES, parse_key

ROOT = Path(__file__).resolve().parent
DEMO_MARK = b"demo-key"
DEMO_SECRET_MARK = "demo-secret-"  # noqa: S105 - a mark that production refuses, not a secret
COMPILE = ".venv/bin/pybabel compile -d portal/translations"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(ValueError):
    """``faults`` names each missing or wrong key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Twilio:
    account_sid: str
    auth_token: str
    sender: str
    messaging_service_sid: str
    api_base_url: str | None


@dataclass(frozen=True, slots=True)
class Config:
    """What a process needs to know. ``public_url`` has no trailing slash."""

    env: Literal["demo", "production"]
    database_url: str
    secret_key: str
    field_keys: tuple[str, ...]
    blind_index_key: str
    audit_signing_key: str
    public_url: str
    trusted_proxies: int
    files_dir: Path
    instance_dir: Path
    redis_url: str | None
    smtp_url: str | None
    metrics_token: str | None
    sms_provider: Literal["console", "twilio"]
    twilio: Twilio | None
    protocol_draft: str | None = None
    testing: bool = False

    @property
    def tls(self) -> bool:
        return self.public_url.startswith("https://")


def load(
    environ: Mapping[str, str] | None = None,
    *,
    instance_dir: Path = ROOT / "instance",
    translations: Path = ROOT / "portal" / "translations",
) -> Config:
    """Read the settings, or raise ``ConfigError`` with every fault: in production also what the installation lacks."""
    given = {key: value.strip() for key, value in (os.environ if environ is None else environ).items()}
    env = given.get("APP_ENV") or "demo"
    if env not in {"demo", "production"}:
        raise ConfigError([f"APP_ENV: {env!r} is neither demo nor production"])
    if env == "demo":
        given = {**_demo_settings(given, instance_dir), **{key: value for key, value in given.items() if value}}
    return _Reader(given, env, instance_dir, translations).config()


class _Reader:
    """Reads key by key and remembers what was wrong."""

    def __init__(self, given: Mapping[str, str], env: str, instance_dir: Path, translations: Path) -> None:
        self.given, self.env, self.instance_dir, self.translations = given, env, instance_dir, translations
        self.faults: list[str] = []

    def config(self) -> Config:
        provider = self._choice("SMS_PROVIDER", ("console", "twilio"), default="console")
        config = Config(
            env="demo" if self.env == "demo" else "production",
            database_url=self._checked("DATABASE_URL", _database_fault),
            secret_key=self._checked("SECRET_KEY", self._secret_fault),
            field_keys=tuple(part.strip() for part in self._checked("FIELD_KEYS", self._keys_fault).split(",")),
            blind_index_key=self._checked("BLIND_INDEX_KEY", self._key_fault),
            audit_signing_key=self._signing_key(),
            public_url=self._checked("PUBLIC_URL", self._public_url_fault).rstrip("/"),
            trusted_proxies=self._number("TRUSTED_PROXIES", 0),
            files_dir=Path(self._checked("FILES_DIR", lambda _: None)),
            instance_dir=self.instance_dir,
            redis_url=self._optional("REDIS_URL", ("redis", "rediss", "unix")),
            smtp_url=self._optional("SMTP_URL", ("smtp", "smtps")),
            metrics_token=self.given.get("METRICS_TOKEN") or None,
            sms_provider="twilio" if provider == "twilio" else "console",
            twilio=self._twilio() if provider == "twilio" else None,
            protocol_draft=self._draft(),
        )
        if self.env == "production":
            self._check_installation()
        if self.faults:
            raise ConfigError(self.faults)
        return config

    def _check_installation(self) -> None:
        """What would be missed only in the night, or only by those who read Chinese."""
        if self.given.get("BACKUP_KEY"):  # asked for when a backup is made; a wrong one would be found out in the night
            self._checked("BACKUP_KEY", self._key_fault)
        stale = [path for path in self.translations.rglob("*.po") if not _compiled(path)]
        if stale:
            self.faults.append(f"translations: run {COMPILE}; not compiled, or older than {stale[0].name}")

    def _checked(self, key: str, fault: Callable[[str], str | None]) -> str:
        value = self.given.get(key, "")
        problem = "missing" if not value else fault(value)
        if problem:
            self.faults.append(f"{key}: {problem}")
        return value

    def _draft(self) -> str | None:
        """The version of a draft of the protocol that a demo runs."""
        version = self.given.get("PROTOCOL_DRAFT") or None
        if version and self.env == "production":
            self.faults.append("PROTOCOL_DRAFT: a draft of the protocol is for demonstration only")
        return version

    def _signing_key(self) -> str:
        """Its own key where there is one, else one made from the key that never changes."""
        if self.given.get("AUDIT_SIGNING_KEY"):
            return self._checked("AUDIT_SIGNING_KEY", self._key_fault)
        made = hmac.digest(self.given.get("BLIND_INDEX_KEY", "").encode(), b"audit-signing-key", "sha256")
        return base64.urlsafe_b64encode(made).decode("ascii")

    def _choice(self, key: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = self.given.get(key) or default
        if value not in allowed:
            self.faults.append(f"{key}: must be one of {', '.join(allowed)}")
        return value

    def _number(self, key: str, default: int) -> int:
        value = self.given.get(key) or str(default)
        if not value.isascii() or not value.isdigit():
            self.faults.append(f"{key}: must be the number of proxies in front, for example 1")
            return default
        return int(value)

    def _optional(self, key: str, schemes: tuple[str, ...]) -> str | None:
        value = self.given.get(key) or None
        if value and urlsplit(value).scheme not in schemes:
            self.faults.append(f"{key}: must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def _secret_fault(self, value: str) -> str | None:
        if self.env == "production" and value.startswith(DEMO_SECRET_MARK):
            return "is a demo key"
        return "must have at least 32 characters" if len(value) < 32 else None

    def _key_fault(self, value: str) -> str | None:
        try:
            key = parse_key(value)
        except ValueError as error:
            return f"must be 32 bytes in URL-safe base64 ({error})"
        return "is a demo key" if self.env == "production" and key.startswith(DEMO_MARK) else None

    def _keys_fault(self, value: str) -> str | None:
        faults = [f"key {place} {fault}" for place, part in enumerate(value.split(","), 1)
                  if (fault := self._key_fault(part.strip()))]  # fmt: skip
        return ", ".join(faults) or None

    def _public_url_fault(self, value: str) -> str | None:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return "must be the portal's own address, for example https://portal.example.org"
        if self.env == "production" and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            return "must be https in production"
        return None

    def _twilio(self) -> Twilio | None:
        sender, service = self.given.get("TWILIO_FROM", ""), self.given.get("TWILIO_MESSAGING_SERVICE_SID", "")
        if bool(sender) == bool(service):
            self.faults.append("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID: exactly one of them is needed")
        base = self._optional("TWILIO_API_BASE_URL", ("http", "https"))
        if self.env == "demo" and (base is None or urlsplit(base).hostname not in LOOPBACK):
            self.faults.append("TWILIO_API_BASE_URL: demo data may only leave to an address on loopback")
        return Twilio(
            account_sid=self._checked("TWILIO_ACCOUNT_SID", lambda _: None),
            auth_token=self._checked("TWILIO_AUTH_TOKEN", lambda _: None),
            sender=sender,
            messaging_service_sid=service,
            api_base_url=base,
        )


def _compiled(catalogue: Path) -> bool:
    made = catalogue.with_suffix(".mo")
    return made.exists() and made.stat().st_mtime >= catalogue.stat().st_mtime


def _database_fault(value: str) -> str | None:
    if value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        return None
    return "must begin with sqlite:/// or postgresql://"


def _demo_settings(given: Mapping[str, str], instance_dir: Path) -> dict[str, str]:
    """Defaults that need nothing. Keys are made once and kept beside the embedded database."""
    port = given.get("PORT") or "8000"
    settings = {
        "DATABASE_URL": f"sqlite:///{instance_dir / 'portal.sqlite3'}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FILES_DIR": str(instance_dir / "files"),
    }
    if not all(given.get(key) for key in ("SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY")):
        settings |= _demo_keys(instance_dir / "demo.env")
    return settings


def _demo_keys(path: Path) -> dict[str, str]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        body = (
            f"SECRET_KEY={DEMO_SECRET_MARK}{secrets.token_urlsafe(32)}\n"
            f"FIELD_KEYS={_demo_key()}\nBLIND_INDEX_KEY={_demo_key()}\n"
        )
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(body)
        draft.chmod(0o600)
        try:
            os.link(draft, path)  # two processes starting at once must agree on one set of keys
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return dict(line.split("=", 1) for line in path.read_text().split())


def _demo_key() -> str:
    key = DEMO_MARK + secrets.token_bytes(KEY_BYTES - len(DEMO_MARK))
    return base64.urlsafe_b64encode(key).decode("ascii")
