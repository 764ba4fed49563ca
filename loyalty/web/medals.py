"""The image of a badge, to be shared: a medal in its colour with its shape and name."""

from __future__ import annotations

import math
import unicodedata
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
_CENTRE, _RADIUS = (WIDTH // 2, 235), 165
_POINTS = {"star": 5, "flame": 3, "mountain": 3, "leaf": 4, "medal": 8, "bolt": 4, "cup": 6}


def badge_png(*, name: str, by: str, shape: str, colour: str) -> bytes:
    """The share image (1200 x 630) of a badge ``by`` somebody's programme."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#faf7f2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), fill=colour)
    x, y = _CENTRE
    for grown, fill in ((18, "#ffffff"), (0, colour)):
        reach = _RADIUS + grown
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)
    draw.ellipse(
        (x - _RADIUS + 14, y - _RADIUS + 14, x + _RADIUS - 14, y + _RADIUS - 14),
        outline="#ffffff",
        width=5,
    )
    draw.polygon(_star(_POINTS.get(shape, 5)), fill="#ffffff")
    _line(draw, name, y=475, size=64, fill="#1f2937")
    _line(draw, by, y=555, size=34, fill="#6b7280")
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _star(points: int) -> list[tuple[float, float]]:
    x, y = _CENTRE
    corners = []
    for number in range(points * 2):
        reach = 100 if number % 2 == 0 else 46
        angle = math.pi * number / points - math.pi / 2
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return corners


def _line(draw: ImageDraw.ImageDraw, text: str, *, y: int, size: int, fill: str) -> None:
    shown = _plain(text)
    while size > 20:
        font = ImageFont.load_default(size=size)
        if draw.textlength(shown, font=font) <= WIDTH - 120:
            break
        size -= 4
    draw.text((WIDTH / 2, y), shown, fill=fill, font=ImageFont.load_default(size=size), anchor="mm")


def _plain(text: str) -> str:
    """Without accents: the built-in font lacks the Vietnamese ones."""
    split = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in split if not unicodedata.combining(sign))
