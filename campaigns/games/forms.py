"""The prizes of a game as rows: what, how likely, how many, and what instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.games.rules.fairness import SCALE
from campaigns.games.rules.game import MAX_POINTS, MAX_PRIZES, MAX_STOCK
from loyalty.engine.fact_info import fact_options
from loyalty.web.forms import MinorField, WholeField

_PPM = SCALE // 100
_SPARE = 3
_KINDS = (
    ("nothing", gettext_lazy("nothing")),
    ("points", gettext_lazy("points")),
    ("credit", gettext_lazy("store credit")),
    ("reward", gettext_lazy("a reward")),
)
# The field that says how much, and the kind of prize it belongs to.
_WORTH = {"points": "points", "amount": "credit", "reward": "reward"}


class PrizesForm(forms.Form):
    """A row for each prize and some spare ones; ``values()`` answers them as the rule keeps them."""

    def __init__(
        self, data: Any, *, prizes: Sequence[Mapping[str, Any]], is_draw: bool, currency: str
    ) -> None:
        self._before, self.is_draw = [dict(one) for one in prizes], is_draw
        self.count = min(len(self._before) + _SPARE, MAX_PRIZES)
        initial: dict[str, Any] = {}
        for place, one in enumerate(self._before):
            initial |= {f"{name}-{place}": value for name, value in _shown(one).items()}
        super().__init__(data, initial=initial)
        rewards = [("", "–"), *fact_options("rewards.affordable").items()]
        known = [(one["code"], _named(one)) for one in self._before if "code" in one]
        for place in range(self.count):
            current = self._before[place].get("reward") if place < len(self._before) else ""
            for name, field in _row(rewards, known, currency, current).items():
                if is_draw and name in ("odds", "instead"):
                    continue
                if name in _WORTH:
                    field.widget.attrs["data-when"] = f"kind-{place}={_WORTH[name]}"
                self.fields[f"{name}-{place}"] = field

    def rows(self) -> Iterator[list[BoundField]]:
        """The fields of each row."""
        for place in range(self.count):
            yield [self[name] for name in self.fields if name.endswith(f"-{place}")]

    def clean(self) -> dict[str, Any]:
        """A row that was begun has a name."""
        for place in range(self.count):
            begun = any(self._said(name, place) for name in ("odds", "points", "reward", "name_en"))
            if begun and not self._said("name_vi", place):
                self.add_error(f"name_vi-{place}", _("Give the prize a name."))
        return self.cleaned_data

    def values(self) -> list[dict[str, Any]]:
        """The prizes; a row whose name was emptied is gone."""
        codes = {one.get("code") for one in self._before}
        found = []
        for place in range(self.count):
            if not self._said("name_vi", place):
                continue
            code = self._before[place].get("code", "") if place < len(self._before) else ""
            if not code:
                code = next(c for n in range(1, 99) if (c := f"p{n}") not in codes)
                codes.add(code)
            found.append(self._value(place, code))
        return found

    def _said(self, name: str, place: int) -> Any:
        return self.cleaned_data.get(f"{name}-{place}")

    def _value(self, place: int, code: str) -> dict[str, Any]:
        kind = self._said("kind", place) or "nothing"
        value: dict[str, Any] = {
            "code": code,
            "name_vi": self._said("name_vi", place),
            "name_en": self._said("name_en", place) or "",
            "kind": kind,
        }
        if kind == "points":
            value["points"] = self._said("points", place) or 0
        if kind == "credit":
            value["amount_minor"] = self._said("amount", place) or 0
        if kind == "reward":
            value["reward"] = self._said("reward", place) or ""
        if self._said("stock", place) is not None:
            value["stock"] = self._said("stock", place)
        if not self.is_draw:
            value["odds_ppm"] = int((self._said("odds", place) or Decimal(0)) * _PPM)
            if self._said("instead", place):
                value["instead"] = self._said("instead", place)
        return value


def _named(one: Mapping[str, Any]) -> str:
    """A prize in the reader's language, or in the one there is."""
    first = one.get("name_en") if (get_language() or "vi").startswith("en") else ""
    return str(first or one.get("name_vi") or one.get("name_en") or "")


def _row(
    rewards: list[tuple[Any, Any]], known: list[tuple[Any, Any]], currency: str, current: Any
) -> dict[str, forms.Field]:
    offered = rewards
    if current and current not in {code for code, _name in rewards}:
        offered = [*rewards, (current, current)]
    optional: dict[str, Any] = {"required": False}
    return {
        "name_vi": forms.CharField(label=_("Name in Vietnamese"), max_length=60, **optional),
        "name_en": forms.CharField(label=_("Name in English"), max_length=60, **optional),
        "kind": forms.ChoiceField(label=_("What it is"), choices=_KINDS, **optional),
        "points": WholeField(label=_("Points"), min_value=0, max_value=MAX_POINTS, **optional),
        "amount": MinorField(label=_("Store credit"), currency=currency, **optional),
        "reward": forms.ChoiceField(label=_("Reward"), choices=offered, **optional),
        "odds": forms.DecimalField(
            label=_("Odds in percent"),
            min_value=0,
            max_value=100,
            max_digits=7,
            decimal_places=4,
            **optional,
        ),
        "stock": WholeField(
            label=_("How many there are"), min_value=0, max_value=MAX_STOCK, **optional
        ),
        "instead": forms.ChoiceField(
            label=_("When they are gone"), choices=[("", _("nothing")), *known], **optional
        ),
    }


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    odds = one.get("odds_ppm")
    return {
        "name_vi": one.get("name_vi"),
        "name_en": one.get("name_en"),
        "kind": one.get("kind", "nothing"),
        "points": one.get("points"),
        "amount": one.get("amount_minor"),
        "reward": one.get("reward"),
        "odds": format((Decimal(odds) / _PPM).normalize(), "f") if isinstance(odds, int) else None,
        "stock": one.get("stock"),
        "instead": one.get("instead"),
    }
