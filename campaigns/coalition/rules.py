"""The maths of clearing: prices by the day, blocks used earliest first, positions that sum to zero.

A price is money for 1,000 points, in the smallest unit of the programme's currency. It is rounded
once for each line of a statement, half to even, so that rounding favours nobody; whatever rounding
leaves stands with the programme, whose own position is the opposite of all others together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

PER = 1_000
POSTPAID, PREPAID, LEFT = "postpaid", "prepaid", "left"
REFUSE, BILL = "refuse", "bill"
OPERATOR, ISSUER = "operator", "issuer"

ISSUED, TAKEN_BACK, REDEEMED, GIVEN_BACK = "issued", "taken_back", "redeemed", "given_back"
EXPIRED, LATE_ISSUE, LATE_REDEMPTION = "expired", "late_issue", "late_redemption"
PREPAID_POINTS, OTHER, CONTRA = "prepaid", "other", "contra"
# Rewards used at another merchant than they were bought at, seen from either side.
HONOURED, ELSEWHERE = "honoured", "elsewhere"
# Which side of a merchant's account a pot of the ledger is on.
ISSUE_POTS, EXPIRY_POTS = frozenset({"issued", "adjusted"}), frozenset({"expired", "lapsed"})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one merchant pays and gets from a day on, until its next terms begin.

    Prices are money for 1,000 points; ``minimum`` are points of a prepaid block left.
    """

    public_id: str
    merchant_id: int
    merchant: str
    merchant_name: str
    starts_on: date
    billing: str
    issue_price_minor: int = 0
    redeem_price_minor: int = 0
    when_empty: str = BILL
    minimum: int = 0
    asset: str = "points"

    @property
    def is_open(self) -> bool:
        """May points be issued and redeemed?"""
        return self.billing != LEFT


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Points that moved in a month, summed: signed as on the members' side.

    Args:
        merchant_id: whose business it was; of expiries, who had issued the points.
        origin: the day by whose terms they are priced: of a reversal, the day of what it reverses.
        cause: what is reversed, where that was in an earlier month; else empty.
        reverses: does it undo something?
    """

    merchant_id: int | None
    pot: str
    origin: date
    units: int
    reverses: bool = False
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a statement. ``amount_minor`` is what the merchant gets (negative: pays)."""

    kind: str
    units: int
    price_minor: int
    amount_minor: int
    terms: str = ""
    original: str = ""
    original_on: date | None = None
    is_prepaid: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A merchant's statement of a month; of no merchant: the programme's own.

    ``covered`` are the points that prepaid blocks paid for, ``billed`` those a prepaid merchant
    pays all the same, because its blocks were empty.
    """

    merchant_id: int | None
    lines: tuple[Line, ...]
    covered: int = 0
    billed: int = 0

    @property
    def position_minor(self) -> int:
        """What the merchant gets in all (negative: pays)."""
        return sum(line.amount_minor for line in self.lines)

    def units(self, *kinds: str) -> int:
        """Points of lines of these kinds."""
        return sum(line.units for line in self.lines if line.kind in kinds)


@dataclass(frozen=True, kw_only=True)
class Honoured:
    """Points of a reward that one merchant sold and another handed over; negative: taken back.

    ``sold_before`` and ``used_before``: that lies in an earlier month, and is named by the voucher.
    """

    voucher: str
    merchant_id: int | None
    seller_id: int | None
    units: int
    sold_on: date
    used_on: date
    sold_before: bool = False
    used_before: bool = False

    def moves(self) -> tuple[Moved, Moved]:
        """Who handed it over gets what its points are worth, who sold it gives that back; the points
        of both together are none, for none moved in the ledger.
        """
        undone = self.units < 0
        return (
            Moved(
                merchant_id=self.merchant_id,
                pot=HONOURED,
                origin=self.used_on,
                units=-self.units,
                reverses=undone,
                cause=self.voucher if undone and self.used_before else "",
            ),
            Moved(
                merchant_id=self.seller_id,
                pot=ELSEWHERE,
                origin=self.sold_on,
                units=self.units,
                reverses=not undone,
                cause=self.voucher if self.sold_before else "",
            ),
        )


def price(units: int, per_thousand_minor: int) -> int:
    """Money for points at a price for 1,000, rounded half to even. Keeps the sign."""
    whole, rest = divmod(abs(units) * per_thousand_minor, PER)
    if rest * 2 > PER or (rest * 2 == PER and whole % 2):
        whole += 1
    return whole if units >= 0 else -whole


def in_force(terms: Iterable[Terms], merchant_id: int | None, day: date) -> Terms | None:
    """The terms of a merchant on a day: the last that began by then."""
    own = [t for t in terms if t.merchant_id == merchant_id and t.starts_on <= day]
    return max(own, key=lambda one: one.starts_on, default=None)


def cleared_asset(terms: Sequence[Terms]) -> str:
    """What the coalition clears; all its terms say the same."""
    return terms[0].asset if terms else "points"


def anyone_in(terms: Iterable[Terms], day: date) -> bool:
    """Has the coalition begun: is there a merchant with terms on that day?"""
    return any(one.starts_on <= day for one in terms)


def month_bounds(month: str) -> tuple[date, date]:
    """First day of a month such as ``2026-10`` and of the next. Raises ``ValueError``."""
    if len(month) != 7 or month[4] != "-" or not month.isascii():
        raise ValueError(month)
    first = date.fromisoformat(f"{month}-01")
    return first, next_month(first)


def next_month(first: date) -> date:
    """The first day of the following month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_of(day: date) -> str:
    """``2026-10``."""
    return f"{day:%Y-%m}"


