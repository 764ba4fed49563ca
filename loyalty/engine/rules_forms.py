"""One form for every kind of rule, made from its fields: people's words in, a rule's values out.

A new mechanic's rules are edited here unasked. Lists of codes are typed with commas, a share in
percent, a time of day as a time; conditions and limits have rows of their own (``rule_rows.py``).
What nobody changed is not sent, so that it stays as it was written, whatever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from itertools import groupby
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
from loyalty.engine.fact_info import DAYS, activity_words, fact_options
from loyalty.engine.models import Rule
from loyalty.engine.rule_rows import (
    ROWS,
    most_rows,
    read_rows,
    row_count,
    row_faults,
    row_fields,
    shown_rows,
    value_lists,
)
from loyalty.engine.rule_tables import (
    MOST as MOST_IN_TABLE,
)
from loyalty.engine.rule_tables import (
    read_table,
    shown_table,
    table_fields,
    table_rows,
)
from loyalty.engine.selectors import RuleKind
from loyalty.ledger.assets import assets_of_kind
from loyalty.tenancy.models import Location
from loyalty.web.forms import MinorField, RatioField, WholeField, codes_text, read_codes

_CODES = {
    "skus",
    "categories",
    "excluded_skus",
    "excluded_categories",
    "expiry_dates",
    "activity_types",
}

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
class Block:
    """Fields side by side; ``most`` is set where they are rows one can add to."""

    name: str
    rows: list[list[BoundField]]
    most: int = 0


@dataclass(frozen=True)
class Section:
    """Fields that stand together; ``is_open`` shows them without a click."""

    title: str
    fields: list[BoundField]
    is_open: bool

    @property
    def blocks(self) -> Iterator[Block]:
        """The fields as they stand: plain ones side by side, those of a condition or limit in a row."""
        for name, fields in groupby(self.fields, key=_list_of):
            if not name:
                yield Block("", [list(fields)])
                continue
            rows = groupby(fields, key=lambda one: one.name.rpartition("-")[0])
            most = most_rows(name) if name in ROWS else MOST_IN_TABLE
            yield Block(name, [list(row) for _row, row in rows], most)


def _list_of(field: BoundField) -> str:
    """The list a field is a part of: ``limits-0-maximum``; empty for one that stands alone."""
    name, dash, _rest = str(field.name).partition("-")
    return name if dash else ""


class RuleForm(forms.Form):
    """The values of one kind of rule. ``values()`` answers those changed as the commands take them."""

    def __init__(
        self, data: Any, *, kind: RuleKind, currency: str, initial: Mapping[str, Any]
    ) -> None:
        self.kind = kind
        self._places = exponent(currency) if kind.model.counts_money else 0
        self._before = initial
        super().__init__(data, initial=self._shown(initial))
        for name, field in self._here().items():
            for part, form_field in self._fields_of(name, field, currency).items():
                self.fields[part] = form_field
        for name in ("activity", "asset", *kind.model.asks):
            _offer(self.fields.get(name), initial.get(name))
        for name, value in initial.items():
            if _is_link(kind, name) and value is not None:
                _offer(self.fields.get(name), value.public_id, label=str(value))
        for name in initial.get("locations") or ():
            _offer(self.fields.get("locations"), name)
        self.fields["revision"] = WholeField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Tells of rows half filled in, so that nothing typed is passed over in silence."""
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """What was changed, by the name of the rule's field."""
        found: dict[str, Any] = {}
        for name, field in self._here().items():
            if name in ROWS:
                before = self._before.get(name) or []
                rows = read_rows(
                    self,
                    name,
                    before=before,
                    is_changed=self._is_changed,
                    places=self._places,
                )
                if rows != before:
                    found[name] = rows
            elif name in self.kind.model.tables:
                before = self._before.get(name) or []
                columns = self.kind.model.tables[name]
                rows = read_table(self, name, columns, before=before, is_changed=self._is_changed)
                if rows != before:
                    found[name] = rows
            elif self._is_changed(name):
                found[name] = _value(name, field, self.cleaned_data)
        return found

    def sections(self) -> Iterator[Section]:
        """The form as it stands on the page."""
        # A shared field that a kind calls by a name of its own stands with its own.
        renamed = set(self.kind.own_fields) & {one.name for one in Rule._meta.local_fields}
        claimed = {
            name: title
            for title, marks in _SECTIONS
            for name in self.fields
            if name not in renamed and any(name == mark or name.startswith(mark) for mark in marks)
        }
        first = [n for n in self.fields if n not in claimed and n != "revision"]
        tables = self.kind.model.tables
        rows = [n for n in first if n.partition("-")[0] in tables]
        first = [n for n in first if n not in rows]
        first.sort(key=lambda name: name != "name")
        yield Section("", [self[name] for name in first], is_open=True)
        for name in tables:
            heading = str(capfirst(self.kind.fields[name].verbose_name))
            own = [self[row] for row in rows if row.partition("-")[0] == name]
            yield Section(heading, own, is_open=True)
        for title, _marks in _SECTIONS:
            names = [name for name in self.fields if claimed.get(name) == title]
            if names:
                fields = [self[name] for name in names]
                yield Section(str(title), fields, is_open=any(_is_said(one) for one in fields))

    def value_lists(self) -> Iterator[tuple[str, list[str]]]:
        """What the values of conditions can be chosen from, by fact."""
        return value_lists()

    def _here(self) -> dict[str, Any]:
        """The fields of this form; what has a page of its own is not among them."""
        apart = self.kind.model.elsewhere
        return {name: field for name, field in self.kind.fields.items() if name not in apart}

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {"revision": values.get("revision")}
        for name, field in self._here().items():
            if name in ROWS and name in values:
                shown |= shown_rows(name, values[name] or [], places=self._places)
            elif name in self.kind.model.tables:
                shown |= shown_table(name, self.kind.model.tables[name], values.get(name) or [])
            elif name in values:
                shown |= _shown(name, field, values[name])
        return shown

    def _fields_of(self, name: str, field: Any, currency: str) -> dict[str, forms.Field]:
        label = _("Hold-out share") if name == "holdout_bp" else capfirst(field.verbose_name)
        if name in ROWS:
            value = self._before.get(name) or []
            rows = row_count(name, self.data if self.is_bound else None, value)
            return row_fields(name, str(label), rows=rows, value=value, places=self._places)
        if name in self.kind.model.tables:
            columns, value = self.kind.model.tables[name], self._before.get(name) or []
            data = self.data if self.is_bound else None
            rows = table_rows(name, columns, data, value)
            return table_fields(name, columns, rows=rows, value=value)
        if name == "budget" and self.kind.model.counts_money:
            return {name: _money_field(currency, {"label": label, "required": False})}
        if name in self.kind.model.asks:
            choices = [("", "–"), *fact_options(self.kind.model.asks[name]).items()]
            return {name: forms.ChoiceField(label=label, choices=choices, required=not field.blank)}
        made = _one_field(name, field, currency, str(label))
        asked = (*self.kind.model.called_by, *self.kind.model.needs)
        made.required = made.required or name in asked
        return {name: made}

    def _is_changed(self, part: str) -> bool:
        """Was a field changed? An instant shows minutes; its seconds are no change."""
        bound = self[part]
        if isinstance(bound.field, forms.DateTimeField):
            shown = bound.field.widget.format_value(bound.field.prepare_value(bound.initial))
            return (shown or "") != (bound.data or "")
        return bound.field.has_changed(bound.initial, bound.data)


