"""An event as staff writes it, read into plain values; whom it is for as in every rule's form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from community.events.models import Event
from community.events.rules import (
    MAX_CAPACITY,
    MAX_CONDITIONS,
    MAX_GUESTS,
    MAX_HOURS,
    MAX_OFFER_HOURS,
    MAX_POINTS,
    EventInput,
)
from loyalty.common.errors import DomainError, Several
from loyalty.engine.conditions import ACTIVITY_FACTS
from loyalty.engine.fact_info import fact_options
from loyalty.engine.rule_rows import (
    read_rows,
    row_count,
    row_faults,
    row_field,
    row_fields,
    shown_rows,
    value_lists,
)
from loyalty.web.forms import PictureField, WholeField, needed_where_shown, show_errors

ROWS = "audience"
_PLAIN = (
    "title_vi title_en about_vi about_en place link starts_at ends_at capacity guests_most "
    "price_points reward refund_hours offer_hours"
).split()


def _instant(label: Any) -> forms.DateTimeField:
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=picker)


def _text(label: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, max_length=4_000, required=False, widget=area)


class EventForm(forms.Form):
    """What an event is. ``event()`` answers it as the commands take it."""

    # In one language at least: the domain asks for it, so it is not called optional.
    title_vi = needed_where_shown(
        forms.CharField(label=_("Title in Vietnamese"), max_length=120, required=False)
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    about_vi = _text(_("About it, in Vietnamese"))
    about_en = _text(_("About it, in English"))
    starts_at = _instant(_("Starts"))
    ends_at = _instant(_("Ends"))
    # Or a link, so neither is required.
    place = needed_where_shown(forms.CharField(label=_("Place"), max_length=200, required=False))
    link = forms.CharField(
        label=_("Link, for an event online"),
        max_length=500,
        required=False,
        help_text=_("Only who has a ticket sees it."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    capacity = WholeField(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=MAX_CAPACITY,
        help_text=_("Guests included. Empty: as many as like."),
    )
    guests_most = WholeField(
        label=_("Guests each may bring"),
        required=False,
        min_value=0,
        max_value=MAX_GUESTS,
        initial=0,
    )
    offer_hours = WholeField(
        label=_("Hours to accept a place"),
        required=False,
        min_value=0,
        max_value=MAX_OFFER_HOURS,
        initial=0,
        help_text=_("For who moves up from the waiting list. 0: the place is theirs at once."),
    )
    price_points = WholeField(
        label=_("Price in points"),
        required=False,
        min_value=0,
        max_value=MAX_POINTS,
        initial=0,
        help_text=_("For each person; 0 is free."),
    )
    reward = forms.ChoiceField(
        label=_("Or a reward is the ticket"),
        required=False,
        help_text=_("Whoever gets this reward, from the catalogue or from a rule, gets a ticket."),
    )
    refund_hours = WholeField(
        label=_("All comes back until so many hours before"),
        required=False,
        min_value=0,
        max_value=MAX_HOURS,
        initial=24,
    )
    late_refund = forms.DecimalField(
        label=_("Share of the points that comes back later"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        initial=Decimal(0),
        help_text=_("In percent."),
    )
    picture = PictureField()
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, event: Event | None = None) -> None:
        self._before = list(event.audience) if event else []
        self._event = event
        super().__init__(data, files, initial=_shown(event))
        kept = event.reward if event else ""
        rewards = dict(fact_options("rewards.affordable"))
        if kept and kept not in rewards:
            rewards[kept] = kept
        reward_field: Any = self.fields["reward"]
        reward_field.choices = [("", "–"), *rewards.items()]
        rows = row_count(ROWS, self.data if self.is_bound else None, self._before)
        self.fields |= row_fields(
            ROWS, str(_("Condition")), rows=rows, value=self._before, without=ACTIVITY_FACTS
        )

    def clean(self) -> dict[str, Any]:
        """Tells of rows half filled in."""
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        return self.cleaned_data

    def event(self) -> EventInput:
        """What was typed, for the commands."""
        data = self.cleaned_data
        audience = read_rows(self, ROWS, before=self._before, is_changed=self._is_changed)
        values = {name: data[name] for name in _PLAIN}
        for name in ("guests_most", "price_points", "offer_hours", "refund_hours"):
            values[name] = values[name] or 0
        for name in ("starts_at", "ends_at"):
            values[name] = self._kept_seconds(name, values[name])
        return EventInput(
            **values,
            audience=tuple(audience),
            late_refund_bp=int((data["late_refund"] or 0) * 100),
        )

    def rows(self) -> Iterator[list[BoundField]]:
        """The fields of each condition, side by side."""
        names = [name for name in self.fields if name.startswith(f"{ROWS}-")]
        for first in range(0, len(names), 3):
            yield [self[name] for name in names[first : first + 3]]

    @property
    def most(self) -> int:
        """How many conditions there may be."""
        return MAX_CONDITIONS

    def value_lists(self) -> Iterator[tuple[str, list[str]]]:
        """What values can be chosen from, by fact."""
        return value_lists()

    def told_to(self, error: DomainError) -> None:
        """Put a refusal where it belongs, also on a row."""
        for one in error.errors if isinstance(error, Several) else [error]:
            one.field = row_field(self, ROWS, one.field)
        show_errors(self, error)

    def _kept_seconds(self, name: str, typed: datetime) -> datetime:
        """The form shows minutes; an instant nobody changed keeps its seconds."""
        before: datetime | None = getattr(self._event, name, None)
        same = before is not None and timedelta(0) <= before - typed < timedelta(minutes=1)
        return before if same and before is not None else typed

    def _is_changed(self, part: str) -> bool:
        bound = self[part]
        return bound.field.has_changed(bound.initial, bound.data)


def _shown(event: Event | None) -> dict[str, Any]:
    if event is None:
        return {}
    return {
        **{name: getattr(event, name) for name in _PLAIN},
        "late_refund": Decimal(event.late_refund_bp) / 100,
        "revision": event.revision,
        **shown_rows(ROWS, event.audience),
    }


class GuestForm(forms.Form):
    """Staff answers for a member."""

    member = forms.CharField(
        label=_("Member"),
        max_length=200,
        help_text=_("Phone, e-mail, card number or the code on their screen."),
    )
    guests = WholeField(label=_("Guests"), required=False, min_value=0, max_value=MAX_GUESTS)
