"""What the operator types about merchants, blocks, months and payments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.coalition.models import ClearingSettings, MerchantTerms
from loyalty.web.forms import MinorField, WholeField

_DAY = {"type": "date"}


class MerchantForm(forms.Form):
    """Another business in the programme."""

    name = forms.CharField(label=_("Name of the business"), max_length=200)
    location = forms.CharField(label=_("Name of its first place"), max_length=200, required=False)


class TermsForm(forms.Form):
    """What a merchant pays and gets."""

    starts_on = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs=_DAY),
        help_text=_("Empty: tomorrow; the very first terms begin today."),
    )
    billing = forms.ChoiceField(
        label=_("Issued points are"),
        choices=[
            one for one in MerchantTerms.Billing.choices if one[0] != MerchantTerms.Billing.LEFT
        ],
        widget=forms.RadioSelect,
        initial=MerchantTerms.Billing.POSTPAID,
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issue_price_minor"] = MinorField(
            currency=currency,
            label=_("Pays for 1,000 points issued"),
            help_text=_("Points its customers collect at its tills."),
        )
        self.fields["redeem_price_minor"] = MinorField(
            currency=currency,
            label=_("Gets for 1,000 points redeemed"),
            help_text=_("Points members pay with at its tills."),
        )
        self.fields["when_empty"] = forms.ChoiceField(
            label=_("Prepaid: when the block does not suffice for a sale"),
            choices=MerchantTerms.WhenEmpty.choices,
            initial=MerchantTerms.WhenEmpty.BILL,
            help_text=_("The whole sale follows this, never half of it."),
        )
        self.fields["minimum"] = WholeField(
            label=_("Prepaid: warn when so many points are left"), min_value=0, initial=0
        )


class BlockForm(forms.Form):
    """Points paid for in advance."""

    points = WholeField(label=_("Points"), min_value=1, max_value=10**12)
    reference = forms.CharField(label=_("Reference of the payment"), max_length=80)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price_minor"] = MinorField(currency=currency, label=_("Paid in all"))
        self.order_fields(["points", "price_minor", "reference"])


class PaymentForm(forms.Form):
    """Money handed over for a statement."""

    reference = forms.CharField(label=_("Reference of the transfer"), max_length=80)
    paid_on = forms.DateField(label=_("On"), required=False, widget=forms.DateInput(attrs=_DAY))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = MinorField(currency=currency, label=_("Amount"))
        self.order_fields(["amount_minor", "reference", "paid_on"])


class ClearingForm(forms.Form):
    """How the coalition clears."""

    breakage_to = forms.ChoiceField(
        label=_("Money of points that expire"),
        choices=ClearingSettings.Breakage.choices,
        widget=forms.RadioSelect,
    )
