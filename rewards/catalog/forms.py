"""What people type about rewards, read into plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.engine.fact_info import fact_options
from loyalty.ledger.assets import AssetView
from loyalty.web.forms import MinorField, RatioField, WholeField
from rewards.catalog.models import Reward, RewardKind, RewardTerms
from rewards.catalog.rules import MAX_VALID_DAYS, Cost, TermsInput

_KINDS = [
    (RewardKind.FREE_PRODUCT, _("Free product")),
    (RewardKind.AMOUNT_OFF, _("Amount off the bill")),
    (RewardKind.PERCENT_OFF, _("Percent off the bill")),
    (RewardKind.GIFT, _("Gift handed over")),
    (RewardKind.EVENT_TICKET, _("Ticket")),
    (RewardKind.EXTERNAL_CODE, _("Code of a partner")),
]


class WordsField(forms.CharField):
    """Codes separated by commas or lines, as a tuple."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(required=False, max_length=4_000, **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        words = str(super().clean(value)).replace("\n", ",").split(",")
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class RewardForm(forms.Form):
    """A reward's terms. Fields that another kind has no use for are hidden by the page."""

    kind = forms.ChoiceField(label=_("What it is"), choices=_KINDS, widget=forms.RadioSelect)
    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    description_vi = forms.CharField(
        label=_("Description in Vietnamese"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description_en = forms.CharField(
        label=_("Description in English"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    value_bp = RatioField(
        label=_("Percent off"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"data-when": "kind=percent_off", "step": "0.01"}),
    )
    skus = WordsField(
        label=_("Free products"),
        help_text=_("Product codes, separated by commas. The dearest one on the bill is free."),
    )
    categories = WordsField(label=_("Or a product of these categories"))
    per_member = WholeField(
        label=_("At most per member"), required=False, min_value=1, max_value=1_000_000
    )
    validity = forms.ChoiceField(
        label=_("The voucher is valid"),
        choices=RewardTerms.Validity.choices,
        initial=RewardTerms.Validity.DAYS,
        widget=forms.RadioSelect,
    )
    valid_days = WholeField(
        label=_("Days"),
        required=False,
        min_value=0,
        max_value=MAX_VALID_DAYS,
        initial=30,
        widget=forms.NumberInput(attrs={"data-when": "validity=days"}),
    )
    valid_until_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "data-when": "validity=date"}),
    )

    # Of the reward as it was read; a new one has none.
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, currency: str, assets: Sequence[AssetView], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        off = {"data-when": "kind=amount_off percent_off free_product"}
        self.fields["value_minor"] = MinorField(
            currency=currency,
            label=_("Amount"),
            required=False,
            help_text=_(
                "The amount off; for a percentage or a free product the most it takes off."
            ),
        )
        self.fields["minimum_minor"] = MinorField(
            currency=currency, label=_("From a bill of"), required=False
        )
        for name in ("value_minor", "minimum_minor"):
            self.fields[name].widget.attrs |= off
        for name in ("skus", "categories"):
            self.fields[name].widget.attrs["data-when"] = "kind=free_product"
        self.fields["reserved"] = forms.ChoiceField(
            label=_("Reserved for"), required=False, choices=_reservable(self.initial)
        )
        self.cost_fields = {f"cost_{number}": asset for number, asset in enumerate(assets)}
        for name, asset in self.cost_fields.items():
            self.fields[name] = WholeField(
                label=_("Price in %(unit)s") % {"unit": asset.name(language)},
                required=False,
                min_value=1,
                max_value=10**12,
                help_text=_("Empty: it cannot be bought; rules and cards may still give it."),
            )
        first = ["kind", "name_vi", "name_en", "value_minor", "value_bp", "skus", "categories"]
        self.order_fields([*first, *self.cost_fields, "minimum_minor"])

    def terms(self) -> TermsInput:
        """What was typed, for the command."""
        data = self.cleaned_data
        costs = [
            Cost(asset=asset.code, amount=data[name])
            for name, asset in self.cost_fields.items()
            if data[name]
        ]
        return TermsInput(
            kind=data["kind"],
            name_vi=data["name_vi"],
            name_en=data["name_en"],
            description_vi=data["description_vi"],
            description_en=data["description_en"],
            value_minor=data["value_minor"] or 0,
            value_bp=int((data["value_bp"] or 0) * 100),
            skus=data["skus"],
            categories=data["categories"],
            minimum_minor=data["minimum_minor"] or 0,
            costs=tuple(costs),
            per_member=data["per_member"],
            audience=tuple(orjson.loads(data["reserved"] or "[]")),
            validity=data["validity"],
            valid_days=data["valid_days"],
            valid_until_on=data["valid_until_on"],
        )


def _reservable(initial: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Whom a reward can be reserved for: levels and segments, where the programme has some. What was
    written otherwise (over the API) stays a choice.
    """
    found: list[tuple[str, Any]] = [("", _("Nobody: for all"))]
    levels = fact_options("level")
    codes = list(levels)
    for place, code in enumerate(codes):
        if place:
            asked = {"fact": "level", "op": "in", "value": codes[place:]}
            found.append(
                (_choice([asked]), _("From level “%(level)s” on") % {"level": levels[code]})
            )
    for code, name in fact_options("segment").items():
        asked = {"fact": "segment", "op": "eq", "value": code}
        found.append((_choice([asked]), _("Segment “%(segment)s”") % {"segment": name}))
    own = str(initial.get("reserved") or "")
    if own and own not in dict(found):
        found.append((own, _("As it was written")))
    return found


def _choice(audience: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps([dict(one) for one in audience], option=orjson.OPT_SORT_KEYS).decode()


def initial_of(reward: Reward, cost_fields: dict[str, AssetView]) -> dict[str, Any]:
    """A reward's next terms as the form shows them."""
    terms = reward.draft or reward.terms
    assert terms is not None
    costs = {one["asset"]: one["amount"] for one in terms.costs}
    names = (
        "kind name_vi name_en description_vi description_en value_minor skus categories "
        "minimum_minor per_member validity valid_days valid_until_on"
    )
    return {
        **{name: getattr(terms, name) for name in names.split()},
        "revision": reward.revision,
        "reserved": _choice(terms.audience) if terms.audience else "",
        "value_bp": Decimal(terms.value_bp) / 100 if terms.value_bp else None,
        **{name: costs.get(asset.code) for name, asset in cost_fields.items()},
    }


class StockForm(forms.Form):
    """How many there are; empty for as many as are asked for."""

    stock = WholeField(
        label=_("Left in stock"),
        required=False,
        min_value=0,
        max_value=10**9,
        help_text=_("Empty: as many as are asked for."),
    )


class CodesForm(forms.Form):
    """A partner's codes, one per line."""

    codes = forms.CharField(
        label=_("Codes, one per line"),
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )

    def listed(self) -> tuple[str, ...]:
        """The codes that are not empty lines."""
        lines = str(self.cleaned_data["codes"]).splitlines()
        return tuple(line.strip() for line in lines if line.strip())


class VoucherFilter(forms.Form):
    """The filter above the list of vouchers."""

    state = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, states: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"] = forms.ChoiceField(
            label=_("State"),
            required=False,
            choices=[("", _("All states")), *states],
            widget=forms.Select(
                attrs={"data-autosubmit": "", "class": "form-select", "aria-label": _("State")}
            ),
        )
