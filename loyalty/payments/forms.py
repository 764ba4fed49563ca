"""Forms about payments: filters, money that came and goes, the settings of a gateway."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.payments.gateways.base import Gateway
from loyalty.payments.models import Charge, GatewayAccount
from loyalty.payments.rules.money import SETTLED
from loyalty.web.forms import MinorField, WholeField, needed_where_shown

SHOW = (
    ("", _("All")),
    ("any", _("Needs a look")),
    ("open", _("Open")),
    ("pending", _("Pending")),
    ("paid", _("Paid")),
    ("refunded", pgettext_lazy("money", "Refunded")),
    ("expired", _("Expired")),
    ("cancelled", _("Cancelled")),
)


class TransferForm(forms.Form):
    """A transfer staff see in the bank's app."""

    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, charge: Charge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = MinorField(
            currency=charge.currency,
            label=_("Amount that arrived"),
            # What is due, so that a bill that was given back or closed proposes nothing.
            initial=charge.standing.missing_minor or None,
        )
        names = ["amount_minor", "note"]
        if charge.state in SETTLED and not charge.standing.given_back_minor:
            self.fields["is_another"] = forms.BooleanField(
                label=_("Another transfer, besides what is recorded"), required=False
            )
            names.insert(1, "is_another")
        self.order_fields(names)

    def values(self) -> dict[str, Any]:
        """What was typed. A box left alone says nothing: it is there only once the bill is paid, and a
        form that is sent again under its key by then must say the same as it did.
        """
        return {name: one for name, one in self.cleaned_data.items() if one is not False}


class RefundForm(forms.Form):
    """What goes back, and how."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)
    by_hand = forms.BooleanField(
        label=_("I have given it back myself (cash or transfer)"), required=False
    )

    def __init__(self, *args: Any, charge: Charge, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = MinorField(
            currency=charge.currency,
            label=_("Amount to give back"),
            initial=charge.standing.excess_minor or most,
        )
        self.order_fields(["amount_minor", "reason", "by_hand"])


class AccountForm(forms.Form):
    """A gateway's settings. What is secret is never filled in again."""

    def __init__(
        self, *args: Any, gateway: Gateway, account: GatewayAccount | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        values = account.values if account is not None else {}
        self.fields["is_active"] = forms.BooleanField(
            label=_("Customers can pay this way"),
            required=False,
            initial=account.is_active if account is not None else False,
        )
        # Of the settings that were read; nothing was there yet: nought.
        self.fields["revision"] = WholeField(
            widget=forms.HiddenInput,
            required=False,
            initial=account.revision if account is not None else 0,
        )
        for setting in gateway.settings:
            initial = values.get(setting.name, setting.initial)
            common: dict[str, Any] = {
                "label": setting.label,
                "required": False,
                "help_text": setting.help_text,
            }
            if setting.choices:
                choices = [("", "–"), *setting.choices]
                self.fields[setting.name] = forms.ChoiceField(
                    choices=choices, initial=initial, **common
                )
            elif setting.is_secret:
                if account is not None and account.sealed:
                    common["help_text"] = _("Kept and never shown again. Leave empty to keep it.")
                self.fields[setting.name] = forms.CharField(
                    max_length=setting.maximum,
                    widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                    **common,
                )
            else:
                self.fields[setting.name] = forms.CharField(
                    max_length=setting.maximum, initial=initial, **common
                )
            is_kept = setting.is_secret and account is not None and bool(account.sealed)
            if setting.is_required and not is_kept:
                needed_where_shown(self.fields[setting.name])

    def values(self) -> dict[str, str]:
        """The settings as typed."""
        return {
            name: str(value)
            for name, value in self.cleaned_data.items()
            if name not in ("is_active", "revision")
        }
