"""A field of a rule as a field of a form, by its name and type; and its value back, as a rule keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

import orjson
from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.engine.fact_info import DAYS, activity_words, willed_activities
from loyalty.engine.models import Rule
from loyalty.engine.rule_choices import asked_where
from loyalty.ledger.assets import assets_of_kind
from loyalty.tenancy.models import Location
from loyalty.tenancy.scope import current_programme
from loyalty.web.forms import (
    MinorField,
    RatioField,
    WholeField,
    codes_text,
    needed_where_shown,
    read_codes,
)

NAMES = ("name", "name_vi", "name_en")
_CODES = {"skus", "categories", "excluded_skus", "excluded_categories", "expiry_dates"}
# What an own system reports stands beside the activities people know by name.
ACTIVITIES, OTHERS = "activity_types", "activity_types_more"
ACTIVITY = "activity_type"


def left_out_names(before: Mapping[str, Any]) -> set[str]:
    """The name is in the programme's language: it is asked for in the other one alone, unless it says
    something else in its own already.
    """
    own = f"name_{current_programme().language[:2]}"
    return set() if before.get(own) else {own}


class CalledForm(forms.Form):
    """Base of a form of its own for one kind of rule: its name, and the one in the other language."""

    name = forms.CharField(label=_("Name"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {field.name: field.verbose_name for field in Rule._meta.fields}
        for name in sorted({"name_en", "name_vi"} - left_out_names(self.initial)):
            self.fields[name] = forms.CharField(
                label=capfirst(words[name]), max_length=200, required=False
            )

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The fields of all names, for the page."""
        return [self[name] for name in NAMES if name in self.fields]

    def names(self) -> dict[str, Any]:
        """What was typed of them, as values of a rule."""
        return {name: self.cleaned_data[name] for name in NAMES if name in self.fields}


def names_of(rule: Rule) -> dict[str, str]:
    """A rule's names as such a form shows them."""
    return {name: getattr(rule, name) for name in NAMES}


def one_field(name: str, field: Any, currency: str, label: str) -> forms.Field:
    """The field of the form for a field of a rule."""
    common: dict[str, Any] = {"label": label, "required": not (field.blank or field.null)}
    optional = {**common, "required": False}
    if name == "weekdays":
        choices = [(str(number), day) for number, day in enumerate(DAYS, start=1)]
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **optional
        )
    if name == "locations":
        closed = _("closed")
        places = [
            (one.public_id, one.name if one.is_active else f"{one.name} ({closed})")
            for one in Location.objects.order_by("-is_active", "name")
        ]
        return forms.MultipleChoiceField(
            choices=places, widget=forms.CheckboxSelectMultiple, **optional
        )
    if name in ("minute_from", "minute_to"):
        label = str(_("From") if name == "minute_from" else _("Until"))
        clock = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        return forms.TimeField(label=label, required=False, widget=clock)
    if name in ("activity", "asset"):
        known = activity_words().items() if name == "activity" else asset_choices()
        return forms.ChoiceField(choices=list(known), **common)
    if name in _CODES:
        return forms.CharField(help_text=_("Separate codes with commas."), **optional)
    if isinstance(field, models.ForeignKey):
        model: Any = field.related_model
        rows = model._default_manager.complex_filter(field.get_limit_choices_to())
        options: list[tuple[str, Any]] = [("", "–"), *((row.public_id, str(row)) for row in rows)]
        return forms.ChoiceField(choices=options, **common)
    if isinstance(field, models.JSONField):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **optional)
    return _plain_field(name, field, currency, common)


def asset_choices() -> list[tuple[str, str]]:
    """What can be earned, by code, in the words of the programme. A query."""
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
        places = 4 if is_factor else 2
        return RatioField(
            scale=10_000 if is_factor else 100,
            max_digits=9,
            decimal_places=places,
            help_text=hint,
            **common,
        )
    if name.endswith("_minor"):
        return money_field(currency, common)
    if isinstance(field, models.IntegerField):
        return WholeField(**common)
    if isinstance(field, models.TextField):
        common["widget"] = forms.Textarea(attrs={"rows": 5})
    elif name == ACTIVITY:
        common["widget"] = forms.TextInput(attrs={"list": "activities", "autocomplete": "off"})
        common["help_text"] = _(
            "Choose one, or type the name your own system reports it by, such as run."
        )
    return forms.CharField(max_length=field.max_length, **common)


def ask_only_when(made: forms.Field, name: str, model: type[Rule]) -> None:
    """A field that matters for some choices of another is shown for those; a text it then wants is not
    called optional, but where it may stay empty. Sent it is always: the rule decides what counts
    (``static/js/when.js``).
    """
    asked = asked_where(model, name)
    if asked is None:
        return
    made.widget.attrs["data-when"] = f"{asked.other}={' '.join(asked.choices)}"
    if asked.spare:
        made.widget.attrs["data-needed"] = f"{asked.other}={' '.join(asked.wanting)}"
    elif isinstance(made, forms.CharField) and name in model.shown_for:
        needed_where_shown(made)


def activity_fields(
    label: str, *, is_needed: bool, ticked: Collection[str]
) -> dict[str, forms.Field]:
    """Activities to tick by name, and codes of those that only the shop's own systems report. Offered
    are those a member does by will, and those ticked before.
    """
    offered = willed_activities().union(ticked)
    known = forms.MultipleChoiceField(
        label=label,
        choices=[
            (code, capfirst(str(words)))
            for code, words in activity_words().items()
            if code in offered
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    more = forms.CharField(
        label=_("Activities of your own systems"),
        help_text=_("The names they are reported by, such as run. Separate codes with commas."),
        required=False,
    )
    return {ACTIVITIES: needed_where_shown(known) if is_needed else known, OTHERS: more}


def money_field(currency: str, common: dict[str, Any]) -> forms.Field:
    """An amount of money; its bounds are the domain's."""
    return MinorField(currency=currency, min_value=None, max_value=None, **common)


def field_value(name: str, field: Any, data: Mapping[str, Any]) -> Any:
    """What was typed, as the rule keeps it."""
    value = data.get(name)
    if name == ACTIVITIES:
        return [*(value or ()), *read_codes(str(data.get(OTHERS) or ""))]
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
        return read_codes(str(value or ""))
    return value if isinstance(value, list) else _parsed(str(value or ""))


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text) if text.strip() else []
    except orjson.JSONDecodeError:
        return text  # the command says which field wants a list


def field_shown(name: str, field: Any, value: Any) -> dict[str, Any]:
    """What the form shows of a value, by the name of its field."""
    if name in ("minute_from", "minute_to"):
        return {name: time(value // 60 % 24, value % 60)}
    if name == ACTIVITIES:
        known = activity_words()
        others = [one for one in value or () if one not in known]
        return {name: [one for one in value or () if one in known], OTHERS: codes_text(others)}
    if name in _CODES:
        return {name: codes_text(value)}
    if name.endswith("_bp"):
        return {name: Decimal(value) / (10_000 if name.startswith("factor") else 100)}
    if isinstance(field, models.ForeignKey):
        return {name: value.public_id if value else ""}
    if isinstance(field, models.JSONField) and name not in ("weekdays", "locations"):
        return {name: orjson.dumps(value).decode() if value else ""}
    return {name: value}
