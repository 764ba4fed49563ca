"""What people type about a ladder, read into the values of a rule: a block of fields for each level.

What a block does not show (a third way to a level, a code) stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.engine.fact_info import fact_options
from loyalty.engine.rule_fields import CalledForm, names_of
from loyalty.ledger.assets import assets_of_kind
from loyalty.web.forms import MinorField, RatioField, WholeField, codes_text, read_codes
from tiers.levels.models import Ladder
from tiers.levels.rules.level import BASES, SPEND
from tiers.levels.rules.reading import MOST_LEVELS

SPARE = 2
WAYS = 2
# The largest numbers the fields take; what a ladder may ask for is decided by its terms.
_MOST_COUNT = 1_000_000_000
_PLAIN = (
    "window_kind window_months rise fall after_refund grace_count grace_unit grace_round_up "
    "visits_a_day counts_bonus counts_past asset"
).split()
_CODES = ("window_dates", "skus", "categories", "excluded_skus", "excluded_categories")
_FLAGS = ("free_delivery", "early_access", "for_life")
_WORDS = {
    "spend_minor": _("Spend"),
    "points": _("Points earned"),
    "visits": _("Visits"),
    "months": _("Months as a member"),
}


class LadderForm(CalledForm):
    """A ladder. Fields that another window has no use for are hidden by the page."""

    window_kind = forms.ChoiceField(
        label=_("Counted"), choices=Ladder.WindowKind.choices, widget=forms.RadioSelect
    )
    window_months = WholeField(
        label=_("How many months"),
        required=False,
        min_value=1,
        max_value=120,
        widget=forms.NumberInput(attrs={"data-when": "window_kind=rolling"}),
    )
    window_dates = forms.CharField(
        label=_("Days of the year"),
        required=False,
        max_length=200,
        help_text=_("Month-day, separated by commas: 04-01, 10-01."),
        widget=forms.TextInput(attrs={"data-when": "window_kind=dates", "autocomplete": "off"}),
    )
    rise = forms.ChoiceField(label=_("Going up"), choices=Ladder.Rise.choices)
    fall = forms.ChoiceField(label=_("Going down at a review"), choices=Ladder.Fall.choices)
    after_refund = forms.ChoiceField(
        label=_("A level owed to a refunded sale falls"), choices=Ladder.AfterRefund.choices
    )
    grace_count = WholeField(
        label=_("Kept after a failed review for"),
        min_value=0,
        max_value=1_200,
        help_text=_("0: it falls at once."),
    )
    grace_unit = forms.ChoiceField(label=_("Unit"), choices=Ladder.GraceUnit.choices)
    grace_round_up = forms.ChoiceField(
        label=_("Rounded up"),
        required=False,
        choices=Ladder._meta.get_field("grace_round_up").choices or (),
    )
    visits_a_day = WholeField(label=_("Visits that count a day"), min_value=1, max_value=100)
    counts_bonus = forms.BooleanField(label=_("Points of multipliers count too"), required=False)
    counts_past = forms.BooleanField(
        label=_("What was bought before counts too"),
        required=False,
        help_text=_("Of a new ladder: counted within minutes of publishing."),
    )
    skus = forms.CharField(label=_("Only these products"), required=False, max_length=4_000)
    categories = forms.CharField(label=_("Only these categories"), required=False, max_length=4_000)
    excluded_skus = forms.CharField(label=_("Not these products"), required=False, max_length=4_000)
    excluded_categories = forms.CharField(
        label=_("Not these categories"), required=False, max_length=4_000
    )
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, currency: str, **kwargs: Any
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.before: list[dict[str, Any]] = list(self.initial.get("levels") or [])
        self.fields["minimum_minor"] = MinorField(
            currency=currency, label=_("Only from a bill of"), required=False
        )
        points = [(one.code, one.name(get_language() or "vi")) for one in assets_of_kind("points")]
        self.fields["asset"] = forms.ChoiceField(label=_("Points that count"), choices=points)
        gifts: list[tuple[str, Any]] = [("", "–"), *fact_options("rewards.affordable").items()]
        self.rows = self._row_count(data)
        for number in range(self.rows):
            self.fields |= _level_fields(number, currency, self._offered(number, gifts))
            for name, value in _shown(self._was(number)).items():
                self.initial.setdefault(f"levels-{number}-{name}", value)

    def _row_count(self, data: Any) -> int:
        if data is None:
            return max(min(len(self.before) + SPARE, MOST_LEVELS), len(self.before))
        sent = [n for n in range(MOST_LEVELS * 2) if f"levels-{n}-name_vi" in data]
        return max([len(self.before), *(n + 1 for n in sent), 1])

    def _was(self, number: int) -> dict[str, Any]:
        return self.before[number] if number < len(self.before) else {}

    def _offered(self, number: int, gifts: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """A gift that was chosen stays a choice, though it is no longer offered."""
        own = self._was(number).get("birthday_reward", "")
        return gifts if own in dict(gifts) else [*gifts, (own, own)]

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The levels as they stand on the page."""
        return [
            {
                "number": number,
                "names": self._bound(number, "name_vi", "name_en", "code"),
                "enter": [self._way(number, "enter", way) for way in range(WAYS)],
                "keep": [self._way(number, "keep", way) for way in range(WAYS)],
                "perks": self._bound(number, "factor_bp", "discount_bp", "birthday_reward"),
                "texts": self._bound(number, "perk_vi", "perk_en"),
                "flags": self._bound(number, *_FLAGS),
                "is_ground": number == 0 and not self._is_said(number, "enter"),
                "enters_twice": self._is_said(number, "enter", ways=range(1, WAYS)),
                "keeps": self._is_said(number, "keep"),
            }
            for number in range(self.rows)
        ]

    def _is_said(self, number: int, side: str, *, ways: range = range(WAYS)) -> bool:
        return any(one.value() for way in ways for one in self._way(number, side, way))

    def _bound(self, number: int, *names: str) -> list[BoundField]:
        return [self[f"levels-{number}-{name}"] for name in names]

    def _way(self, number: int, side: str, way: int) -> list[BoundField]:
        return self._bound(number, *(f"{side}{way}_{basis}" for basis in BASES))

    def values(self) -> dict[str, Any]:
        """What was typed, as the values of a rule."""
        data = self.cleaned_data
        found: dict[str, Any] = {**self.names(), **{name: data[name] for name in _PLAIN}}
        found |= {name: read_codes(data[name]) for name in _CODES}
        found["window_months"] = data["window_months"] or 12
        found["minimum_minor"] = data["minimum_minor"] or 0
        found["levels"] = []
        self._places: list[int] = []
        for number in range(self.rows):
            level = self._level(number, taken={one["code"] for one in found["levels"]})
            if level is not None:
                found["levels"].append(level)
                self._places.append(number)
        return found

    def where(self, path: str) -> str:
        """The field an error of the domain belongs to: ``levels.1.enter.0`` is in a block."""
        parts = path.split(".")
        if parts[0] != "levels" or len(parts) < 2 or int(parts[1]) >= len(self._places):
            return path
        block = f"levels-{self._places[int(parts[1])]}"
        what = parts[2] if len(parts) > 2 else "name_vi"
        if what in ("enter", "keep"):
            way = parts[3] if len(parts) > 3 else "0"
            basis = parts[4] if len(parts) > 4 else SPEND
            return f"{block}-{what}{way}_{basis}"
        return f"{block}-{'name_vi' if what == 'code' else what}"

    def _level(self, number: int, *, taken: set[str]) -> dict[str, Any] | None:
        data, was = self.cleaned_data, self._was(number)

        def typed(name: str) -> Any:
            return data.get(f"levels-{number}-{name}")

        names = {name: typed(name) or "" for name in ("name_vi", "name_en", "perk_vi", "perk_en")}
        ways = {side: self._ways(number, side, was) for side in ("enter", "keep")}
        if not names["name_vi"] and not names["name_en"] and not any(ways.values()):
            return None
        level: dict[str, Any] = {
            "code": typed("code") or _new_code(names["name_en"] or names["name_vi"], taken),
            **names,
            **ways,
            **{flag: bool(typed(flag)) for flag in _FLAGS},
            "factor_bp": int((typed("factor_bp") or Decimal(1)) * 10_000),
            "discount_bp": int((typed("discount_bp") or Decimal(0)) * 100),
            "birthday_reward": typed("birthday_reward") or "",
        }
        usual = {"factor_bp": 10_000}
        return {
            name: value
            for name, value in level.items()
            if name in ("code", "name_vi", "enter") or (value and usual.get(name) != value)
        }

    def _ways(self, number: int, side: str, was: Mapping[str, Any]) -> list[dict[str, int]]:
        rows = []
        for way in range(WAYS):
            asked = {
                basis: value
                for basis in BASES
                if (value := self.cleaned_data.get(f"levels-{number}-{side}{way}_{basis}"))
            }
            if asked:
                rows.append(asked)
        return [*rows, *(was.get(side) or [])[WAYS:]]


