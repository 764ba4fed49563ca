"""What owners type about an offer, read into the values of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loyalty.engine.fact_info import DAYS
from loyalty.engine.rule_fields import CalledForm, names_of
from loyalty.web.forms import MinorField, RatioField, WholeField
from tiers.subscriptions.models import Offer
from tiers.subscriptions.rules.terms import MOST_MONTHS, MOST_STEPS

_PLAIN = (
    "code weeks_from weeks_to months_from months_to leaving renews holds_price pays_before "
    "pays_on_delivery pays_ahead delivers collects cutoff_days cutoff_hour grace_days "
    "longest_pause_days most_units"
).split()


class OfferForm(CalledForm):
    """An offer in the words of who makes it: shares in percent, steps in rows."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _PLAIN:
            self.fields[name] = self._of_model(name)
        self.fields["shipping_minor"] = MinorField(
            currency=currency, label=self._label("shipping_minor"), required=False
        )
        self.fields["weekdays"] = forms.TypedMultipleChoiceField(
            label=_("Delivers on"),
            choices=list(enumerate(DAYS, start=1)),
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None chosen: on every day."),
        )
        for name in ("discount_bp", "perk_bp"):
            self.fields[name] = _share(self._label(name), required=False)
        self.fields["factor_bp"] = RatioField(
            label=self._label("factor_bp"),
            min_value=1,
            max_value=100,
            decimal_places=2,
            initial=1,
            help_text=_("2 doubles, 1.5 gives half as much again."),
        )
        for number in range(MOST_STEPS):
            months, products = _("From months committed"), _("From products on one delivery")
            self._step("commitments", number, "months", most=MOST_MONTHS, label=months)
            self._step("by_products", number, "products", most=1_000, label=products)
        self.fields["revision"] = WholeField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """What was typed, as the values of a rule."""
        data = self.cleaned_data
        return {
            **self.names(),
            **{name: data[name] for name in _PLAIN},
            "shipping_minor": data["shipping_minor"] or 0,
            "weekdays": data["weekdays"],
            "discount_bp": _bp(data["discount_bp"]),
            "perk_bp": _bp(data["perk_bp"]),
            "factor_bp": int(data["factor_bp"] * 10_000),
            "commitments": self._steps("commitments", "months"),
            "by_products": self._steps("by_products", "products"),
        }

    def step_lists(self) -> list[dict[str, Any]]:
        """Committed lengths and numbers of products: what is given, and a spare row behind it."""
        lists = (("commitments", "months"), ("by_products", "products"))
        return [{"rows": self._rows(name, unit), "most": MOST_STEPS} for name, unit in lists]

    def _rows(self, name: str, unit: str) -> list[tuple[Any, Any]]:
        rows = [
            (self[f"{name}-{n}-{unit}"], self[f"{name}-{n}-discount_bp"]) for n in range(MOST_STEPS)
        ]
        given = [n for n, row in enumerate(rows) if any(one.value() or one.errors for one in row)]
        return rows[: max(given, default=-1) + 2]

    def _steps(self, name: str, unit: str) -> list[dict[str, int]]:
        data = self.cleaned_data
        found = [
            {unit: data[f"{name}-{n}-{unit}"], "discount_bp": _bp(data[f"{name}-{n}-discount_bp"])}
            for n in range(MOST_STEPS)
            if data[f"{name}-{n}-{unit}"] or data[f"{name}-{n}-discount_bp"]
        ]
        return [{name: value or 0 for name, value in one.items()} for one in found]

    def _step(self, name: str, number: int, unit: str, *, most: int, label: Any) -> None:
        self.fields[f"{name}-{number}-{unit}"] = WholeField(
            label=label, min_value=1, max_value=most, required=False
        )
        off = _share(_("Percent off"), required=False)
        off.help_text = ""
        self.fields[f"{name}-{number}-discount_bp"] = off

    def _of_model(self, name: str) -> forms.Field:
        of_model: Any = Offer._meta.get_field(name)
        field = of_model.formfield()
        assert isinstance(field, forms.Field)
        field.label = self._label(name)
        field.required = field.required and not isinstance(field, forms.BooleanField)
        if name == "code":
            field.required = True
            field.help_text = _("Small letters, digits and hyphens: rules ask for it by this.")
        return field

    def _label(self, name: str) -> str:
        verbose = Offer._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        return str(capfirst(verbose))


def initial_of(offer: Offer) -> dict[str, Any]:
    """An offer as the form shows it."""
    found: dict[str, Any] = dict(names_of(offer))
    found |= {name: getattr(offer, name) for name in (*_PLAIN, "shipping_minor", "weekdays")}
    found["factor_bp"] = Decimal(offer.factor_bp) / 10_000
    found["discount_bp"] = Decimal(offer.discount_bp) / 100
    found["perk_bp"] = Decimal(offer.perk_bp) / 100
    found["revision"] = offer.revision
    return {
        **found,
        **_shown_steps("commitments", "months", offer.commitments),
        **_shown_steps("by_products", "products", offer.by_products),
    }


def _shown_steps(name: str, unit: str, steps: list[Mapping[str, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, one in enumerate(steps):
        found[f"{name}-{number}-{unit}"] = one[unit]
        found[f"{name}-{number}-discount_bp"] = Decimal(one["discount_bp"]) / 100
    return found


def _share(label: Any, *, required: bool) -> RatioField:
    return RatioField(
        label=label,
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=required,
        help_text=_("In percent."),
    )


def _bp(share: Decimal | None) -> int:
    return int(share * 100) if share else 0
