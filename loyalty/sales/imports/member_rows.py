"""Rows of a member list from an older scheme: who they are, and what they bring along. Pure.

Nothing is corrected silently: a phone number or date that cannot be read refuses its row, so that
no balance lands on the wrong card. Points are whole and never negative.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from loyalty.sales.imports.mapping import guess_columns
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import Row
from loyalty.sales.imports.values import (
    DateOrder,
    DecimalMark,
    ValueProblem,
    parse_day,
    parse_number,
)

MOST_BROUGHT = 10**12
IDENTIFIERS = ("phone", "email", "card_number", "external", "member")
# Our own downloads lead such a cell with ', so that no spreadsheet runs it (``safe_cell``).
_GUARDED = re.compile(r"^'(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
STAMPS_FIELD = "stamps_"
STAMPS = ("stamps", "stamp", "tem", "so tem")


@dataclass(frozen=True, slots=True)
class MembersMapping:
    """How to read a member list.

    `columns` goes from our field to the header's name; `stamps` from a header's name to the card it
    counts for (empty for the programme's only card).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    decimal_mark: DecimalMark = ""
    date_order: DateOrder = ""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person as the file has them. `stamps`: (card as the column names it, number).

    `member` is the id of a list that was downloaded here or at another installation of ours.
    """

    row: int
    name: str = ""
    phone: str = ""
    email: str = ""
    card_number: str = ""
    external: str = ""
    member: str = ""
    language: str = ""
    birthday_on: dt.date | None = None
    joined_on: dt.date | None = None
    points: int = 0
    points_expire_on: dt.date | None = None
    stamps: tuple[tuple[str, int], ...] = ()


def members_mapping(header: tuple[str, ...], known: Mapping[str, Any] | None) -> MembersMapping:
    """The remembered mapping, or a guess. Raises FileProblem `columns_missing`."""
    mapping = MembersMapping(**known) if known else guess_members_mapping(header)
    absent = [name for name in (*mapping.columns.values(), *mapping.stamps) if name not in header]
    if absent or not any(name in mapping.columns for name in IDENTIFIERS):
        raise FileProblem(
            code="columns_missing",
            message=_("Say which column holds: %(fields)s. The columns are: %(header)s.")
            % {
                "fields": ", ".join(absent) or _("phone, e-mail, card number or customer number"),
                "header": ", ".join(header),
            },
        )
    return mapping


def members_mapping_data(mapping: MembersMapping) -> dict[str, Any]:
    """Plain JSON data."""
    return asdict(mapping)


def settle_styles(
    mapping: MembersMapping, *, decimal_mark: DecimalMark, date_order: DateOrder
) -> MembersMapping:
    """The mapping with what the file told of its style, where it does not say so itself."""
    return replace(
        mapping,
        decimal_mark=mapping.decimal_mark or decimal_mark,
        date_order=mapping.date_order or date_order,
    )


class MemberParser:
    """Turns rows into people for one header. Raises ValueProblem per row."""

    def __init__(self, *, header: tuple[str, ...], mapping: MembersMapping) -> None:
        self._mapping = mapping
        self._index = {name: header.index(column) for name, column in mapping.columns.items()}
        self._stamps = [(card, header.index(name)) for name, card in mapping.stamps.items()]

    def parse(self, row: Row) -> MemberRow:
        """The person of a row; a number that a spreadsheet turned into `912345678.0` is whole."""
        values = row.values
        person = MemberRow(
            row=row.number,
            name=self._text(values, "name"),
            phone=_whole(self._text(values, "phone")),
            email=self._text(values, "email"),
            card_number=_whole(self._text(values, "card_number")),
            external=_whole(self._text(values, "external")),
            member=self._text(values, "member")[:40],
            language=self._text(values, "language")[:5].lower(),
            birthday_on=self._day(values, "birthday_on"),
            joined_on=self._day(values, "joined_on"),
            points=self._number(self._text(values, "points"), "points"),
            points_expire_on=self._day(values, "points_expire_on"),
            stamps=tuple(
                (card, number)
                for card, index in self._stamps
                if (number := self._number(values[index], "stamps"))
            ),
        )
        if not any(getattr(person, name) for name in IDENTIFIERS):
            raise ValueProblem("no_identifier", field="phone")
        return person

    def _text(self, values: tuple[str, ...], name: str) -> str:
        index = self._index.get(name)
        return _GUARDED.sub("", values[index]) if index is not None else ""

    def _day(self, values: tuple[str, ...], name: str) -> dt.date | None:
        text = self._text(values, name)
        if not text:
            return None
        try:
            return parse_day(text, order=self._mapping.date_order)
        except ValueProblem as problem:
            raise ValueProblem("bad_date", field=name) from problem

    def _number(self, text: str, name: str) -> int:
        if not text or text == "-":
            return 0
        try:
            number = parse_number(text, decimal_mark=self._mapping.decimal_mark, exponent=0)
        except (ValueProblem, ArithmeticError) as problem:
            raise ValueProblem("bad_balance", field=name) from problem
        if number != int(number) or not 0 <= number <= MOST_BROUGHT:
            raise ValueProblem("bad_balance", field=name)
        return int(number)


def guess_members_mapping(header: tuple[str, ...]) -> MembersMapping:
    """What the columns most likely mean, by the names they usually go by."""
    columns = guess_columns(header, kind="members")
    stamps = {}
    for name in header:
        kind, colon, card = name.partition(":")
        if kind.strip().casefold() in STAMPS or (colon and kind.strip().casefold() in STAMPS):
            stamps[name] = card.strip()
    return MembersMapping(columns=columns, stamps=stamps)


def _whole(text: str) -> str:
    head, dot, tail = text.partition(".")
    return head if dot and head.isdigit() and tail and not tail.strip("0") else text
