"""How a bill's money stands, and what a payment or a refund makes of it. Whole numbers only."""

from __future__ import annotations

from dataclasses import dataclass, replace

OPEN, PENDING, FAILED = "open", "pending", "failed"
PAID, REFUNDED, PARTLY_REFUNDED = "paid", "refunded", "partly_refunded"
CANCELLED, EXPIRED = "cancelled", "expired"
# Money is still awaited; it was settled once; it was closed without.
WAITING = frozenset({OPEN, PENDING, FAILED})
SETTLED = frozenset({PAID, REFUNDED, PARTLY_REFUNDED})
CLOSED = frozenset({CANCELLED, EXPIRED})

SHORT, OVER, LATE, REFUND, UNUSED = "short", "over", "late", "refund", "unused"
# It counts as given back, and a person has to bring or send it: no gateway can.
OWED = "owed"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A bill in figures, in the currency's minor unit."""

    state: str
    amount_minor: int
    paid_minor: int = 0
    refunded_minor: int = 0
    attention: str = ""

    @property
    def kept_minor(self) -> int:
        """What is paid and was not given back."""
        return self.paid_minor - self.refunded_minor

    @property
    def given_back_minor(self) -> int:
        """What of the bill itself went back after it was settled; an excess is none of it."""
        return max(self.amount_minor - self.kept_minor, 0) if self.state in SETTLED else 0

    @property
    def missing_minor(self) -> int:
        """What is still to be paid while money is awaited; else nothing."""
        return max(self.amount_minor - self.kept_minor, 0) if self.state in WAITING else 0

    @property
    def excess_minor(self) -> int:
        """What was paid beyond the bill and not given back yet."""
        return max(self.kept_minor - self.amount_minor, 0)


def pay(standing: Standing, *, amount_minor: int) -> tuple[Standing, str]:
    """Money came in. Answers the new standing and what to call it.

    ``paid``: the bill is settled. ``short``: it stays open for the rest. ``over``: settled, and more
    than the bill is here. ``late``: it came after the bill was closed or given back; whoever opened it
    may have given the thing to somebody else, so a person decides.
    """
    assert amount_minor > 0
    after = replace(standing, paid_minor=standing.paid_minor + amount_minor)
    covered = after.kept_minor >= after.amount_minor
    if standing.state in CLOSED:
        return replace(after, state=PAID if covered else standing.state, attention=LATE), LATE
    if standing.state in SETTLED:
        # A bill that was given back awaits nothing, however much of it this covers.
        given_back = standing.kept_minor < standing.amount_minor
        outcome = LATE if given_back or standing.attention == LATE else OVER
        return replace(after, state=_settled(after), attention=outcome), outcome
    if not covered:
        return replace(after, state=OPEN, attention=SHORT), SHORT
    if after.excess_minor:
        return replace(after, state=PAID, attention=OVER), OVER
    return replace(after, state=PAID, attention=""), PAID


def give_back(standing: Standing, *, amount_minor: int) -> Standing:
    """Money went back: what is beyond the bill first, so returning an excess leaves it paid."""
    assert 0 < amount_minor <= standing.kept_minor
    after = replace(standing, refunded_minor=standing.refunded_minor + amount_minor)
    if standing.state in SETTLED:
        after = replace(after, state=_settled(after))
    resolved = (
        (standing.attention == OVER and not after.excess_minor)
        or (standing.attention in (LATE, SHORT) and not after.kept_minor)
        or standing.attention in (REFUND, UNUSED)
    )
    return replace(after, attention="") if resolved else after


def _settled(standing: Standing) -> str:
    if standing.kept_minor >= standing.amount_minor:
        return PAID
    return PARTLY_REFUNDED if standing.kept_minor else REFUNDED
