"""What HTTP needs beside pages: headers, compression, static files, health and webhooks."""

from flask import Flask

from portal.web.http import compression, headers, health, static_files, webhooks


def init_app(app: Flask) -> None:
    compression.init_compression(app)
    headers.init_headers(app)
    static_files.init_static(app)
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(health.blueprint)
