"""What people type at the till and in the dashboard about sales, read into plain values."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.sales import selectors
from loyalty.sales.models import LineKind
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput
from loyalty.web.forms import MinorField

_LONGEST_RECEIPT = 80
_ITEM_KEYS = {"sku", "quantity", "name", "amount_minor"}
_WHOLE = re.compile(r"[0-9]{1,15}")
_USE_NUMBER, _USE_LIST = "use.", "uses."


class SearchForm(forms.Form):
    """The one field a member is found with."""

    q = forms.CharField(max_length=200, required=False, strip=True)


class EnrolForm(forms.Form):
    """A new member in two fields, and what they agree to."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"},
        ),
    )
    code = forms.CharField(
        label=_("A friend's code, if they have one"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    terms = forms.BooleanField(label="")
    news = forms.BooleanField(label="", required=False)

    def __init__(
        self, *args: Any, terms_text: str, news_text: str, takes_codes: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not takes_codes:
            del self.fields["code"]
        self.fields["terms"].label = terms_text
        self.fields["news"].label = news_text
        self.fields["terms"].error_messages["required"] = _(
            "Read this to the customer: without their yes there is no card."
        )


class RefundForm(forms.Form):
    """What is given back of a purchase: everything left, quantities of lines, or an amount."""

    EVERYTHING, LINES, AMOUNT = "all", "lines", "amount"

    what = forms.ChoiceField(
        label=_("What is given back"),
        choices=[
            (EVERYTHING, _("All that is left")),
            (LINES, _("Some of the items")),
            (AMOUNT, _("An amount")),
        ],
        widget=forms.RadioSelect,
        initial=EVERYTHING,
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    receipt = forms.CharField(label=_("Refund receipt number"), max_length=80, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = MinorField(
            currency=currency, label=_("Amount"), required=False
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("what") == self.AMOUNT and not cleaned.get("amount_minor"):
            self.add_error("amount_minor", _("Give the amount to refund."))
        if cleaned.get("what") == self.LINES and not self.lines():
            self.add_error("what", _("Choose how many of which item come back."))
        return cleaned

    def lines(self) -> tuple[LineRefund, ...]:
        """The quantities asked for, from the fields ``line.<number>`` (whole units)."""
        found = []
        for name, value in self.data.items():
            number = name.removeprefix("line.")
            asked = int(value) if _WHOLE.fullmatch(str(value)) else 0
            if name.startswith("line.") and number.isdigit() and asked:
                found.append(LineRefund(number=int(number), quantity_milli=1000 * asked))
        return tuple(found)

    def arguments(self) -> dict[str, Any]:
        """What ``refund_purchase`` is asked."""
        data = self.cleaned_data
        asked: dict[str, Any] = {"reason": data["reason"], "receipt": data["receipt"]}
        if data["what"] == self.AMOUNT:
            asked["amount_minor"] = data["amount_minor"]
        if data["what"] == self.LINES:
            asked["lines"] = self.lines()
        return asked


class ProductForm(forms.Form):
    """A product as the owner describes it."""

    sku = forms.CharField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=LineKind.choices, initial=LineKind.GOODS)
    excluded = forms.BooleanField(
        label=_("Earns nothing"),
        required=False,
        help_text=_("For tobacco, gift vouchers, services: no rule ever counts it."),
    )
    is_active = forms.BooleanField(label=_("On sale"), required=False, initial=True)

    def __init__(
        self, *args: Any, currency: str, categories: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ChoiceField(
            label=_("Category"), required=False, choices=[("", _("None")), *categories]
        )
        self.fields["price_minor"] = MinorField(currency=currency, label=_("Price"))
        self.order_fields(["sku", "name", "category", "price_minor", "kind"])


class CategoryNameForm(forms.Form):
    """A category's name; its code stays."""

    name = forms.CharField(label=_("Name"), max_length=200)


class PurchaseFilter(forms.Form):
    """The filters above the list of sales."""

    SHOW = (
        ("", _("All")),
        ("refunded", _("With refunds")),
        ("own_card", _("To own cards")),
    )
    q = forms.CharField(max_length=80, required=False)
    show = forms.ChoiceField(choices=SHOW, required=False)
    location = forms.CharField(max_length=40, required=False)


class CategoryForm(forms.Form):
    """A group of products that rules may name."""

    code = forms.CharField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=200)


def sale_of_till(data: QueryDict, *, location: str) -> SaleInput:
    """The sale a till sends: an amount or a basket, and what is paid with points and vouchers.

    ``basket`` is a JSON list of ``{"sku", "quantity"}`` (whole units, at today's price) and
    ``{"name", "amount_minor"}``. ``use.<name>`` are whole numbers, ``uses.<name>`` lists of codes.
    Raises ``Invalid`` naming the field.
    """
    lines = _basket(data.get("basket", ""))
    return SaleInput(
        lines=lines,
        total_minor=None if lines else _whole(data.get("amount_minor", ""), "amount_minor"),
        discount_minor=_whole(data.get("discount_minor") or "0", "discount_minor"),
        receipt=_receipt(data.get("receipt", "")),
        location=location,
        use=_uses(data),
    )


def _receipt(text: str) -> str:
    """A receipt number is never cut: another sale's may begin alike."""
    receipt = text.strip()
    if len(receipt) > _LONGEST_RECEIPT:
        raise Invalid(
            "max_length",
            str(_("Give at most {max_length} characters.")).format(max_length=_LONGEST_RECEIPT),
            field="receipt",
        )
    if not receipt.isprintable():
        raise Invalid(
            "control_character",
            _("The text holds a character that cannot be shown. Remove it."),
            field="receipt",
        )
    return receipt


def _uses(data: QueryDict) -> dict[str, Any]:
    use: dict[str, Any] = {}
    for name in data:
        if name.startswith(_USE_LIST):
            use[name.removeprefix(_USE_LIST)] = [code for code in data.getlist(name) if code]
        elif name.startswith(_USE_NUMBER):
            use[name.removeprefix(_USE_NUMBER)] = _whole(str(data[name] or "0"), name)
    return {name: value for name, value in use.items() if value}


def _basket(text: str) -> tuple[LineInput, ...]:
    if not text:
        return ()
    try:
        items = json.loads(text)
        wanted = [_item(item) for item in items]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Invalid("bad_basket", _("The basket could not be read."), field="basket") from error
    skus = {sku for sku, *_rest in wanted if sku}
    prices = selectors.prices_of(skus)
    lines = []
    for sku, quantity, name, amount in wanted:
        if sku and sku not in prices:
            raise Invalid(
                "unknown_product", _("“%(sku)s” is not on sale.") % {"sku": sku}, field="basket"
            )
        net = prices[sku] * quantity if sku else amount
        lines.append(LineInput(sku=sku, name=name, quantity_milli=1000 * quantity, net_minor=net))
    return tuple(lines)


def _item(item: dict[str, Any]) -> tuple[str, int, str, int]:
    if not set(item) <= _ITEM_KEYS or not (item.get("sku") or item.get("amount_minor")):
        raise ValueError
    quantity, amount = item.get("quantity", 1), item.get("amount_minor", 0)
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (quantity, amount)):
        raise TypeError
    if not (1 <= quantity <= 10_000 and 0 <= amount <= MAX_MINOR):
        raise ValueError
    sku, name = str(item.get("sku", "")), str(item.get("name", ""))[:300]
    if not (sku + name).isprintable():
        raise ValueError
    return sku, quantity, name, amount


def _whole(text: str, field: str) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise Invalid("not_a_number", _("Give an amount in digits."), field=field)
    return int(text)
