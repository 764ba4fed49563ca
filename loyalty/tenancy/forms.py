"""What owners choose for an API key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

# Ready-made sets, so that nobody has to read a list of scopes to connect a till.
PRESETS = {
    "till": (
        _("A till or web shop"),
        _("Finds and enrols members, records sales and refunds, redeems rewards."),
        (
            "members:read",
            "members:write",
            "purchases:read",
            "purchases:write",
            "refunds:write",
            "ledger:read",
            "rewards:read",
            "redemptions:read",
            "redemptions:write",
            "punchcards:read",
            "programme:read",
        ),
    ),
    "read": (_("Reports"), _("Reads everything, changes nothing."), ("*:read",)),
    "all": (_("Everything"), _("Whatever you may do yourself. Keep it safe."), ("*:*",)),
}


class ApiKeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What uses it: “Till in Quận 3”.")
    )
    preset = forms.ChoiceField(
        label=_("What may it do?"),
        choices=[
            *((code, label) for code, (label, _text, _scopes) in PRESETS.items()),
            ("own", _("Choose one by one")),
        ],
        widget=forms.RadioSelect,
        initial="till",
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), required=False, widget=forms.CheckboxSelectMultiple
    )

    for_all_merchants = forms.BooleanField(
        label=_("Reads the sales of all merchants"),
        required=False,
        help_text=_("Otherwise your own merchant's alone."),
    )

    def __init__(
        self, *args: object, scopes: tuple[str, ...], may_see_all: bool, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not may_see_all:
            del self.fields["for_all_merchants"]
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope, scope) for scope in scopes]

    def wanted(self) -> tuple[str, ...]:
        """The scopes asked for."""
        preset = self.cleaned_data["preset"]
        return PRESETS[preset][2] if preset in PRESETS else tuple(self.cleaned_data["scopes"])
