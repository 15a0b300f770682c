"""Photographs: whatever a phone sends becomes a plain JPEG of bounded size, without a trace of where and with what."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from portal.domain.msgid import N_

BYTES_MAX: Final = 10 * 1024 * 1024
SIDE_MAX: Final = 1600
PIXELS_MAX: Final = 80_000_000  # of a JPEG, which is decoded small at once
PIXELS_MAX_WHOLE: Final = 25_000_000  # of what can only be decoded whole, at four bytes a pixel
QUALITY: Final = 85
FORMATS: Final = ("JPEG", "PNG", "WEBP")
HEIC_BRANDS: Final = frozenset((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif"))

EMPTY = N_("Choose a photograph first.")
TOO_LARGE = N_("This photograph is larger than 10 MB. Please take it with a lower resolution.")
TOO_MANY_PIXELS = N_("This picture has too many pixels. Please take it with a lower resolution.")
HEIC = N_(
    "This phone saved the photograph in the HEIC format, which cannot be opened here. Take it with the button "
    "“Take a photograph”, or choose “Most compatible” in the camera's settings."
)
NOT_A_PHOTO = N_("This file is not a photograph that can be opened here. Choose a JPEG, PNG or WebP picture.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG; ``width`` and ``height`` in pixels, at most ``SIDE_MAX`` each."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RejectedPhoto:
    """Why a file will not do, as a msgid."""

    msgid: str


def reencode_photo(data: bytes) -> Picture | RejectedPhoto:
    """The picture anew, upright, in sRGB, or why not."""
    if not data:
        return RejectedPhoto(EMPTY)
    if len(data) > BYTES_MAX:
        return RejectedPhoto(TOO_LARGE)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return RejectedPhoto(HEIC)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is judged below, before a pixel is read
            return _drawn(data)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return RejectedPhoto(NOT_A_PHOTO)


def _drawn(data: bytes) -> Picture | RejectedPhoto:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > (PIXELS_MAX if opened.format == "JPEG" else PIXELS_MAX_WHOLE):
            return RejectedPhoto(TOO_MANY_PIXELS)
        opened.thumbnail((SIDE_MAX, SIDE_MAX))
        upright = ImageOps.exif_transpose(opened)
        plain = Image.new("RGB", upright.size, "white")
        plain.paste(_in_srgb(upright), mask=upright.getchannel("A") if "A" in upright.getbands() else None)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), plain.width, plain.height)


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The same colours without the profile that a new file will not have: the red of a rash matters."""
    plain = picture.convert("RGB")
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode != "RGB":
        return plain
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB")) or plain
    except (ImageCms.PyCMSError, OSError):
        return plain
