"""The letters of pictures we draw: a font of our own, so that every machine writes Vietnamese alike.

``fonts/bricolage-grotesque-bold.ttf`` is the font of our headings (``static/vendor/fonts``) at weight
700, its Latin and Vietnamese parts in one file, for Pillow reads no web fonts.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

_FILE = Path(__file__).parent / "fonts" / "bricolage-grotesque-bold.ttf"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(_FILE, size)


def write_line(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    at: tuple[float, float],
    size: int,
    wide: int,
    fill: str,
) -> None:
    """Write a text about a point, smaller where it would be wider than ``wide``, then shortened."""
    shown = unicodedata.normalize("NFC", text)
    while size > 28 and draw.textlength(shown, font=font(size)) > wide:
        size -= 4
    while len(shown) > 1 and draw.textlength(shown, font=font(size)) > wide:
        shown = f"{shown[:-2].rstrip()}…"
    draw.text(at, shown, fill=fill, font=font(size), anchor="mm")
