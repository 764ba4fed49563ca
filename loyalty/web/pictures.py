"""Small pictures drawn on the server as inline SVG.

SVG here uses presentation attributes only (never `style`), so it passes a strict
Content-Security-Policy. Colours come from the style sheet.
"""

from __future__ import annotations

from io import BytesIO

import segno
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from PIL import Image, ImageDraw

from loyalty.web.lettering import font

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
    draw, letters = ImageDraw.Draw(image), font(round(size * 0.52))
    draw.text((size / 2, size / 2), letter, fill="#fff", font=letters, anchor="mm")
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
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