def sheets(
    moves: Iterable[Moved],
    terms: Sequence[Terms],
    *,
    breakage_to: str,
    available: Mapping[int, int],
    covered_before: Mapping[int, int],
) -> list[Sheet]:
    """The statements of a month, the programme's own (of no merchant) last.

    Args:
        breakage_to: who keeps the money of expired points: ``operator`` or the ``issuer``.
        available: points left in each merchant's blocks; ``covered_before``: what blocks paid for.
    """
    by_merchant: dict[int | None, list[Line]] = {one.merchant_id: [] for one in terms}
    by_merchant[None] = []
    for key, units in _summed(moves, terms, breakage_to).items():
        whose, line = _line(key, units)
        by_merchant[whose].append(line)
    done = [
        _with_blocks(whose, lines, available.get(whose, 0), covered_before.get(whose, 0))
        for whose, lines in by_merchant.items()
        if whose is not None
    ]
    done.sort(key=lambda sheet: sheet.merchant_id or 0)
    owed = sum(sheet.position_minor for sheet in done)
    contra = Line(kind=CONTRA, units=0, price_minor=0, amount_minor=-owed)
    return [*done, Sheet(merchant_id=None, lines=(*_sorted(by_merchant[None]), contra))]


_Key = tuple[int | None, str, Terms | None, str, date | None]


def _summed(moves: Iterable[Moved], terms: Sequence[Terms], breakage_to: str) -> dict[_Key, int]:
    sums: dict[_Key, int] = {}
    for move in moves:
        if not move.units:
            continue
        kind = _kind(move)
        own = in_force(terms, move.merchant_id, move.origin)
        whose = move.merchant_id if own is not None else None
        if kind == OTHER or (kind == EXPIRED and breakage_to != ISSUER):
            whose, own = None, None
        late = (move.cause, move.origin) if move.cause and whose is not None else ("", None)
        key: _Key = (whose, kind, own, *late)
        sums[key] = sums.get(key, 0) + move.units
    return sums


def _kind(move: Moved) -> str:
    if move.pot in ISSUE_POTS:
        if move.cause:
            return LATE_ISSUE
        return ISSUED if move.units > 0 and not move.reverses else TAKEN_BACK
    if move.pot in (HONOURED, ELSEWHERE):
        return LATE_REDEMPTION if move.cause else move.pot
    if move.pot == "redeemed":
        if move.cause:
            return LATE_REDEMPTION
        return GIVEN_BACK if move.units > 0 else REDEEMED
    return EXPIRED if move.pot in EXPIRY_POTS else OTHER


