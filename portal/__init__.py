"""The portal, put together. ``create_app`` reads like a table of contents."""

import hashlib
import os
from typing import TYPE_CHECKING

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from config import Config


class Cookies(SecureCookieSessionInterface):
    """Flask signs its sessions by HMAC with SHA-1 when nobody says otherwise."""

    digest_method = staticmethod(hashlib.sha256)


def create_app(config: "Config") -> Flask:
    """Create the application for these settings. Raises ``ProtocolFault`` when the study's own files are wrong.

    Imports are inside, so that the clinical rules can be imported without loading the web application.
    """
    from portal import cli, extensions, protocols, web
    from portal.adapters import encryption, fault_injection, logs, message_templates, sms
    from portal.models import inject_cipher

    app = Flask(__name__, instance_path=str(config.instance_dir.resolve()), static_folder=None)
    app.session_interface = Cookies()
    configure(app, config)
    logs.configure_logging(testing=config.testing)
    fault_injection.arm_faults(config.env, os.environ)
    protocols.run_draft(config.protocol_draft)
    if config.env == "production":
        protocols.check_released()
    inject_cipher(encryption.Vault(config.field_keys, config.blind_index_key))
    message_templates.configure_links(config.public_url)
    sms.configure_senders(config.sms_provider, config.twilio, config.smtp_url)
    extensions.init_database(app)
    extensions.csrf.init_app(app)
    web.init_app(app)
    extensions.limiter.init_app(app)
    cli.init_app(app)
    return app


def configure(app: Flask, config: "Config") -> None:
    app.config.update(
        PORTAL=config,
        TESTING=config.testing,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_ENGINES={"default": {"url": _with_driver(config.database_url), "hide_parameters": True}},
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_PARTS=500,
        SESSION_COOKIE_NAME="__Host-portal" if config.tls else "portal",
        SESSION_COOKIE_SECURE=config.tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guards ask for it, once they know who is there
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=config.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1} if config.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # without Redis each process counts by itself: nobody is shut out
        RATELIMIT_ENABLED=not config.testing,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
