"""Small pictures drawn on the server as inline SVG, and photos from outside made safe.

SVG here uses presentation attributes only (never `style`), so it passes a strict
Content-Security-Policy. Colours come from the style sheet.
"""

from __future__ import annotations

import warnings
from io import BytesIO

import segno
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont, ImageOps

from loyalty.common.errors import Invalid

MOST_PHOTO_BYTES = 12 * 1024 * 1024
# More than any phone takes; a tiny file may claim to be a million times as large.
MOST_PHOTO_PIXELS = 60_000_000
_PHOTO_FORMATS = ("JPEG", "PNG", "WEBP")
_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_PAD = 120, 32, 3


def qr_svg(data: str, *, label: str = "") -> SafeString:
    """A QR code of `data` that scales to its box; always dark on white, so that it scans."""
    code = segno.make(data, error="m", micro=False)
    side, _height = code.symbol_size(border=2)
    runs = [
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(code.matrix_iter(border=2))
        for x, dark in enumerate(row)
        if dark
    ]
    return format_html(
        '<svg class="than-qr" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"></rect>'
        '<path d="{}" fill="#0d1210"></path></svg>',
        side,
        side,
        label,
        "".join(runs),
    )


def icon_png(letter: str, *, colour: str, size: int) -> bytes:
    """A square icon for a phone's home screen: one white letter on the programme's colour."""
    image = Image.new("RGB", (size, size), colour)
    font = ImageFont.load_default(size=size * 0.52)
    ImageDraw.Draw(image).text((size / 2, size / 2), letter, fill="#fff", font=font, anchor="mm")
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def photo_jpeg(data: bytes, *, side: int, field: str = "photo") -> bytes:
    """A photo somebody sent, decoded and written anew as JPEG, at most ``side`` pixels long.

    Nothing of the file itself is kept: no place, no camera, nothing behind the picture. It stands
    upright as the camera meant it. Raises ``Invalid`` (``picture_too_large``, ``not_a_picture``).
    """
    if len(data) > MOST_PHOTO_BYTES:
        text = _("Choose a picture of at most %(most)s MB.")
        most = MOST_PHOTO_BYTES // 1024 // 1024
        raise Invalid("picture_too_large", text % {"most": most}, field=field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=_PHOTO_FORMATS) as photo:
                if photo.width * photo.height > MOST_PHOTO_PIXELS:
                    text = _("This picture has too many pixels. Make it smaller first.")
                    raise Invalid("picture_too_large", text, field=field)
                photo.draft("RGB", (side, side))
                upright = ImageOps.exif_transpose(photo)
                upright.thumbnail((side, side))
                # What is transparent becomes white, not black.
                shown = Image.new("RGB", upright.size, "#fff")
                layer = upright.convert("RGBA")
                shown.paste(layer, mask=layer)
    except Invalid:
        raise
    except Exception as error:  # a broken file breaks decoders in many ways
        text = _("This is not a picture we can read. Choose a JPEG, PNG or WebP file.")
        raise Invalid("not_a_picture", text, field=field) from error
    file = BytesIO()
    shown.save(file, "JPEG", quality=82, optimize=True, progressive=True)
    return file.getvalue()


def sparkline_svg(values: list[int], *, label: str = "") -> SafeString:
    """The shape of a series without axes; the number beside it says how much."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (_SPARK_WIDTH - 2 * _SPARK_PAD) / (len(values) - 1)
    inner = _SPARK_HEIGHT - 2 * _SPARK_PAD
    points = [
        (_SPARK_PAD + i * step, _SPARK_PAD + inner * (1 - (v - low) / span))
        for i, v in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{_SPARK_HEIGHT} {line} {points[-1][0]:.1f},{_SPARK_HEIGHT}"
    aria = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="than-spark" viewBox="0 0 {} {}" preserveAspectRatio="none" {}>'
        '<polygon class="than-spark-area" points="{}"></polygon>'
        '<polyline class="than-spark-line" points="{}"></polyline></svg>',
        _SPARK_WIDTH,
        _SPARK_HEIGHT,
        SafeString(aria),
        area,
        line,
    )
