"""A badge as a picture: the medal alone, and the image to be shared with its name.

Drawn four times as large and made smaller, for soft edges. Shapes are curves about the middle, in
units of the medal's radius.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from io import BytesIO

from PIL import Image, ImageDraw

from loyalty.web.lettering import write_line

WIDTH, HEIGHT = 1200, 630
_MEDAL, _SOFT = 366, 4
_WHITE = "#ffffff"
Curve = Sequence[tuple[float, float]]
Pen = Callable[[Curve, str], None]


def badge_png(*, name: str, by: str, shape: str, colour: str) -> bytes:
    """The share image (1200 x 630) of a badge ``by`` somebody's programme."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#faf7f2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), fill=colour)
    medal = _medal(shape, colour, _MEDAL)
    image.paste(medal, ((WIDTH - _MEDAL) // 2, 52), medal)
    write_line(draw, name, at=(WIDTH / 2, 485), size=68, wide=WIDTH - 120, fill="#1f2937")
    write_line(draw, by, at=(WIDTH / 2, 565), size=36, wide=WIDTH - 120, fill="#6b7280")
    return _png(image)


def medal_png(*, shape: str, colour: str, size: int = 192) -> bytes:
    """The medal alone, a square on nothing."""
    return _png(_medal(shape, colour, size))


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _medal(shape: str, colour: str, size: int) -> Image.Image:
    whole = size * _SOFT
    image = Image.new("RGBA", (whole, whole), (0, 0, 0, 0))
    draw, middle = ImageDraw.Draw(image), whole / 2

    def ring(reach: float, fill: str) -> None:
        far = reach * middle
        draw.ellipse((middle - far, middle - far, middle + far, middle + far), fill=fill)

    def pen(curve: Curve, fill: str) -> None:
        reach = 0.9 * middle
        draw.polygon([(middle + x * reach, middle + y * reach) for x, y in curve], fill=fill)

    for reach, fill in ((1, _WHITE), (0.9, colour), (0.82, _WHITE), (0.79, colour)):
        ring(reach, fill)
    _SHAPES.get(shape, _star)(pen, colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _around(number: int, reach: Callable[[int], float]) -> Curve:
    turns = [(math.tau * k / number - math.pi / 2, reach(k)) for k in range(number)]
    return [(far * math.cos(turn), far * math.sin(turn)) for turn, far in turns]


def _disc(x: float, y: float, reach: float) -> Curve:
    return [(x + reach * a, y + reach * b) for a, b in _around(60, lambda _k: 1)]


def _star(pen: Pen, colour: str) -> None:
    pen(_around(10, lambda k: 0.25 if k % 2 else 0.6), _WHITE)


def _medal_shape(pen: Pen, colour: str) -> None:
    for side in (-1, 1):
        pen(
            [(side * 0.08, 0.1), (side * 0.42, 0.1), (side * 0.38, 0.62), (side * 0.2, 0.5)], _WHITE
        )
    pen(_disc(0, -0.12, 0.44), colour)
    pen(_disc(0, -0.12, 0.4), _WHITE)
    pen([(x, y - 0.12) for x, y in _around(10, lambda k: 0.11 if k % 2 else 0.26)], colour)


def _heart(pen: Pen, colour: str) -> None:
    turns = [math.tau * k / 90 for k in range(90)]
    pen(
        [
            (
                0.034 * 16 * math.sin(t) ** 3,
                -0.034
                * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
                + 0.04,
            )
            for t in turns
        ],
        _WHITE,
    )


def _bend(*points: tuple[float, float]) -> Curve:
    """A cubic Bézier curve through its control points, three for each piece after the first point."""
    found: list[tuple[float, float]] = []
    for start in range(0, len(points) - 3, 3):
        a, b, c, d = points[start : start + 4]
        for k in range(20):
            t = k / 20
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            found.append(
                (
                    w[0] * a[0] + w[1] * b[0] + w[2] * c[0] + w[3] * d[0],
                    w[0] * a[1] + w[1] * b[1] + w[2] * c[1] + w[3] * d[1],
                )
            )
    return [*found, points[-1]]


def _flame(pen: Pen, colour: str) -> None:
    outer = _bend(
        (0.02, -0.66),
        (0.08, -0.34),
        (0.44, -0.18),
        (0.44, 0.2),
        (0.44, 0.46),
        (0.24, 0.6),
        (0, 0.6),
        (-0.24, 0.6),
        (-0.44, 0.46),
        (-0.44, 0.2),
        (-0.44, 0),
        (-0.34, -0.12),
        (-0.24, -0.24),
        (-0.22, -0.12),
        (-0.18, -0.06),
        (-0.1, -0.02),
        (-0.12, -0.26),
        (-0.08, -0.46),
        (0.02, -0.66),
    )
    pen(outer, _WHITE)
    pen([(x * 0.42 + 0.02, y * 0.42 + 0.31) for x, y in outer], colour)


def _mountain(pen: Pen, colour: str) -> None:
    pen([(-0.66, 0.4), (-0.14, -0.5), (0.38, 0.4)], _WHITE)
    pen([(0.06, 0.4), (0.36, -0.1), (0.66, 0.4)], _WHITE)
    snow = [
        (-0.36, -0.12),
        (-0.32, -0.2),
        (-0.22, -0.1),
        (-0.14, -0.2),
        (-0.05, -0.1),
        (0.04, -0.2),
    ]
    pen([*snow, (0.08, -0.12), (-0.05, -0.02), (-0.14, -0.12), (-0.22, -0.02)], colour)


def _leaf(pen: Pen, colour: str) -> None:
    pen(
        _bend(
            (0.52, -0.52),
            (0.62, 0.2),
            (0.2, 0.56),
            (-0.36, 0.36),
            (-0.56, -0.2),
            (-0.2, -0.62),
            (0.52, -0.52),
        ),
        _WHITE,
    )
    pen([(0.26, -0.3), (0.3, -0.26), (-0.46, 0.58), (-0.54, 0.52)], colour)
    pen([(-0.36, 0.36), (-0.3, 0.42), (-0.47, 0.59), (-0.54, 0.52)], _WHITE)


def _bolt(pen: Pen, colour: str) -> None:
    pen(
        [(0.14, -0.64), (-0.36, 0.1), (-0.04, 0.1), (-0.14, 0.64), (0.36, -0.12), (0.04, -0.12)],
        _WHITE,
    )


def _cup(pen: Pen, colour: str) -> None:
    pen(_disc(0.34, 0.06, 0.24), _WHITE)
    pen(_disc(0.34, 0.06, 0.14), colour)
    pen(
        _bend(
            (-0.46, -0.2),
            (-0.46, 0.3),
            (-0.42, 0.46),
            (-0.2, 0.46),
            (0, 0.46),
            (0, 0.46),
            (0.14, 0.46),
            (0.36, 0.46),
            (0.4, 0.3),
            (0.4, -0.2),
        ),
        _WHITE,
    )
    pen([(-0.56, 0.52), (0.5, 0.52), (0.44, 0.6), (-0.5, 0.6)], _WHITE)
    for x in (-0.2, 0.1):
        left = _bend((x, -0.28), (x - 0.12, -0.4), (x + 0.12, -0.46), (x, -0.6))
        right = [(a + 0.07, b) for a, b in reversed(left)]
        pen([*left, *right], _WHITE)


_SHAPES: dict[str, Callable[[Pen, str], None]] = {
    "star": _star,
    "cup": _cup,
    "flame": _flame,
    "heart": _heart,
    "mountain": _mountain,
    "leaf": _leaf,
    "medal": _medal_shape,
    "bolt": _bolt,
}
