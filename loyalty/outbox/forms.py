"""What owners type about a webhook endpoint."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class EndpointForm(forms.Form):
    """An address that hears about events."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    description = forms.CharField(label=_("What it is for"), max_length=200, required=False)
    event_types = forms.CharField(
        label=_("Events"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line, such as purchase.recorded or points.*; empty means all."),
    )

    def arguments(self) -> dict[str, object]:
        """What the commands are asked."""
        data = self.cleaned_data
        types = data["event_types"].replace(",", "\n").split()
        return {
            "url": data["url"].strip(),
            "description": data["description"],
            "event_types": tuple(types),
        }
