"""What people type about points, read into plain values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.common.money import exponent
from loyalty.engine.models import Expiring, Rounding
from loyalty.web.forms import RatioField, WholeField
from rewards.points.rules import MAX_POINTS

_EXPIRY = [choice for choice in Expiring.Kind.choices if choice[0] != "default"]


class SettingsForm(forms.Form):
    """The settings of points."""

    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)
    value_units = WholeField(label=_("So many points"), min_value=1)
    value_minor = WholeField(label=_("Are worth"), min_value=0)
    rounding = forms.ChoiceField(label=_("Fractions after multiplying"), choices=Rounding.choices)
    pay_enabled = forms.BooleanField(label=_("Pay with points at the till"), required=False)
    pay_minimum = WholeField(label=_("At least"), min_value=1)
    pay_step = WholeField(label=_("In steps of"), min_value=1)
    pay_cap_bp = RatioField(
        label=_("At most this share of the bill (%)"), max_digits=5, decimal_places=2, min_value=0
    )
    pay_cap_points = WholeField(label=_("At most so many at once"), required=False, min_value=1)
    expiry_kind = forms.ChoiceField(label=_("Points expire"), choices=_EXPIRY)
    expiry_count = WholeField(label=_("After"), min_value=1, max_value=3_650)
    expiry_unit = forms.ChoiceField(label=_("Unit"), choices=Expiring.Unit.choices)
    expiry_round_up = forms.ChoiceField(
        label=_("Rounded up"), choices=Expiring.RoundUp.choices, required=False
    )
    expiry_dates = forms.CharField(
        label=_("Days of the year (MM-DD)"),
        required=False,
        help_text=_("Separate days with commas, for example 06-30, 12-31."),
    )
    transfer_enabled = forms.BooleanField(
        label=_("Members may give points to each other"), required=False
    )
    transfer_minimum = WholeField(label=_("At least per gift"), min_value=1)
    transfer_daily_maximum = WholeField(label=_("At most a day"), required=False, min_value=1)
    revision = WholeField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        money = {"data-money": "", "data-precision": str(exponent(currency))}
        self.fields["value_minor"].widget = forms.TextInput(attrs=money)

    def values(self) -> dict[str, Any]:
        """What was typed, as the command takes it."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        data["pay_cap_bp"] = int(data["pay_cap_bp"] * 100)
        if "expiry_count" not in self.changed_data:
            del data["expiry_count"]
        days = str(data["expiry_dates"]).split(",")
        data["expiry_dates"] = [day.strip() for day in days if day.strip()]
        return data

    @staticmethod
    def shown(values: dict[str, Any]) -> dict[str, Any]:
        """Settings as the form shows them."""
        cap, days = Decimal(values["pay_cap_bp"]) / 100, ", ".join(values["expiry_dates"])
        kind = "none" if values["expiry_kind"] == "default" else values["expiry_kind"]
        return {**values, "pay_cap_bp": cap, "expiry_dates": days, "expiry_kind": kind}


class AdjustmentForm(forms.Form):
    """Points given or taken by hand."""

    amount = WholeField(
        label=_("Points"),
        min_value=-MAX_POINTS,
        max_value=MAX_POINTS,
        help_text=_("With a minus sign they are taken."),
    )
    text = forms.CharField(label=_("Why (the member reads it)"), max_length=200)
    note = forms.CharField(
        label=_("Internal note"),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class GiftForm(forms.Form):
    """Points for another member."""

    to = forms.CharField(label=_("Their phone or card number"), max_length=254)
    amount = WholeField(label=_("How many"), min_value=1, max_value=MAX_POINTS)
    message = forms.CharField(label=_("A word with it"), max_length=200, required=False)