def _offer(field: Any, value: Any, *, label: str = "") -> None:
    """A choice the rule has made stays one, though nobody could make it anew."""
    if isinstance(field, forms.ChoiceField) and value:
        known = list(field.choices)  # type: ignore[arg-type]
        if str(value) not in {str(code) for code, _label in known}:
            field.choices = [*known, (value, label or value)]


def _one_field(name: str, field: Any, currency: str, label: str) -> forms.Field:
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
        known = activity_words().items() if name == "activity" else _assets()
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
        places = 4 if is_factor else 2
        return RatioField(
            scale=10_000 if is_factor else 100,
            max_digits=9,
            decimal_places=places,
            help_text=hint,
            **common,
        )
    if name.endswith("_minor"):
        return _money_field(currency, common)
    if isinstance(field, models.IntegerField):
        return WholeField(**common)
    if isinstance(field, models.TextField):
        common["widget"] = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(max_length=field.max_length, **common)


def _money_field(currency: str, common: dict[str, Any]) -> forms.Field:
    return MinorField(currency=currency, min_value=None, max_value=None, **common)


def _value(name: str, field: Any, data: Mapping[str, Any]) -> Any:
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
        return read_codes(str(value or ""))
    return value if isinstance(value, list) else _parsed(str(value or ""))


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text) if text.strip() else []
    except orjson.JSONDecodeError:
        return text  # the command says which field wants a list


def _shown(name: str, field: Any, value: Any) -> dict[str, Any]:
    if name in ("minute_from", "minute_to"):
        return {name: time(value // 60 % 24, value % 60)}
    if name in _CODES:
        return {name: codes_text(value)}
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
    return isinstance(kind.fields.get(name), models.ForeignKey)
