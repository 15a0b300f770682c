"""Our own scripts, styles and pictures: named by their content, compressed beforehand, kept by browsers for a year."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from portal.web.guards import public_view

FOLDER = Path(__file__).parents[2] / "static"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
FOREVER = "public, max-age=31536000, immutable"

blueprint = Blueprint("static_files", __name__)


@dataclass(frozen=True, slots=True)
class StaticAsset:
    """One file: ``bodies`` maps an encoding (``identity``, ``br``, ``gzip``) to its bytes."""

    name: str
    digest: str
    mimetype: str
    bodies: dict[str, bytes]


def read_assets(folder: Path) -> dict[str, StaticAsset]:
    """Every file below ``folder`` by its relative name, with the compressed versions that lie beside it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in ENCODINGS.values())
    return {asset.name: asset for asset in (_read(folder, path) for path in files)}


def _read(folder: Path, path: Path) -> StaticAsset:
    plain = path.read_bytes()
    beside = {encoding: path.with_name(path.name + suffix) for encoding, suffix in ENCODINGS.items()}
    packed = {encoding: file.read_bytes() for encoding, file in beside.items() if file.exists()}
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return StaticAsset(path.relative_to(folder).as_posix(), digest, mimetype, {"identity": plain, **packed})


def init_static(app: Flask, folder: Path = FOLDER) -> None:
    """Serve ``folder`` and give templates ``asset(name)``. The app itself is made with ``static_folder=None``."""
    app.extensions["static_files"] = read_assets(folder)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = lambda name: asset_url(app, name)


def asset_url(app: Flask, name: str) -> str:
    """The address of ``name``, which changes with its content. An unknown name is a KeyError, not a dead link."""
    asset: StaticAsset = app.extensions["static_files"][name]
    return url_for("static_files.serve_file", digest=asset.digest, name=name)


@blueprint.get("/static/<digest>/<path:name>")
@public_view
def serve_file(digest: str, name: str) -> Response:
    """The file, in the best encoding the browser takes. An address of another version is answered, but not kept."""
    asset: StaticAsset | None = current_app.extensions["static_files"].get(name)
    if asset is None:
        abort(404)
    response = _packed(asset)
    response.headers["Cache-Control"] = FOREVER if digest == asset.digest else "no-cache"
    response.make_conditional(request)
    return response


def _packed(asset: StaticAsset) -> Response:
    encoding = next((one for one in ENCODINGS if one in asset.bodies and request.accept_encodings[one] > 0), "identity")
    response = Response(asset.bodies[encoding], mimetype=asset.mimetype)
    response.set_etag(f"{asset.digest}-{encoding}")
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    return response
