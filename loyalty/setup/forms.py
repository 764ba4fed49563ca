"""What owners type about their programme, their places and their people."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.tenancy.models import Programme, Staff
from loyalty.web.brand import THEMES
from loyalty.web.forms import WholeField

_CURRENCIES = ("VND", "USD", "EUR", "GBP", "AUD", "JPY", "KRW", "SGD", "THB", "CNY")
_UNITS = {
    "points": ("điểm", "points", _("Points")),
    "stars": ("sao", "stars", _("Stars")),
    "coins": ("xu", "coins", _("Coins")),
    "beans": ("hạt", "beans", _("Beans")),
}
_KINDS = {
    "cafe": ("coffee", _("Café or drinks")),
    "food": ("brick", _("Restaurant or food")),
    "retail": ("forest", _("Shop")),
    "beauty": ("plum", _("Beauty or health")),
    "service": ("indigo", _("Service")),
    "other": ("ink", _("Something else")),
}

EVERYWHERE = "all"


def currencies() -> list[tuple[str, str]]:
    """Currencies by their name in the reader's language."""
    names = Locale.parse(get_language() or "en").currencies
    return [(code, f"{code} – {names.get(code, code)}") for code in _CURRENCIES]


def zones() -> list[tuple[str, str]]:
    """All time zones, ours first."""
    ours = "Asia/Ho_Chi_Minh"
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone != ours)
    return [(zone, zone.replace("_", " ")) for zone in (ours, *others)]


class StartForm(forms.Form):
    """The wizard's one page."""

    name = forms.CharField(label=_("What is your shop called?"), max_length=200)
    kind = forms.ChoiceField(
        label=_("What kind of shop is it?"),
        choices=[(code, label) for code, (_theme, label) in _KINDS.items()],
        widget=forms.RadioSelect,
        initial="cafe",
    )
    unit = forms.ChoiceField(
        label=_("What do customers collect?"),
        choices=[(code, label) for code, (_vi, _en, label) in _UNITS.items()],
        widget=forms.RadioSelect,
        initial="points",
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies, initial="VND")
    location = forms.CharField(
        label=_("Name of the first location"),
        max_length=200,
        required=False,
        help_text=_("The street or district; more can follow."),
    )

    def described(self) -> dict[str, str]:
        """What the form says, as the command takes it."""
        data = self.cleaned_data
        unit_vi, unit_en, _label = _UNITS[data["unit"]]
        return {
            "name": data["name"],
            "currency": data["currency"],
            "location": data["location"],
            "theme": _KINDS[data["kind"]][0],
            "unit_vi": unit_vi,
            "unit_en": unit_en,
            "language": (get_language() or "vi")[:2],
        }


class SettingsForm(forms.Form):
    """All settings of a programme; the revision guards against overwriting a colleague."""

    name = forms.CharField(label=_("Name"), max_length=200)
    contact_email = forms.EmailField(
        label=_("Contact e-mail"), required=False, help_text=_("Shown to members.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        help_text=_("When a day ends: points expire and rules begin at local midnight."),
    )
    theme = forms.ChoiceField(
        label=_("Colour"),
        choices=[(code, label) for code, (_hex, label) in THEMES.items()],
        required=False,
    )
    own_colour = forms.CharField(
        label=_("Or your own colour"),
        max_length=7,
        required=False,
        help_text=_("As on your logo, such as #0e5c4a. We keep text readable on it."),
    )
    is_open = forms.BooleanField(label=_("People may join by themselves"), required=False)
    minimum_age = WholeField(label=_("Youngest age to join"), min_value=0, max_value=120)
    earn_on_tax = forms.BooleanField(
        label=_("Points on tax too"),
        required=False,
        help_text=_("Off: points count on prices without tax."),
    )
    multiplier_stacking = forms.ChoiceField(
        label=_("When several multipliers fit"),
        choices=Programme.Stacking.choices,
        widget=forms.RadioSelect,
        help_text=_("Double on Monday and triple on cake: three times, five times or six times?"),
    )
    refund_policy = forms.ChoiceField(
        label=_("When refunded points are already spent"),
        choices=Programme.RefundPolicy.choices,
        widget=forms.RadioSelect,
        help_text=_("The first keeps the books even; the second is kinder and costs you."),
    )
    spent_points_policy = forms.ChoiceField(
        label=_("Points a refunded sale was paid with"),
        choices=Programme.SpentPoints.choices,
        widget=forms.RadioSelect,
    )
    partial_refund_policy = forms.ChoiceField(
        label=_("Points when a part of a sale comes back"),
        choices=Programme.PartialRefunds.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "One point for each 40,000: of a sale of 80,000 goods for 30,000 come back. In proportion "
            "no point falls; counted anew, 50,000 deserve one, so one falls."
        ),
    )
    adjust_limit = WholeField(
        label=_("Adjustments above this need a second person"),
        min_value=0,
        help_text=_("In points. 0: every adjustment does."),
    )
    card_policy = forms.ChoiceField(
        label=_("Who gets a numbered card"),
        choices=Programme.CardPolicy.choices,
        widget=forms.RadioSelect,
    )
    card_after_visits = WholeField(label=_("After this many visits"), min_value=1)
    card_within_days = WholeField(label=_("Within this many days"), min_value=1)
    revision = WholeField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["theme"] = cleaned.get("own_colour") or cleaned.get("theme") or "forest"
        return cleaned


class AssetForm(forms.Form):
    """What points are called, and what they are worth to members."""

    name_vi = forms.CharField(label=_("Called in Vietnamese"), max_length=60)
    name_en = forms.CharField(label=_("Called in English"), max_length=60)
    value_units = WholeField(
        label=_("So many"), min_value=1, help_text=_("The worth is shown to members and cashiers.")
    )


class LocationForm(forms.Form):
    """A place."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_("As your other systems call it."),
    )
    is_active = forms.BooleanField(label=_("Open"), required=False, initial=True)


class RoleForm(forms.Form):
    """A person's role and place."""

    role = forms.ChoiceField(label=_("Role"), choices=Staff.ROLE_CHOICES, initial="cashier")

    def __init__(self, *args: Any, locations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"] = forms.ChoiceField(
            label=_("Works at"),
            choices=[("", _("All locations")), *locations],
            required=False,
            help_text=_("Sales at this person's till happen here."),
        )


class InviteForm(RoleForm):
    """Someone new in the team."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    field_order = ("email", "name", "role", "merchant", "location")

    def __init__(
        self, *args: Any, merchants: list[tuple[str, str]], own: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if merchants:
            everywhere = (EVERYWHERE, _("The whole programme: sees all merchants"))
            self.fields["merchant"] = forms.ChoiceField(
                label=_("Merchant"),
                choices=[*merchants, everywhere],
                initial=own,
                help_text=_("Sees this merchant's sales alone, and all members."),
            )
            self.order_fields(self.field_order)

    def arguments(self) -> dict[str, Any]:
        """What the command is asked."""
        data = dict(self.cleaned_data)
        if data.get("merchant") == EVERYWHERE:
            data |= {"merchant": "", "for_all_merchants": True}
        return data
