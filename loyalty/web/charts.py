"""What a chart is made of: plain numbers with names, drawn by `static/js/charts.js`.

Every chart carries the same numbers as a table, for people who read rather than look and for
pages without script. Money series are in minor units with their currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import get_language

from loyalty.common.money import exponent
from loyalty.web import formats

Kind = Literal["line", "area", "bar", "stacked", "doughnut"]
Tone = Literal["brand", "accent", "good", "bad", "warn", "busy", "calm", ""]


@dataclass(frozen=True)
class Series:
    """One named row of values; `tone` fixes its colour, otherwise the palette goes round."""

    name: str
    values: tuple[int, ...]
    tone: Tone = ""


@dataclass(frozen=True)
class Chart:
    """A chart: labels along the bottom, one or more series, a title and a sentence about it.

    `currency` makes the values money in minor units; `unit` is a word behind counts.
    """

    id: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = "line"
    summary: str = ""
    currency: str = ""
    unit: str = ""
    first_column: str = ""
    table: list[tuple[str, list[str]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rows = [
            (label, [self.text(s.values[i]) for s in self.series])
            for i, label in enumerate(self.labels)
        ]
        object.__setattr__(self, "table", rows)

    def text(self, value: int) -> str:
        """One value as people read it."""
        if self.currency:
            return formats.money_text(value, currency=self.currency)
        if self.unit:
            return formats.points_text(value, unit=self.unit)
        return formats.number_text(value)


def payload(chart: Chart) -> dict[str, object]:
    """The JSON the browser draws from."""
    return {
        "kind": chart.kind,
        "labels": chart.labels,
        "series": [{"name": s.name, "values": s.values, "tone": s.tone} for s in chart.series],
        "currency": chart.currency,
        "precision": exponent(chart.currency) if chart.currency else 0,
        "unit": chart.unit,
        "locale": get_language() or "en",
    }
