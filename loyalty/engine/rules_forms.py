"""One form for every kind of rule, made from its fields: people's words in, a rule's values out.

A new mechanic's rules are edited here unasked. Lists of codes are typed with commas, a share in
percent, a time of day as a time; conditions and limits have a few rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

import orjson
from django import forms
from django.db import models
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.money import exponent
from loyalty.engine.conditions import ACTIVITY_FACTS, operators
from loyalty.engine.facts import known_facts
from loyalty.engine.models import Rule
from loyalty.engine.rules import PERIODS
from loyalty.engine.selectors import RuleKind
from loyalty.ledger.assets import assets_of_kind
from loyalty.tenancy.models import Location
from loyalty.web import formats

ROWS = 3
_CODES = {"skus", "categories", "excluded_skus", "excluded_categories", "expiry_dates"}
DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
_ACTIVITIES = {
    "purchase": _("a purchase"),
    "member.joined": _("joining"),
    "member.birthday": _("the birthday"),
    "member.profile_completed": _("a completed profile"),
    "visit": _("a visit"),
    "review.published": _("a review"),
}
_PERIODS = {
    "day": _("a day"),
    "week": _("a week"),
    "month": _("a month"),
    "year": _("a year"),
    "ever": _("altogether"),
}
_MEASURES = {"amount": _("awarded in all"), "times": _("times")}

# Where a field stands; what no section claims stands first.
_SECTIONS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (
        _("What counts"),
        (
            "skus",
            "categories",
            "excluded_skus",
            "excluded_categories",
            "locations",
            "minimum_minor",
        ),
    ),
    (_("When it can be spent"), ("wait_",)),
    (_("When it expires"), ("expiry_",)),
    (_("When it runs"), ("starts_at", "ends_at", "weekdays", "minute_")),
    (_("For whom"), ("audience", "pilot_audience", "holdout_bp")),
    (_("Limits"), ("limits", "budget")),
    (_("Beside other rules"), ("priority", "stacking_group")),
)


@dataclass(frozen=True)
class Section:
    """Fields that stand together; ``is_open`` shows them without a click."""

    title: str
    fields: list[BoundField]
    is_open: bool

    @property
    def rows(self) -> list[list[BoundField]]:
        """The fields by row: the parts of one condition or limit stand together."""
        found: list[list[BoundField]] = []
        before = ""
        for one in self.fields:
            row = one.name.rpartition("-")[0]
            if not found or row != before:
                found.append([])
            found[-1].append(one)
            before = row
        return found


class RuleForm(forms.Form):
    """The values of one kind of rule. ``values()`` answers them as the commands take them."""

    def __init__(
        self, data: Any, *, kind: RuleKind, currency: str, initial: Mapping[str, Any]
    ) -> None:
        self.kind = kind
        super().__init__(data, initial=self._shown(initial))
        for name, field in kind.fields.items():
            for part, form_field in _fields_of(name, field, currency).items():
                self.fields[part] = form_field
        other = initial.get("activity")
        activity = self.fields.get("activity")
        if other and isinstance(activity, forms.ChoiceField) and other not in _ACTIVITIES:
            activity.choices = [*_ACTIVITIES.items(), (other, other)]
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """What was typed, by the name of the rule's field."""
        data = self.cleaned_data
        return {name: _value(name, field, data) for name, field in self.kind.fields.items()}

    def sections(self) -> Iterator[Section]:
        """The form as it stands on the page."""
        claimed = {
            name: title
            for title, marks in _SECTIONS
            for name in self.fields
            if any(name == mark or name.startswith(mark) for mark in marks)
        }
        first = [n for n in self.fields if n not in claimed and n != "revision"]
        first.sort(key=lambda name: name != "name")
        yield Section("", [self[name] for name in first], is_open=True)
        for title, _marks in _SECTIONS:
            names = [name for name in self.fields if claimed.get(name) == title]
            if names:
                fields = [self[name] for name in names]
                yield Section(str(title), fields, is_open=any(_is_said(one) for one in fields))

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {"revision": values.get("revision")}
        for name, field in self.kind.fields.items():
            if name in values:
                shown |= _shown(name, field, values[name])
        return shown


def _fields_of(name: str, field: Any, currency: str) -> dict[str, forms.Field]:
    label = _("Hold-out share") if name == "holdout_bp" else capfirst(field.verbose_name)
    if name in ("audience", "pilot_audience"):
        return _condition_fields(name, str(label))
    if name == "limits":
        return _limit_fields()
    return {name: _one_field(name, field, currency, str(label))}


