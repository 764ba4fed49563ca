"""Pictures that people send: what is none is refused, what is one is drawn anew and kept once."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from loyalty.common.errors import Invalid
from loyalty.web.photos import FOLDER, MOST_BYTES, keep_photo, kept_before, redraw


def _picture(kind: str, size: tuple[int, int] = (64, 32), **options: object) -> bytes:
    file = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "#147").save(file, kind, **options)
    return file.getvalue()


def _bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 by 60,000."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        _picture("JPEG")[:120],
        _bomb(),
        _picture("GIF"),
        b"\xff" * (MOST_BYTES + 1),
    ],
    ids=["nothing", "pdf", "svg", "cut off", "bomb", "gif", "too large"],
)
def test_what_is_no_picture_names_the_field(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        redraw(raw, field="photos.2")
    assert refused.value.field == "photos.2"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_is_our_own_drawing(kind: str) -> None:
    raw = _picture(kind) + b"<script>alert(1)</script>"
    drawn, width, height = redraw(raw, field="photo")
    assert drawn.startswith(b"\xff\xd8") and b"script" not in drawn
    assert (width, height) == (64, 32)
    with Image.open(BytesIO(drawn)) as again:
        assert (again.format, dict(again.getexif())) == ("JPEG", {})


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    _drawn, width, height = redraw(_picture("JPEG", exif=exif), field="photo")
    assert (width, height) == (32, 64)


def test_the_same_picture_is_kept_once() -> None:
    first = keep_photo(_picture("PNG"), field="photo")
    again = keep_photo(_picture("PNG"), field="photo")
    assert first == again and first.name.startswith(FOLDER)
    assert default_storage.exists(first.name)
    assert first.name in list(kept_before(hours=-1))
    assert first.name not in list(kept_before(hours=1))
