"""The picture of a wheel: slices as big as their odds, the smallest still to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.games.rules.fairness import SCALE

RADIUS, LEAST_DEGREES, TONES = 100, 9, 6


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A slice of the wheel: its outline, where its number stands, and its middle in degrees."""

    number: int
    code: str
    path: str
    middle: int
    tone: int
    shows_number: bool
    label_x: int
    label_y: int


def slices(odds: Sequence[tuple[str, int]]) -> tuple[Slice, ...]:
    """Slices of 360 degrees clockwise from the top, for (code, odds in ppm) in their order."""
    drawn = [(code, ppm) for code, ppm in odds if ppm]
    sizes = _sizes([ppm for _code, ppm in drawn])
    found, start = [], 0
    for place, ((code, _ppm), size) in enumerate(zip(drawn, sizes, strict=True), start=1):
        middle = start + size // 2
        x, y = _at(middle, 66)
        found.append(
            Slice(
                number=place,
                code=code,
                path=_outline(start, size),
                middle=middle,
                # The last slice never looks like the first beside it.
                tone=2
                if place == len(drawn) and place % TONES == 1 and place > 1
                else place % TONES,
                shows_number=size >= LEAST_DEGREES,
                label_x=x,
                label_y=y,
            )
        )
        start += size
    return tuple(found)


def _sizes(odds: Sequence[int]) -> list[int]:
    sizes = [max(ppm * 360 // SCALE, LEAST_DEGREES) for ppm in odds]
    if sizes:
        largest = sizes.index(max(sizes))
        sizes[largest] += 360 - sum(sizes)
    return sizes


def _at(degrees: int, radius: int) -> tuple[int, int]:
    turned = math.radians(degrees - 90)
    return round(radius * math.cos(turned)), round(radius * math.sin(turned))


def _outline(start: int, size: int) -> str:
    if size >= 360:
        return f"M0 -{RADIUS}A{RADIUS} {RADIUS} 0 1 1 -1 -{RADIUS}Z"
    (x1, y1), (x2, y2) = _at(start, RADIUS), _at(start + size, RADIUS)
    return f"M0 0L{x1} {y1}A{RADIUS} {RADIUS} 0 {int(size > 180)} 1 {x2} {y2}Z"
