"""What commands about referrals answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from campaigns.referrals.models import Referral
from loyalty.tenancy.scope import current_merchant


@dataclass(frozen=True, kw_only=True)
class ReferralView:
    """A referral. ``why`` says why it ended; ``outcome`` what became of the referrer's side once the
    friend was paid (``paid``, ``limit``, ``gone``); ``reasons`` what looked wrong, ``passed`` of it
    what staff let pass.
    """

    id: str
    programme: str
    referrer: str
    friend: str
    state: str
    why: str
    outcome: str
    channel: str
    reasons: list[str]
    passed: list[str]
    joined_at: datetime
    buy_by: datetime | None
    purchase: str
    bought_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    reviewed_by: str
    reviewed_at: datetime | None
    review_note: str
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CodeView:
    """The code a member invites with, as it is shown."""

    member: str
    code: str


@dataclass(frozen=True, kw_only=True)
class FiguresView:
    """A member's figures, as conditions ask for them."""

    member: str
    made: int
    paid: int


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """What was taken back of one side of a referral: how many effects fell."""

    member: str
    referral: str
    effects: int


def referral_view(row: Referral) -> ReferralView:
    """A referral as a value (with its rule and people loaded). In a coalition the sale is its shop's own
    business: who looks for one merchant alone reads when it was, not which.
    """
    return ReferralView(
        id=row.public_id,
        programme=row.rule.public_id,
        referrer=row.referrer.public_id,
        friend=row.friend.public_id,
        state=str(row.state),
        why=str(row.why),
        outcome=str(row.outcome),
        channel=row.channel,
        reasons=list(row.reasons),
        passed=list(row.passed),
        joined_at=row.joined_at,
        buy_by=row.buy_by,
        purchase=row.purchase if current_merchant() is None else "",
        bought_at=row.bought_at,
        due_at=row.due_at,
        paid_at=row.paid_at,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        review_note=row.review_note,
        ended_at=row.ended_at,
    )


@dataclass(frozen=True, kw_only=True)
class ProgrammeFigures:
    """What a programme (all its versions) brought and cost so far.

    ``invited`` friends joined, ``bought`` of them bought and did not return it, ``paid`` were paid
    for, ``held`` wait for a person. Given, less what was taken back: ``points``,
    ``credit_minor`` and the worth of both in ``cost_minor`` (minor units of money), and ``rewards``
    as a number.
    """

    programme: str
    name: str
    state: str
    invited: int
    bought: int
    paid: int
    held: int
    points: int
    credit_minor: int
    rewards: int
    cost_minor: int


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A referral as one of its two sides reads it: a friend's given name, a kind word, its tone."""

    name: str
    text: str
    label: str
    tone: str
    joined_at: datetime
