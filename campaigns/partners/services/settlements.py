"""A partner's settlement file: every row is a payment or something that came back, and has its outcome."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from campaigns.partners.services.chargebacks import charge_back
from campaigns.partners.services.transactions import record_transaction
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError, Invalid

MAX_ROWS = 500
COLUMNS = ("transaction", "card", "amount_minor", "happened_at", "kind", "of")
PAYMENT, CHARGEBACK = "payment", "chargeback"


@dataclass(frozen=True, kw_only=True)
class RowOutcome:
    """What became of a row: ``recorded``, ``duplicate`` or ``refused`` (with why)."""

    line: int
    transaction: str
    outcome: str
    points: int
    code: str
    field: str
    message: str


@dataclass(frozen=True, kw_only=True)
class SettlementResult:
    """A whole file: how many rows ended how, and each of them."""

    recorded: int
    duplicates: int
    refused: int
    rows: tuple[RowOutcome, ...]


def import_settlement(call: Call, *, partner: str, text: str) -> SettlementResult:
    """Record every row of a CSV file, each by a command of its own: one at fault stops no other.

    Columns: ``transaction``, ``card``, ``amount_minor``, ``happened_at`` (ISO, with zone), and for
    what came back ``kind`` (``chargeback``) and ``of`` (the payment's id). Sent again, every row is
    a duplicate. Raises ``Invalid`` for a file that is none.
    """
    found = []
    for line, row in _rows(text):
        name = row.get("transaction", "").strip()
        try:
            found.append(_record(call, partner, line, row))
        except DomainError as error:
            found.append(
                RowOutcome(
                    line=line,
                    transaction=name[:60],
                    outcome="refused",
                    points=0,
                    code=error.code,
                    field=error.field,
                    message=str(error.message),
                )
            )
    counted = Counter(one.outcome for one in found)
    return SettlementResult(
        recorded=counted["recorded"],
        duplicates=counted["duplicate"],
        refused=counted["refused"],
        rows=tuple(found),
    )


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = text.removeprefix("\ufeff").splitlines()
    header = lines[0] if lines else ""
    reader = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";" if ";" in header else ",")
    names = [name.strip().casefold() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS[:3] if name not in names]
    if missing:
        raise Invalid(
            "missing_column",
            _("The first line must name these columns: %(names)s.") % {"names": ", ".join(missing)},
            field="csv",
        )
    if len(lines) - 1 > MAX_ROWS:
        too_many = _("Give at most %(n)s rows at a time.") % {"n": MAX_ROWS}
        raise Invalid("too_many_rows", too_many, field="csv")
    reader.fieldnames = names
    for number, row in enumerate(reader, start=2):
        yield number, {name: value for name, value in row.items() if name and value is not None}


def _record(call: Call, partner: str, line: int, row: dict[str, str]) -> RowOutcome:
    own = Call(call.actor, f"{call.key[:200]}:{line}", dry_run=call.dry_run)
    name = row["transaction"]
    at = _instant(row.get("happened_at", ""))
    kind = row.get("kind", "").strip().casefold() or PAYMENT
    if kind == PAYMENT:
        done = record_transaction(
            own,
            partner=partner,
            transaction=name,
            card=row.get("card", ""),
            amount_minor=_amount(row.get("amount_minor", "")),
            happened_at=at,
        )
        points, duplicate = sum(one.amount for one in done.effects if one.asset), done.duplicate
    elif kind == CHARGEBACK:
        typed = row.get("amount_minor", "").strip()
        back = charge_back(
            own,
            partner=partner,
            transaction=name,
            of=row.get("of", ""),
            amount_minor=_amount(typed) if typed else None,
            happened_at=at,
        )
        points, duplicate = -back.points_taken, back.duplicate
    else:
        raise Invalid("unknown_kind", _("Use payment or chargeback."), field="kind")
    again = duplicate or own.replayed
    return RowOutcome(
        line=line,
        transaction=name.strip(),
        outcome="duplicate" if again else "recorded",
        points=0 if again else points,
        code="",
        field="",
        message="",
    )


def _amount(text: str) -> int:
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 15):
        raise Invalid(
            "not_an_integer",
            _("Give a whole number in the smallest unit of the currency."),
            field="amount_minor",
        )
    return int(typed)


def _instant(text: str) -> datetime | None:
    typed = text.strip()
    if not typed:
        return None
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None:
        raise Invalid(
            "bad_instant", _("Give a time such as 2026-11-27T14:02+07:00."), field="happened_at"
        )
    return found