def initial_of(ladder: Ladder) -> dict[str, Any]:
    """A ladder as the form shows it."""
    found = {**names_of(ladder), **{name: getattr(ladder, name) for name in _PLAIN}}
    found |= {name: codes_text(getattr(ladder, name)) for name in _CODES}
    found |= {"minimum_minor": ladder.minimum_minor or None, "revision": ladder.revision}
    return {**found, "levels": ladder.levels}


def blank() -> dict[str, Any]:
    """What a new ladder begins with: everybody on the first level."""
    row = Ladder()
    found = {name: getattr(row, name) for name in _PLAIN}
    return {**found, "levels": [{"code": "", "name_vi": "Thành viên", "name_en": "Member"}]}


def _shown(level: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("code", "name_vi", "name_en", "perk_vi", "perk_en", "birthday_reward", *_FLAGS)
    shown: dict[str, Any] = {name: level.get(name) for name in texts}
    shown["factor_bp"] = Decimal(level.get("factor_bp", 10_000)) / 10_000
    shown["discount_bp"] = Decimal(level.get("discount_bp", 0)) / 100 or None
    for side in ("enter", "keep"):
        for way, asked in enumerate((level.get(side) or [])[:WAYS]):
            shown |= {f"{side}{way}_{basis}": value for basis, value in asked.items()}
    return shown


def _level_fields(
    number: int, currency: str, gifts: Sequence[tuple[str, Any]]
) -> dict[str, forms.Field]:
    label = str(_("Name of level"))
    fields: dict[str, forms.Field] = {
        "name_vi": forms.CharField(label=f"{label} {number + 1}", required=False, max_length=60),
        "name_en": forms.CharField(label=_("In English"), required=False, max_length=60),
        "code": forms.CharField(widget=forms.HiddenInput, required=False, max_length=40),
        "factor_bp": RatioField(
            label=_("Factor on points"),
            required=False,
            min_value=1,
            max_value=100,
            decimal_places=4,
            help_text=_("1.5 gives half as much again."),
        ),
        "discount_bp": RatioField(
            label=_("Off all goods, in percent"),
            required=False,
            min_value=0,
            max_value=100,
            decimal_places=2,
        ),
        "birthday_reward": forms.ChoiceField(
            label=_("Birthday gift"), required=False, choices=gifts
        ),
        "perk_vi": forms.CharField(
            label=_("Another perk, in Vietnamese"), required=False, max_length=200
        ),
        "perk_en": forms.CharField(
            label=_("Another perk, in English"), required=False, max_length=200
        ),
        "free_delivery": forms.BooleanField(label=_("Free delivery"), required=False),
        "early_access": forms.BooleanField(label=_("Early access"), required=False),
        "for_life": forms.BooleanField(label=_("Never lost once reached"), required=False),
    }
    for side in ("enter", "keep"):
        for way in range(WAYS):
            fields |= {f"{side}{way}_{basis}": _asked(basis, currency) for basis in BASES}
    return {f"levels-{number}-{name}": field for name, field in fields.items()}


def _asked(basis: str, currency: str) -> forms.Field:
    if basis == SPEND:
        return MinorField(currency=currency, label=_WORDS[basis], required=False)
    return WholeField(label=_WORDS[basis], required=False, min_value=0, max_value=_MOST_COUNT)


def _new_code(name: str, taken: set[str]) -> str:
    """A code from a name, told apart from the others; ``vàng`` is ``vang``."""
    stem = slugify(name.replace("đ", "d").replace("Đ", "D"))[:30] or "level"
    codes = [stem, *(f"{stem}-{n}" for n in range(2, MOST_LEVELS + 2))]
    return next(one for one in codes if one not in taken)
