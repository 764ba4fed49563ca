"""Whatever colour a merchant picks, people can read the page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loyalty.web import brand

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
AA = 4.5


@given(COLOURS)
def test_every_colour_becomes_readable(colour: str) -> None:
    light, dark = brand.shades(colour)
    assert brand.contrast(light["brand"], "#ffffff") >= AA
    assert brand.contrast(light["brand"], light["brand-soft"]) >= AA
    assert brand.contrast(light["brand-ink"], light["brand"]) >= AA
    assert brand.contrast(light["brand-ink"], light["brand-strong"]) >= AA
    assert brand.contrast("#ffffff", light["brand-deep"]) >= 7
    assert brand.contrast(dark["brand"], "#171c19") >= AA
    assert brand.contrast(dark["brand"], dark["brand-soft"]) >= AA
    assert brand.contrast(dark["brand-ink"], dark["brand"]) >= AA
    assert brand.contrast("#ffffff", dark["brand-deep"]) >= 7


@given(st.text(max_size=40))
def test_what_is_no_colour_becomes_ours_and_never_css(text: str) -> None:
    sheet = brand.stylesheet(text)
    assert sheet.count("{") == sheet.count("}") == 2
    assert brand.clean_colour(text).startswith("#")
    assert len(brand.clean_colour(text)) == 7


def test_names_and_spellings() -> None:
    assert brand.clean_colour("forest") == brand.DEFAULT_COLOUR
    assert brand.clean_colour("C4552D") == "#c4552d"
    assert brand.clean_colour(" #c4552d ") == "#c4552d"
    assert brand.clean_colour("red;}body{display:none") == brand.DEFAULT_COLOUR
