"""Do the prizes that were drawn look like the declared odds? A plain hint, in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from campaigns.games.rules.fairness import SCALE

# Chi-square exceeded once in a thousand times by chance alone, by degrees of freedom, in thousandths.
_LIMITS = (10_828, 13_816, 16_266, 18_467, 20_515, 22_458, 24_322, 26_124, 27_877, 29_588, 31_264)
_EXPECTED_AT_LEAST = 5

FEW, USUAL, UNUSUAL = "few", "usual", "unusual"


def hint(drawn: Sequence[int], odds_ppm: Sequence[int]) -> str:
    """``few`` plays to tell, ``usual``, or ``unusual``: by chance alone once in a thousand games.

    Pearson's statistic ``sum((drawn - expected)^2 / expected)``; prizes expected fewer than five
    times count together with the next likely ones, as the test wants it.
    """
    total = sum(drawn)
    pairs = sorted((ppm, count) for ppm, count in zip(odds_ppm, drawn, strict=True) if ppm or count)
    cells: list[tuple[int, int]] = []
    ppm_so_far = count_so_far = 0
    for ppm, count in pairs:
        ppm_so_far, count_so_far = ppm_so_far + ppm, count_so_far + count
        if ppm_so_far * total >= _EXPECTED_AT_LEAST * SCALE:
            cells.append((ppm_so_far, count_so_far))
            ppm_so_far = count_so_far = 0
    if ppm_so_far and cells:
        ppm, count = cells.pop()
        cells.append((ppm + ppm_so_far, count + count_so_far))
    if len(cells) < 2:
        return FEW
    statistic = Fraction(0)
    for ppm, count in cells:
        expected = Fraction(ppm * total, SCALE)
        statistic += (count - expected) ** 2 / expected
    return UNUSUAL if statistic * 1000 > _LIMITS[len(cells) - 2] else USUAL