def _line(key: _Key, units: int) -> tuple[int | None, Line]:
    whose, kind, own, cause, origin = key
    rate = 0
    if own is not None:
        rate = own.redeem_price_minor if kind in REDEEM_KINDS else own.issue_price_minor
    return whose, Line(
        kind=kind,
        units=units,
        price_minor=rate,
        # Points that come to members are paid for, points that leave them are paid out.
        amount_minor=-price(units, rate),
        terms=own.public_id if own else "",
        original=cause,
        original_on=origin,
        is_prepaid=own is not None and own.billing == PREPAID and kind in _ISSUE_KINDS,
    )


REDEEM_KINDS = frozenset({REDEEMED, GIVEN_BACK, HONOURED, ELSEWHERE, LATE_REDEMPTION})
_ISSUE_KINDS = frozenset({ISSUED, TAKEN_BACK, LATE_ISSUE})
_ORDER = (
    ISSUED,
    TAKEN_BACK,
    PREPAID_POINTS,
    REDEEMED,
    GIVEN_BACK,
    HONOURED,
    ELSEWHERE,
    EXPIRED,
    LATE_ISSUE,
    LATE_REDEMPTION,
    OTHER,
    CONTRA,
)


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (_ORDER.index(one.kind), one.terms, one.original))


def _with_blocks(whose: int, lines: list[Line], available: int, covered_before: int) -> Sheet:
    """Let prepaid blocks pay for what they can; what they cannot stays billed."""
    prepaid = [line for line in lines if line.is_prepaid]
    net = sum(line.units for line in prepaid)
    covered = min(net, max(available, 0)) if net > 0 else max(net, -covered_before)
    extra = []
    if covered:
        whole = -sum(line.amount_minor for line in prepaid)
        # All of it: the very amounts of the lines, so that no rounding is left over.
        amount = whole if covered == net else _share(prepaid, covered)
        # Points of two prices are told without one: no single price times the points is the amount.
        rates = {line.price_minor for line in prepaid}
        rate = rates.pop() if len(rates) == 1 else 0
        extra.append(
            Line(kind=PREPAID_POINTS, units=covered, price_minor=rate, amount_minor=amount)
        )
    return Sheet(
        merchant_id=whose,
        lines=tuple(_sorted([*lines, *extra])),
        covered=covered,
        billed=net - covered,
    )


def _share(prepaid: Sequence[Line], covered: int) -> int:
    """What so many points cost at the prices of the month, those of its beginning first."""
    left, amount = covered, 0
    by_price: dict[int, int] = {}
    for line in _sorted(prepaid):
        by_price[line.price_minor] = by_price.get(line.price_minor, 0) + line.units
    for rate, units in by_price.items():
        part = max(min(left, units), 0) if covered > 0 else min(max(left, units), 0)
        amount += price(part, rate)
        left -= part
    last = next(reversed(by_price)) if by_price else 0
    return amount + price(left, last)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Points bought in advance, and what they cost."""

    points: int
    price_minor: int


def worth_of_rest(blocks: Sequence[Block], rest: int) -> int:
    """What the unused points of blocks had cost: blocks are used earliest first, so the rest is the
    newest. Rounded half to even for each block.
    """
    worth = 0
    for block in reversed(blocks):
        part = min(rest, block.points)
        if part <= 0:
            break
        whole, over = divmod(block.price_minor * part, block.points)
        if over * 2 > block.points or (over * 2 == block.points and whole % 2):
            whole += 1
        worth += whole
        rest -= part
    return worth


def left_in_blocks(blocks: Sequence[tuple[str, int]], used: int) -> dict[str, int]:
    """What is left of each block (id and points), used earliest first."""
    found, rest = {}, max(used, 0)
    for name, points in blocks:
        taken = min(points, rest)
        found[name], rest = points - taken, rest - taken
    return found


def moved_by(entries: Iterable[Any], *, asset: str) -> tuple[int, int]:
    """What unwritten entries issue and redeem of an asset: two amounts, what is undone taken off."""
    issued = redeemed = 0
    for entry in entries:
        if entry.asset != asset:
            continue
        if entry.pot in ISSUE_POTS:
            issued += entry.amount
        elif entry.pot == "redeemed":
            redeemed -= entry.amount
    return issued, redeemed