def _one_field(name: str, field: Any, currency: str, label: str) -> forms.Field:
    common: dict[str, Any] = {"label": label, "required": not (field.blank or field.null)}
    optional = {**common, "required": False}
    if name == "weekdays":
        choices = [(str(number), day) for number, day in enumerate(DAYS, start=1)]
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **optional
        )
    if name == "locations":
        places = [(one.public_id, one.name) for one in Location.objects.filter(is_active=True)]
        return forms.MultipleChoiceField(
            choices=places, widget=forms.CheckboxSelectMultiple, **optional
        )
    if name in ("minute_from", "minute_to"):
        label = str(_("From") if name == "minute_from" else _("Until"))
        clock = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        return forms.TimeField(label=label, required=False, widget=clock)
    if name in ("activity", "asset"):
        known = _ACTIVITIES.items() if name == "activity" else _assets()
        return forms.ChoiceField(choices=list(known), **common)
    if name in _CODES:
        return forms.CharField(help_text=_("Separate codes with commas."), **optional)
    if isinstance(field, models.ForeignKey):
        model: Any = field.related_model
        rows = model._default_manager.all()[:500]
        options: list[tuple[str, Any]] = [("", "–"), *((row.public_id, str(row)) for row in rows)]
        return forms.ChoiceField(choices=options, **common)
    if isinstance(field, models.JSONField):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **optional)
    return _plain_field(name, field, currency, common)


def _assets() -> list[tuple[str, str]]:
    found = [(one.code, one.name(get_language() or "en")) for one in assets_of_kind("points")]
    return found or [("points", "points")]


def _plain_field(name: str, field: Any, currency: str, common: dict[str, Any]) -> forms.Field:
    optional = {**common, "required": False}
    if isinstance(field, models.BooleanField):
        return forms.BooleanField(**optional)
    if field.choices:
        return forms.ChoiceField(choices=field.choices, **common)
    if isinstance(field, models.DateTimeField):
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        return forms.DateTimeField(widget=picker, **optional)
    if isinstance(field, models.DateField):
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(widget=day, **optional)
    if name.endswith("_bp"):
        is_factor = name.startswith("factor")
        hint = _("2 doubles, 1.5 gives half as much again.") if is_factor else _("In percent.")
        return forms.DecimalField(max_digits=9, decimal_places=4, help_text=hint, **common)
    if name.endswith("_minor"):
        precision = {"data-money": "", "data-precision": str(exponent(currency))}
        money = forms.TextInput(attrs={**precision, "inputmode": "decimal"})
        return forms.IntegerField(widget=money, **common)
    if isinstance(field, models.IntegerField):
        return forms.IntegerField(**common)
    return forms.CharField(max_length=field.max_length, **common)


def _condition_fields(name: str, label: str) -> dict[str, forms.Field]:
    facts = sorted({*ACTIVITY_FACTS, *known_facts()})
    fields: dict[str, forms.Field] = {}
    for row in range(ROWS):
        fields[f"{name}-{row}-fact"] = forms.ChoiceField(
            choices=[("", "–"), *((fact, fact) for fact in facts)],
            label=f"{label} {row + 1}",
            required=False,
        )
        fields[f"{name}-{row}-op"] = forms.ChoiceField(
            choices=[(op, word) for op, word in operators().items()],
            label=_("compared"),
            required=False,
        )
        fields[f"{name}-{row}-value"] = forms.CharField(
            label=_("with"), required=False, max_length=200
        )
    return fields


def _limit_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for row in range(ROWS):
        fields[f"limits-{row}-maximum"] = forms.IntegerField(
            label=_("At most"), required=False, min_value=1
        )
        fields[f"limits-{row}-measure"] = forms.ChoiceField(
            choices=list(_MEASURES.items()), label=_("counted as"), required=False
        )
        fields[f"limits-{row}-period"] = forms.ChoiceField(
            choices=[(one, _PERIODS[one]) for one in PERIODS], label=_("within"), required=False
        )
        fields[f"limits-{row}-by_all"] = forms.BooleanField(
            label=_("for all members together"), required=False
        )
        fields[f"limits-{row}-rejects"] = forms.BooleanField(
            label=_("give nothing rather than a part"), required=False
        )
    return fields


