"""What people type about manners, read into plain values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.web.forms import WholeField, codes_text, read_codes
from members.moderation.models import ModerationSettings, Report


class ReportForm(forms.Form):
    """Why something is not right."""

    reason = forms.ChoiceField(
        label=_("What is wrong"), choices=Report.Reason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("A word about it"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    block = forms.BooleanField(label=_("Do not show me this person any more"), required=False)


class ModerationSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What holds for everything members write."""

    words = forms.CharField(
        label=_("Words to be looked at"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("With commas or on lines of their own. A text with one of them waits for you."),
    )
    revision = WholeField(widget=forms.HiddenInput)

    class Meta:
        model = ModerationSettings
        fields = ("words", "links", "per_hour", "hide_after")
        help_texts = {"hide_after": _("Until you have decided. 0: reports alone hide nothing.")}

    @staticmethod
    def shown(row: ModerationSettings) -> dict[str, Any]:
        """Settings as the form shows them."""
        return {"words": codes_text(row.words), "revision": row.revision}

    def clean_words(self) -> list[str]:
        return read_codes(self.cleaned_data["words"])
