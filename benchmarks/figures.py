"""A figure with its bound: what was measured, what was promised, and whether it holds."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One promise. ``at_most``/``at_least`` is the bound; with neither it is told for interest."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Is the bound kept?"""
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return low and high

    def line(self) -> str:
        """The figure as a line of the report."""
        bound = ""
        if self.at_most is not None:
            bound = f"at most {self.at_most:g}"
        if self.at_least is not None:
            bound = f"at least {self.at_least:g}"
        verdict = "" if not bound else ("ok  " if self.holds else "MISS")
        value = f"{self.value:,.3f}".rstrip("0").rstrip(".")
        return f"{verdict:4} {self.name:58} {value:>12} {self.unit:10} {bound:16} {self.note}"


def report(figure: Figure) -> None:
    """Hand a figure to ``benchmarks.run``, which reads this process's output."""
    sys.stdout.buffer.write(orjson.dumps(figure, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()
