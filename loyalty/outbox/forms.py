"""What owners type about a webhook endpoint."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.web.forms import WholeField


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

    for_all_merchants = forms.BooleanField(
        label=_("Hears of all merchants"),
        required=False,
        help_text=_("Otherwise of your own merchant's business, and of members and balances."),
    )

    # Of the endpoint as it was read; a new one has none.
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, may_see_all: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_see_all:
            del self.fields["for_all_merchants"]

    def arguments(self) -> dict[str, Any]:
        """What the commands are asked."""
        data = self.cleaned_data
        types = data["event_types"].replace(",", "\n").split()
        reach = {"for_all_merchants": True} if data.get("for_all_merchants") else {}
        return {
            **reach,
            "url": data["url"].strip(),
            "description": data["description"],
            "event_types": tuple(types),
        }
