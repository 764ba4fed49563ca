"""What people choose of an offer, and what owners type about one, read into plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty.tenancy.models import Location
from loyalty.web import formats
from loyalty.web.forms import needed_where_shown
from tiers.subscriptions.models import OfferedProduct, Subscription
from tiers.subscriptions.rules.terms import AHEAD, DELIVER, OfferTerms
from tiers.subscriptions.rules.words import rhythm_choices
from tiers.subscriptions.services import Chosen

MOST_SHOWN = 20


class BasketForm(forms.Form):
    """A basket, how often it comes, how it is paid and where it goes."""

    note = forms.CharField(label=_("Note for the shop"), required=False, max_length=300)

    def __init__(
        self,
        *args: Any,
        terms: OfferTerms,
        products: Sequence[OfferedProduct],
        locations: Sequence[Location],
        first: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms, self.products, self.first = terms, products, first
        for row in products:
            most = min(row.most, terms.most_units, MOST_SHOWN)
            self.fields[f"quantity_{row.pk}"] = forms.TypedChoiceField(
                label=row.product.name,
                choices=[(n, str(n)) for n in range(most + 1)],
                coerce=int,
                required=False,
                empty_value="0",
                initial=1 if row.can_be_had and len(products) == 1 else 0,
                disabled=not row.can_be_had,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
        self.fields["rhythm"] = _choice(
            _("How often"), _capital(rhythm_choices(terms)), usual=f"month:{terms.months_from}"
        )
        self.fields["first_on"] = forms.DateField(
            label=_("First delivery"),
            initial=first,
            widget=forms.DateInput(
                attrs={"type": "date", "min": first.isoformat()}, format="%Y-%m-%d"
            ),
        )
        self.fields["commit_months"] = _choice(_("For how long"), _lengths(terms))
        self.fields["pays"] = _choice(_("How you pay"), _ways(terms.ways_to_pay, _PAYS))
        self.fields["way"] = _choice(_("How you get it"), _ways(terms.ways_to_get, _WAYS))
        self._places(locations)
        self.order_fields([name for name in self.fields if name != "note"])

    def _places(self, locations: Sequence[Location]) -> None:
        if DELIVER in self.terms.ways_to_get:
            address = forms.CharField(
                label=_("Address"),
                required=False,
                max_length=300,
                widget=forms.TextInput(
                    attrs={"data-when": "way=deliver", "autocomplete": "street-address"}
                ),
            )
            self.fields["address"] = needed_where_shown(address)
        if len(locations) > 1 and "collect" in self.terms.ways_to_get:
            place = forms.ChoiceField(
                label=_("Where you collect it"),
                required=False,
                choices=[(one.public_id, one.name) for one in locations],
                widget=forms.Select(attrs={"data-when": "way=collect"}),
            )
            self.fields["location"] = needed_where_shown(place)

    def rows(self) -> list[tuple[OfferedProduct, Any]]:
        """Each product with its field."""
        return [(row, self[f"quantity_{row.pk}"]) for row in self.products]

    def chosen(self, offer: str) -> Chosen:
        """What was chosen."""
        data = self.cleaned_data
        unit, _colon, every = data["rhythm"].partition(":")
        return Chosen(
            offer=offer,
            items=tuple(
                (row.product.sku, quantity)
                for row in self.products
                if (quantity := int(data.get(f"quantity_{row.pk}") or 0))
            ),
            every=int(every),
            unit=unit,
            commit_months=int(data["commit_months"]),
            first_on=data["first_on"],
            pays=data["pays"],
        )

    def place(self) -> dict[str, str]:
        """Where it goes."""
        data = self.cleaned_data
        names = ("way", "address", "location", "note")
        return {name: data[name] for name in names if data.get(name)}


_PAYS = {str(value): label for value, label in Subscription.Pays.choices}
_WAYS = {"deliver": _("Bring it to me"), "collect": _("I collect it")}


def _ways(names: Sequence[str], words: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, words[name]) for name in names]


def _capital(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, str(capfirst(text))) for value, text in choices]


def _choice(label: Any, choices: list[tuple[Any, Any]], *, usual: str = "") -> forms.ChoiceField:
    """A choice; where there is none to make it goes along unseen."""
    widget = forms.RadioSelect() if len(choices) > 1 else forms.HiddenInput()
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=usual if usual in dict(choices) else choices[0][0],
        widget=forms.Select() if len(choices) > 4 else widget,
    )


def _lengths(terms: OfferTerms) -> list[tuple[int, str]]:
    """No commitment, and every length that takes something off."""
    found: list[tuple[int, str]] = []
    if any(one != AHEAD for one in terms.ways_to_pay):
        found.append((0, str(_("Without commitment"))))
    for step in terms.commitments:
        months = ngettext("%(n)s month", "%(n)s months", step.at_least) % {"n": step.at_least}
        share = formats.percent_text(-step.discount_bp)
        found.append((step.at_least, f"{months}: {share}"))
    if not found:
        found = [(3, ngettext("%(n)s month", "%(n)s months", 3) % {"n": 3})]
    return found
