"""A contest as staff writes it, read into plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from community.contests.models import Contest
from community.contests.rules import (
    LONGEST_TEXT,
    MAX_CONDITIONS,
    MAX_ENTRIES,
    MAX_POINTS,
    MAX_VOTES,
    ContestInput,
    Prize,
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
# Places one can give a prize to in the form; more over the API.
PLACES = 5
_PLAIN = (
    "title_vi title_en rules_vi rules_en opens_at entries_until votes_until judging wants_text "
    "wants_photo entries_per_member votes_per_member"
).split()


def _instant(label: Any) -> forms.DateTimeField:
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=picker)


def _text(label: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(label=label, max_length=4_000, required=False, widget=area)


class PictureForm(forms.Form):
    """Another picture for a contest that is published."""

    picture = PictureField()


def _prize_field(path: str) -> str:
    """``prizes.0.points`` stands at the points of the first place, ``prizes`` too: there is none."""
    parts = path.split(".")
    if parts[0] != "prizes":
        return path
    place, name = (int(parts[1]) + 1, parts[2]) if len(parts) == 3 else (1, "points")
    return f"{name}_{min(place, PLACES)}"


class ContestForm(forms.Form):
    """What a contest is. ``contest()`` answers it as the commands take it."""

    # In one language at least: the domain asks for it, so it is not called optional.
    title_vi = needed_where_shown(
        forms.CharField(label=_("Title in Vietnamese"), max_length=120, required=False)
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    rules_vi = needed_where_shown(_text(_("Rules in Vietnamese")))
    rules_en = _text(_("Rules in English"))
    wants_text = forms.BooleanField(label=_("Members enter words"), required=False, initial=True)
    wants_photo = forms.BooleanField(label=_("Members enter a photo"), required=False)
    opens_at = _instant(_("Opens"))
    entries_until = _instant(_("Entries until"))
    votes_until = _instant(_("Votes until"))
    judging = forms.ChoiceField(
        label=_("Who decides"), choices=Contest.Judging.choices, widget=forms.RadioSelect
    )
    entries_per_member = WholeField(
        label=_("Entries of each member"), min_value=1, max_value=MAX_ENTRIES, initial=1
    )
    votes_per_member = WholeField(
        label=_("Votes of each member"), min_value=1, max_value=MAX_VOTES, initial=1
    )

    picture = PictureField()
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, contest: Contest | None = None
    ) -> None:
        self._before = list(contest.audience) if contest else []
        super().__init__(data, files, initial=_shown(contest))
        rewards = [("", "–"), *fact_options("rewards.affordable").items()]
        for place in range(1, PLACES + 1):
            self.fields[f"points_{place}"] = WholeField(
                label=_("Place %(n)s: points") % {"n": place},
                required=False,
                min_value=0,
                max_value=MAX_POINTS,
            )
            self.fields[f"reward_{place}"] = forms.ChoiceField(
                label=_("Place %(n)s: reward") % {"n": place}, required=False, choices=rewards
            )
        rows = row_count(ROWS, self.data if self.is_bound else None, self._before)
        self.fields |= row_fields(
            ROWS, str(_("Condition")), rows=rows, value=self._before, without=ACTIVITY_FACTS
        )

    def clean(self) -> dict[str, Any]:
        """Tells of rows half filled in."""
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        return self.cleaned_data

    def contest(self) -> ContestInput:
        """What was typed, for the commands; places without a prize are left out."""
        data = self.cleaned_data
        places = range(1, PLACES + 1)
        prizes = [
            Prize(points=data[f"points_{n}"] or 0, reward=data[f"reward_{n}"]) for n in places
        ]
        audience = read_rows(self, ROWS, before=self._before, is_changed=self._is_changed)
        return ContestInput(
            **{name: data[name] for name in _PLAIN},
            audience=tuple(audience),
            prizes=tuple(one for one in prizes if one.points or one.reward),
        )

    def prizes(self) -> Iterator[list[BoundField]]:
        """The fields of each place, side by side."""
        for place in range(1, PLACES + 1):
            yield [self[f"points_{place}"], self[f"reward_{place}"]]

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
            one.field = _prize_field(row_field(self, ROWS, one.field))
        show_errors(self, error)

    def _is_changed(self, part: str) -> bool:
        bound = self[part]
        return bound.field.has_changed(bound.initial, bound.data)


def _shown(contest: Contest | None) -> dict[str, Any]:
    if contest is None:
        return {"judging": "votes"}
    shown: dict[str, Any] = {name: getattr(contest, name) for name in _PLAIN}
    shown["revision"] = contest.revision
    for place, prize in enumerate(contest.prizes, start=1):
        shown |= {f"points_{place}": prize["points"], f"reward_{place}": prize["reward"]}
    return {**shown, **shown_rows(ROWS, contest.audience)}


class EntryForm(forms.Form):
    """What a member enters."""

    text = forms.CharField(
        label=_("Your words"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    photo = forms.FileField(
        label=_("Your photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP. Where it was taken is not kept."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, contest: Contest) -> None:
        super().__init__(data, files)
        self.fields["text"].required = not contest.wants_photo
        self.fields["photo"].required = contest.wants_photo
        if not contest.wants_text:
            del self.fields["text"]
        if not contest.wants_photo:
            del self.fields["photo"]

    def values(self) -> dict[str, Any]:
        """The words and the bytes of the photo."""
        file = self.cleaned_data.get("photo")
        photo = bytes(file.read()) if file else b""
        return {"text": self.cleaned_data.get("text", ""), "photo": photo}
