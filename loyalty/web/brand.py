"""A programme's own colour, made safe to read.

A merchant picks any one colour. From its hue we derive the handful of shades the pages need, for
light and for dark, moving lightness until text on them reaches WCAG AA (4.5:1). The result is a
tiny stylesheet addressed by the colour itself (`/brand/0e5c4a.css`), so no page needs an inline
style and every browser may keep it for ever. Conversion: OKLCH, after Björn Ottosson (2020).
"""

from __future__ import annotations

import math
import re

from django.utils.translation import gettext_lazy as _

DEFAULT_COLOUR = "#0e5c4a"
# The colours offered first. A programme's `theme` is one of these names or any `#rrggbb`.
THEMES = {
    "forest": (DEFAULT_COLOUR, _("Forest")),
    "brick": ("#b4532f", _("Brick")),
    "coffee": ("#6f4e37", _("Coffee")),
    "indigo": ("#2d4a8a", _("Indigo")),
    "ocean": ("#0f6c7e", _("Ocean")),
    "plum": ("#7a3b69", _("Plum")),
    "lotus": ("#b8386b", _("Lotus")),
    "olive": ("#66701f", _("Olive")),
    "ink": ("#2b3440", _("Ink")),
}
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_AA = 4.5
_PAPER = "#ffffff"
_NIGHT = "#171c19"

Rgb = tuple[float, float, float]


def clean_colour(text: str) -> str:
    """A theme's name, `0E5C4A` or `#0e5c4a` -> `#rrggbb`; our own green when it is none."""
    if text in THEMES:
        return THEMES[text][0]
    found = _HEX.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else DEFAULT_COLOUR


def is_colour(text: str) -> bool:
    """Is it the name of a theme, or `#rrggbb`?"""
    return text in THEMES or _HEX.fullmatch(text.strip()) is not None


def stylesheet(colour: str) -> str:
    """The custom properties of one brand colour, light and dark."""
    light, dark = shades(colour)
    return f":root{{{_declarations(light)}}}\n[data-bs-theme=dark]{{{_declarations(dark)}}}\n"


def shades(colour: str) -> tuple[dict[str, str], dict[str, str]]:
    """The shades by name for the light and the dark theme, as `#rrggbb`."""
    lightness, chroma, hue = _to_oklch(_parse(clean_colour(colour)))
    base = _darken_until(min(lightness, 0.62), min(chroma, 0.17), hue, against=_PAPER)
    light = {
        "brand": base,
        "brand-strong": _hex(max(_to_oklch(_parse(base))[0] - 0.08, 0.22), min(chroma, 0.17), hue),
        "brand-ink": "#ffffff",
        "brand-soft": _hex(0.955, min(chroma, 0.11) * 0.22, hue),
        "brand-line": _hex(0.87, min(chroma, 0.13) * 0.4, hue),
        "brand-deep": _hex(0.29, min(chroma, 0.075), hue),
        "brand-deeper": _hex(0.235, min(chroma, 0.06), hue),
        "brand-glow": _hex(0.8, min(chroma, 0.12), hue),
    }
    glow = _lighten_until(0.74, min(chroma, 0.12), hue, against=_NIGHT)
    dark = {
        "brand": glow,
        "brand-strong": _hex(0.82, min(chroma, 0.11), hue),
        "brand-ink": "#0d1210",
        "brand-soft": _hex(0.29, min(chroma, 0.05), hue),
        "brand-line": _hex(0.4, min(chroma, 0.06), hue),
        "brand-deep": _hex(0.25, min(chroma, 0.05), hue),
        "brand-deeper": _hex(0.19, min(chroma, 0.035), hue),
        "brand-glow": _hex(0.8, min(chroma, 0.12), hue),
    }
    return light, dark


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21."""
    high, low = sorted((_luminance(_parse(first)), _luminance(_parse(second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _declarations(values: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def _darken_until(lightness: float, chroma: float, hue: float, *, against: str) -> str:
    while contrast(_hex(lightness, chroma, hue), against) < _AA + 0.8 and lightness > 0.2:
        lightness -= 0.01
    return _hex(lightness, chroma, hue)


def _lighten_until(lightness: float, chroma: float, hue: float, *, against: str) -> str:
    while contrast(_hex(lightness, chroma, hue), against) < _AA + 2 and lightness < 0.95:
        lightness += 0.01
    return _hex(lightness, chroma, hue)


def _parse(colour: str) -> Rgb:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return linear[0], linear[1], linear[2]


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def _to_oklch(rgb: Rgb) -> tuple[float, float, float]:
    r, g, b = rgb
    l_ = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m_ = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s_ = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_
    a = 1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_
    bb = 0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_
    return lightness, math.hypot(a, bb), math.atan2(bb, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The nearest sRGB colour: chroma gives way where the screen cannot show it."""
    rgb = _from_oklch(lightness, chroma, hue)
    while chroma > 0 and not all(-0.0005 <= c <= 1.0005 for c in rgb):
        chroma -= 0.004
        rgb = _from_oklch(lightness, max(chroma, 0.0), hue)
    return "#" + "".join(f"{_channel(c):02x}" for c in rgb)


def _channel(linear: float) -> int:
    c = min(max(linear, 0.0), 1.0)
    encoded = c * 12.92 if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
    return round(encoded * 255)
