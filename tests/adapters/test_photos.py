"""Photographs: whatever comes in, a plain bounded JPEG goes on, or a clear refusal."""

import io
import zlib
from struct import pack

import pytest
from PIL import Image

from portal.adapters import photos


def picture(kind: str = "JPEG", size: tuple[int, int] = (2400, 1200), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode != "P" else 0).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def sent(data: bytes) -> photos.Picture:
    result = photos.reencode_photo(data)
    assert isinstance(result, photos.Picture)
    return result


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(sent(data).jpeg))


def test_a_photograph_is_made_smaller_and_stays_in_shape() -> None:
    result = sent(picture())
    assert (result.width, result.height) == (1600, 800)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"),
                                            ("PNG", "P"), ("WEBP", "RGB")])  # fmt: skip
def test_what_phones_make_becomes_a_jpeg(kind: str, mode: str) -> None:
    made = opened(picture(kind, (64, 32), mode))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (64, 32))


def test_place_device_and_comment_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    made = opened(picture(exif=exif, comment=b"Ward 3"))
    assert not made.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(made.info)


def test_a_photograph_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(picture(size=(60, 30), exif=exif)).size == (30, 60)


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred bytes that claims 900 megapixels."""
    chunks = [
        (b"IHDR", pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 1000)),
        (b"IEND", b""),
    ]
    body = b"".join(pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(("data", "words"), [
    (b"", photos.EMPTY),
    (b"\xff\xd8\xff" + b"0" * photos.BYTES_MAX, photos.TOO_LARGE),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", photos.HEIC),
    (b"%PDF-1.7 not a photograph", photos.NOT_A_PHOTO),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", photos.NOT_A_PHOTO),
    (picture("GIF", (8, 8), "P"), photos.NOT_A_PHOTO),
    (picture()[:900], photos.NOT_A_PHOTO),
    (picture()[:-400], photos.NOT_A_PHOTO),
    (b"PK\x03\x04" + picture(), photos.NOT_A_PHOTO),
    (bomb(), photos.NOT_A_PHOTO),
    (bomb(9_500), photos.TOO_MANY_PIXELS),
    (bomb(5_100), photos.TOO_MANY_PIXELS),
])  # fmt: skip
def test_anything_else_is_refused_in_words(data: bytes, words: str) -> None:
    assert photos.reencode_photo(data) == photos.RejectedPhoto(words)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_hides_behind_a_picture_is_left_behind(kind: str) -> None:
    hidden = b"<html><script>alert(1)</script>"
    assert hidden not in sent(picture(kind) + hidden).jpeg
