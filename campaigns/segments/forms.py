"""A segment as people write it: its names, and rows of conditions as in every rule's form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from campaigns.segments.models import Segment
from campaigns.segments.rules import MOST_CONDITIONS
from loyalty.common.errors import DomainError, Several
from loyalty.engine.conditions import ACTIVITY_FACTS
from loyalty.engine.rule_rows import (
    read_rows,
    row_count,
    row_faults,
    row_field,
    row_fields,
    shown_rows,
    value_lists,
)
from loyalty.web.forms import WholeField, show_errors

ROWS = "conditions"


class SegmentForm(forms.Form):
    """What a segment is called and who is in it; code and kind are chosen once."""

    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("What rules ask for it by; it never changes. Such as “regulars”."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Segment.Kind.choices, widget=forms.RadioSelect
    )
    told_vi = forms.CharField(
        label=_("What members read, in Vietnamese"), max_length=120, required=False
    )
    told_en = forms.CharField(
        label=_("What members read, in English"),
        max_length=120,
        required=False,
        help_text=_("On the terms page, after “for”. Left empty, they read “chosen members”."),
    )
    revision = WholeField(widget=forms.HiddenInput, required=False)
    # The conditions whose coming and going somebody has seen.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, segment: Segment | None = None) -> None:
        self._before = list(segment.conditions) if segment else []
        super().__init__(data, initial=self._shown(segment))
        if segment is not None:
            del self.fields["code"], self.fields["kind"]
        rows = row_count(ROWS, self.data if self.is_bound else None, self._before)
        self.fields |= row_fields(
            ROWS, str(_("Condition")), rows=rows, value=self._before, without=ACTIVITY_FACTS
        )

    def clean(self) -> dict[str, Any]:
        """Tells of rows half filled in."""
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        return self.cleaned_data

    def conditions(self) -> list[dict[str, Any]]:
        """The conditions as they stand in the rows; untouched ones as they were."""
        return read_rows(self, ROWS, before=self._before, is_changed=self._is_changed)

    def rows(self) -> Iterator[list[BoundField]]:
        """The fields of each row, side by side."""
        names = [name for name in self.fields if name.startswith(f"{ROWS}-")]
        for first in range(0, len(names), 3):
            yield [self[name] for name in names[first : first + 3]]

    @property
    def most(self) -> int:
        """How many rows there may be."""
        return MOST_CONDITIONS

    def value_lists(self) -> Iterator[tuple[str, list[str]]]:
        """What values can be chosen from, by fact."""
        return value_lists()

    def told_to(self, error: DomainError) -> None:
        """Put a refusal where it belongs, also on a row."""
        for one in error.errors if isinstance(error, Several) else [error]:
            one.field = row_field(self, ROWS, one.field)
        show_errors(self, error)

    def _shown(self, segment: Segment | None) -> dict[str, Any]:
        if segment is None:
            return {"kind": Segment.Kind.LIVE}
        names = ("name", "told_vi", "told_en", "revision")
        return {
            **{name: getattr(segment, name) for name in names},
            **shown_rows(ROWS, segment.conditions),
        }

    def _is_changed(self, part: str) -> bool:
        bound = self[part]
        return bound.field.has_changed(bound.initial, bound.data)


def digest(conditions: list[Mapping[str, Any]] | list[dict[str, Any]]) -> str:
    """Tells one list of conditions from another."""
    return hashlib.sha256(orjson.dumps(conditions, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
