"""What people type about reviews, read into plain values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.reviews.models import ReviewSettings
from community.reviews.rules import LONGEST
from community.reviews.services.settings import NAMES
from loyalty.web.forms import PicturesField, WholeField, take_pictures


class ReviewForm(forms.Form):
    """A review as its author writes it."""

    stars = forms.TypedChoiceField(
        label=_("Stars"),
        choices=[(number, number) for number in range(1, 6)],
        coerce=int,
        error_messages={"required": _("Choose one to five stars.")},
    )
    text = forms.CharField(
        label=_("What others should know"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photos = PicturesField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, most_photos: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        take_pictures(self, most_photos)


class ReplyForm(forms.Form):
    """The shop's answer; empty takes it away."""

    text = forms.CharField(
        label=_("Public answer of the shop"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How reviews work."""

    revision = WholeField(widget=forms.HiddenInput)

    class Meta:
        model = ReviewSettings
        fields = NAMES
