"""The portal's pages for drills, on the port of PUBLIC_URL. Run as a program."""

import os
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    port = urlsplit(os.environ["PUBLIC_URL"]).port or 0
    make_server("127.0.0.1", port, create_app(), threaded=True, request_handler=Quiet).serve_forever()
