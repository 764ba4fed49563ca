"""One form for every kind of rule, made from its fields: people's words in, a rule's values out.

A new mechanic's rules are edited here unasked. Lists of codes are typed with commas, a share in
percent, a time of day as a time; conditions and limits have rows of their own (``rule_rows.py``).
What nobody changed is not sent, so that it stays as it was written, whatever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.db import models
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loyalty.common.money import exponent
from loyalty.engine.activity import PURCHASE
from loyalty.engine.fact_info import activity_words, fact_options
from loyalty.engine.models import Rule
from loyalty.engine.rule_fields import (
    ACTIVITIES,
    ACTIVITY,
    NAMES,
    OTHERS,
    activity_fields,
    ask_only_when,
    field_shown,
    field_value,
    left_out_names,
    money_field,
    one_field,
)
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
from loyalty.engine.rule_values import faults_of
from loyalty.engine.selectors import RuleKind
from loyalty.web.forms import WholeField, needed_where_shown, show_errors

# Where a field stands; what no section claims stands first.
_SECTIONS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (
        _("Which goods, and where"),
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
        """Tells of rows half filled in, so that nothing typed is passed over in silence; and, beside
        what cannot be read, of what can and is out of range: nobody is sent round twice.
        """
        if ACTIVITIES in self.kind.model.needs and not self._activities():
            self.add_error(ACTIVITIES, _("Say which activities count."))
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        if self.errors:
            unread = self._unread()
            before = {name: one for name, one in self._before.items() if name in self.kind.fields}
            row = self.kind.model(**before)
            for fault in faults_of(row, self.kind, self.values(), unread=unread):
                if fault.field.split(".")[0] not in unread:
                    show_errors(self, fault)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """What was changed and could be read, by the name of the rule's field."""
        found: dict[str, Any] = {}
        unread = self._unread()
        for name, field in self._here().items():
            if name in unread:
                continue
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
            elif self._is_changed(name) or (name == ACTIVITIES and self._is_changed(OTHERS)):
                found[name] = field_value(name, field, self.cleaned_data)
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
        first.sort(key=lambda name: NAMES.index(name) if name in NAMES else len(NAMES))
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

    def activities(self) -> Iterator[tuple[str, str]]:
        """Activities a field for one offers beside what own systems report, with what people call them."""
        if ACTIVITY in self.fields:
            yield from (
                (code, capfirst(str(words)))
                for code, words in activity_words().items()
                if code != PURCHASE
            )

    def _here(self) -> dict[str, Any]:
        """The fields of this form; what has a page of its own is not among them."""
        apart = self.kind.model.elsewhere | left_out_names(self._before)
        return {name: field for name, field in self.kind.fields.items() if name not in apart}

    def _unread(self) -> set[str]:
        """The rule's fields of which a part could not be read: ``limits`` for ``limits-0-maximum``."""
        return {part.partition("-")[0] for part in self.errors}

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {"revision": values.get("revision")}
        for name, field in self._here().items():
            if name in ROWS and name in values:
                shown |= shown_rows(name, values[name] or [], places=self._places)
            elif name in self.kind.model.tables:
                shown |= shown_table(name, self.kind.model.tables[name], values.get(name) or [])
            elif name in values:
                shown |= field_shown(name, field, values[name])
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
            return {name: money_field(currency, {"label": label, "required": False})}
        if name in self.kind.model.asks:
            choices = [("", "–"), *fact_options(self.kind.model.asks[name]).items()]
            choice = forms.ChoiceField(label=label, choices=choices, required=not field.blank)
            ask_only_when(choice, name, self.kind.model)
            return {name: choice}
        if name == ACTIVITIES:
            needed = name in self.kind.model.needs
            ticked = self._before.get(name) or ()
            return activity_fields(str(label), is_needed=needed, ticked=ticked)
        made = one_field(name, field, currency, str(label))
        ask_only_when(made, name, self.kind.model)
        asked = (*self.kind.model.called_by, *self.kind.model.needs)
        made.required = made.required or name in asked
        if name in self.kind.model.needs_one[:1]:
            needed_where_shown(made)
        return {name: made}

    def _activities(self) -> bool:
        return bool(self.cleaned_data.get(ACTIVITIES) or self.cleaned_data.get(OTHERS))

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
