"""What people type in discussions, read into plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from community.discussions.models import DiscussionSettings, Group, Topic
from community.discussions.rules import LONGEST, LONGEST_TITLE
from community.discussions.services.settings import NAMES
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
from loyalty.web.forms import PicturesField, WholeField, show_errors, take_pictures

ROWS, MOST_CONDITIONS = "conditions", 12


class TopicForm(forms.Form):
    """A topic or an idea as its author writes it."""

    kind = forms.ChoiceField(
        label=_("What is it"), choices=Topic.Kind.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("Tell more"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    group = forms.ChoiceField(label=_("Where"), required=False)
    photos = PicturesField(label=_("Photos"), required=False)

    def __init__(
        self,
        *args: Any,
        rooms: Sequence[Group],
        ideas_open: bool = True,
        most_photos: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        take_pictures(self, most_photos)
        choices = [("", _("For everybody")), *((row.public_id, row.name) for row in rooms)]
        group_field: Any = self.fields["group"]
        group_field.choices = choices
        if not rooms:
            del self.fields["group"]
        if not ideas_open:
            kind_field: Any = self.fields["kind"]
            kind_field.choices = [Topic.Kind.choices[0]]


class ReplyForm(forms.Form):
    """A reply; the shop's own has no photos."""

    text = forms.CharField(
        label=_("Your reply"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PicturesField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, most_photos: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        take_pictures(self, most_photos)


class MorePhotosForm(forms.Form):
    """Photos that come to a text that is changed."""

    photos = PicturesField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, most_photos: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        take_pictures(self, most_photos)


class StatusForm(forms.Form):
    """What becomes of an idea."""

    status = forms.ChoiceField(label=_("What becomes of it"), choices=Topic.Status.choices)
    note = forms.CharField(
        label=_("A word about it (everybody reads it)"), max_length=300, required=False
    )


class GroupForm(forms.Form):
    """A group; its conditions as rows, as in every rule's form."""

    name = forms.CharField(label=_("Name"), max_length=80)
    about = forms.CharField(label=_("What it is about"), max_length=300, required=False)
    join = forms.ChoiceField(
        label=_("Who comes in"), choices=Group.Join.choices, widget=forms.RadioSelect
    )
    is_private = forms.BooleanField(label=_("Only its members read it"), required=False)
    is_archived = forms.BooleanField(label=_("Put it away"), required=False)
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, group: Group | None = None) -> None:
        self._before = list(group.conditions) if group else []
        super().__init__(data, initial=self._shown(group))
        if group is None:
            del self.fields["is_archived"]
        rows = row_count(ROWS, self.data if self.is_bound else None, self._before)
        self.fields |= row_fields(
            ROWS, str(_("Condition")), rows=rows, value=self._before, without=ACTIVITY_FACTS
        )

    def clean(self) -> dict[str, Any]:
        """Tells of rows half filled in."""
        for part, text in list(row_faults(self, is_changed=self._is_changed)):
            self.add_error(part, text)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """What was typed, as the command takes it."""
        names = ("name", "about", "join", "is_private", "is_archived")
        given = {name: self.cleaned_data[name] for name in names if name in self.fields}
        conditions = read_rows(self, ROWS, before=self._before, is_changed=self._is_changed)
        return {**given, "conditions": conditions}

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

    def _shown(self, group: Group | None) -> dict[str, Any]:
        if group is None:
            return {"join": Group.Join.OPEN}
        names = ("name", "about", "join", "is_private", "revision")
        return {
            **{name: getattr(group, name) for name in names},
            "is_archived": group.state == Group.State.ARCHIVED,
            **shown_rows(ROWS, group.conditions),
        }

    def _is_changed(self, part: str) -> bool:
        bound = self[part]
        return bound.field.has_changed(bound.initial, bound.data)


class DiscussionSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How discussions work."""

    revision = WholeField(widget=forms.HiddenInput)

    class Meta:
        model = DiscussionSettings
        fields = NAMES
