"""What staff choose about a file: which it is, what its columns mean, and the questions of policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.sales.imports.mapping import SALES_FIELDS, load_preset, preset_names
from loyalty.sales.imports.member_rows import STAMPS_FIELD
from loyalty.sales.models import ImportRun

MEMBER_FIELDS = (
    "name",
    "phone",
    "email",
    "card_number",
    "external",
    "member",
    "birthday_on",
    "joined_on",
    "points",
    "points_expire_on",
    "language",
)
FIELD_LABELS = {
    "receipt": _("Receipt number"),
    "line_id": _("Line number"),
    "product_code": _("Product code"),
    "description": _("Product name"),
    "category": _("Category"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "line_total": _("Amount of the line"),
    "line_discount": _("Discount of the line"),
    "occurred_at": _("Date (and time)"),
    "time_of_day": _("Time, if in its own column"),
    "customer": _("Customer number"),
    "phone": _("Phone number"),
    "email": _("E-mail"),
    "card_number": _("Card number"),
    "currency": _("Currency"),
    "name": _("Name"),
    "external": _("Customer number"),
    "member": _("Member id"),
    "birthday_on": _("Birthday"),
    "joined_on": _("Member since"),
    "points": _("Points"),
    "points_expire_on": _("Points expire on"),
    "language": _("Language"),
}
_PREFIX = "column_"


class UploadForm(forms.Form):
    """A file, and what is in it."""

    kind = forms.ChoiceField(
        label=_("What is in the file"),
        choices=ImportRun.Kind.choices,
        widget=forms.RadioSelect,
        initial=ImportRun.Kind.SALES,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, XLSX, XLS or ODS; packed (.gz) if you like."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.gz"}),
    )
    preset = forms.ChoiceField(label=_("Comes from"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, load_preset(name).label) for name in preset_names() if name != "generic"]
        preset: Any = self.fields["preset"]
        preset.choices = [("", _("Find out by itself")), *known]


class MappingForm(forms.Form):
    """What the columns of one file mean. Built from its header."""

    own_fields: tuple[str, ...] = ()
    date_order = forms.ChoiceField(
        label=_("Dates are written"),
        required=False,
        choices=[
            ("", _("as the file tells")),
            ("dmy", _("day/month/year")),
            ("mdy", _("month/day/year")),
            ("ymd", _("year-month-day")),
        ],
    )
    decimal_mark = forms.ChoiceField(
        label=_("Decimals stand behind"),
        required=False,
        choices=[
            ("", _("as the file tells")),
            (".", _("a point (2.50)")),
            (",", _("a comma (2,50)")),
        ],
    )

    def __init__(self, *args: Any, header: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *((name, name) for name in header)]
        for name in self.own_fields:
            self.fields[_PREFIX + name] = forms.ChoiceField(
                label=FIELD_LABELS[name], choices=choices, required=False
            )

    @property
    def column_fields(self) -> list[Any]:
        """The questions about columns, for the template."""
        return [self[_PREFIX + name] for name in self.own_fields]

    def columns(self) -> dict[str, str]:
        """Our field -> the header's name, of the columns that were chosen."""
        return {
            name: self.cleaned_data[_PREFIX + name]
            for name in self.own_fields
            if self.cleaned_data[_PREFIX + name]
        }

    def mapping(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping as it stands after the form."""
        return {
            **before,
            "columns": self.columns(),
            "date_order": self.cleaned_data["date_order"],
            "decimal_mark": self.cleaned_data["decimal_mark"],
        }


class SalesMappingForm(MappingForm):
    """Columns and policy of a sales file."""

    own_fields = SALES_FIELDS
    policy = ("create_members", "repeated_lines", "negative_lines", "cancellation_prefix")

    create_members = forms.BooleanField(
        label=_("Make members of customers nobody knows"), required=False
    )
    repeated_lines = forms.ChoiceField(
        label=_("The same line twice on one receipt"),
        choices=[
            ("second_scan", _("was scanned twice: both count")),
            ("duplicate", _("is a fault of the file: one counts")),
        ],
    )
    negative_lines = forms.ChoiceField(
        label=_("A negative quantity"),
        choices=[("return", _("is a return")), ("refuse", _("is refused"))],
    )
    cancellation_prefix = forms.CharField(
        label=_("Cancelled receipts begin with"),
        required=False,
        max_length=8,
        help_text=_("Leave it empty where the till does not mark them."),
    )

    def mapping(self, before: Mapping[str, Any]) -> dict[str, Any]:
        chosen = {name: self.cleaned_data[name] for name in self.policy}
        return {**super().mapping(before), **chosen}


class MembersMappingForm(MappingForm):
    """Columns of a member list; columns of stamps by the card they are for."""

    own_fields = MEMBER_FIELDS

    def __init__(
        self, *args: Any, header: tuple[str, ...], cards: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, header=header, **kwargs)
        choices = [("", "–"), *((name, name) for name in header)]
        self.cards = cards
        for place, card in enumerate(cards):
            self.fields[f"{_PREFIX}{STAMPS_FIELD}{place}"] = forms.ChoiceField(
                label=_("Stamps: %(card)s") % {"card": card}, choices=choices, required=False
            )

    @property
    def column_fields(self) -> list[Any]:
        stamps = [self[f"{_PREFIX}{STAMPS_FIELD}{place}"] for place in range(len(self.cards))]
        return super().column_fields + stamps

    def mapping(self, before: Mapping[str, Any]) -> dict[str, Any]:
        stamps = {}
        for place, card in enumerate(self.cards):
            column = self.cleaned_data[f"{_PREFIX}{STAMPS_FIELD}{place}"]
            if column:
                stamps[column] = card
        return {**super().mapping(before), "stamps": stamps}


def initial_of(mapping: Mapping[str, Any], cards: list[str]) -> dict[str, Any]:
    """The values a mapping form starts with."""
    initial = {_PREFIX + name: column for name, column in mapping.get("columns", {}).items()}
    initial.update({name: mapping[name] for name in mapping if name not in ("columns", "stamps")})
    for column, card in mapping.get("stamps", {}).items():
        place = cards.index(card) if card in cards else 0
        if cards:
            initial[f"{_PREFIX}{STAMPS_FIELD}{place}"] = column
    return initial