def _value(name: str, field: Any, data: Mapping[str, Any]) -> Any:
    if name in ("audience", "pilot_audience"):
        return list(_conditions(name, data))
    if name == "limits":
        return list(_limits(data))
    value = data.get(name)
    if name in ("minute_from", "minute_to"):
        minute = value.hour * 60 + value.minute if value else 0
        return minute or (1440 if name == "minute_to" else 0)
    if isinstance(value, Decimal):
        return int(value * (10_000 if name.startswith("factor") else 100))
    if isinstance(field, models.ForeignKey):
        return value or None
    return _listed(name, value) if isinstance(field, models.JSONField) else value


def _listed(name: str, value: Any) -> Any:
    if name == "weekdays":
        return [int(day) for day in value or ()]
    if name in _CODES:
        return [code.strip() for code in str(value or "").split(",") if code.strip()]
    return value if isinstance(value, list) else _parsed(str(value or ""))


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text) if text.strip() else []
    except orjson.JSONDecodeError:
        return text  # the command says which field wants a list


def _conditions(name: str, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in range(ROWS):
        fact = data.get(f"{name}-{row}-fact")
        if fact:
            op = data.get(f"{name}-{row}-op") or "eq"
            typed = str(data.get(f"{name}-{row}-value") or "")
            many = op in ("in", "not_in")
            value = [_typed(one) for one in typed.split(",")] if many else _typed(typed)
            yield {"fact": fact, "op": op, "value": value}


def _typed(text: str) -> Any:
    word = text.strip()
    if word.casefold() in ("true", "false", "yes", "no", "có", "không"):
        return word.casefold() in ("true", "yes", "có")
    return int(word) if word.lstrip("-").isdecimal() else word


def _limits(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in range(ROWS):
        maximum = data.get(f"limits-{row}-maximum")
        if maximum:
            yield {
                "maximum": maximum,
                "measure": data.get(f"limits-{row}-measure") or "amount",
                "period": data.get(f"limits-{row}-period") or "day",
                "by_all": bool(data.get(f"limits-{row}-by_all")),
                "rejects": bool(data.get(f"limits-{row}-rejects")),
            }


def _shown(name: str, field: Any, value: Any) -> dict[str, Any]:
    if name in ("audience", "pilot_audience", "limits"):
        return {
            f"{name}-{row}-{part}": ", ".join(map(str, one)) if isinstance(one, list) else one
            for row, each in enumerate(value[:ROWS])
            for part, one in each.items()
        }
    if name in ("minute_from", "minute_to"):
        return {name: time(value // 60 % 24, value % 60)}
    if name in _CODES:
        return {name: ", ".join(value)}
    if name.endswith("_bp"):
        return {name: Decimal(value) / (10_000 if name.startswith("factor") else 100)}
    if isinstance(field, models.ForeignKey):
        return {name: value.public_id if value else ""}
    if isinstance(field, models.JSONField) and name not in ("weekdays", "locations"):
        return {name: orjson.dumps(value).decode() if value else ""}
    return {name: value}


def _is_said(field: BoundField) -> bool:
    """Does the field say something a rule does not say by itself?"""
    value = field.value()
    if value in (None, "", [], False, 0, "0"):
        return False
    start = {"minute_from": "00:00", "minute_to": "00:00"}
    if field.name in start:
        return str(value)[:5] != start[field.name]
    usual = {"wait_kind": "none", "expiry_kind": "default"}
    quiet = field.name.startswith(("expiry_", "wait_")) and field.name not in usual
    row_word = field.name.endswith(("-op", "-measure", "-period"))
    return not quiet and not row_word and usual.get(field.name) != value


def blank_values(kind: RuleKind) -> dict[str, Any]:
    """What a new rule of a kind begins with."""
    row: Rule = kind.model()
    return {name: getattr(row, name, None) for name in kind.fields if not _is_link(kind, name)}


def _is_link(kind: RuleKind, name: str) -> bool:
    return isinstance(kind.fields[name], models.ForeignKey)


def limit_text(limit: Mapping[str, Any]) -> str:
    """A limit in words: ``at most 100 awarded in all a day``."""
    words = [
        formats.number_text(limit["maximum"]),
        _MEASURES[limit.get("measure", "amount")],
        _PERIODS[limit.get("period", "day")],
        _("for all members together") if limit.get("by_all") else "",
    ]
    return " ".join(str(word) for word in words if word)
