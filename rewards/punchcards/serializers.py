"""Shapes of the punch cards API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.web.api import Body, PublicId, Text, Whole
from rewards.punchcards.models import MAX_STAMPS, PunchCard
from rewards.punchcards.selectors import CardProgress


class StampBody(Body):
    """Who gets how many stamps, and why."""

    member = PublicId(prefix="mem")
    stamps = Whole(minimum=1, maximum=MAX_STAMPS, required=False)
    text = Text(maximum=200, required=False, help_text="The member sees it.")


@dataclass(frozen=True)
class InterimView:
    """A reward on the way, at a place of the card."""

    position: int
    reward: str


@dataclass(frozen=True)
class CardView:
    """A punch card. ``asset`` is what its stamps are called in balances and ledger lines."""

    id: str
    family: str
    asset: str
    name: str
    state: str
    version: int
    stamp_per: str
    stamps_each: int
    per_minor: int
    skus: list[str]
    categories: list[str]
    minimum_minor: int
    stamps_needed: int
    reward: str
    interims: list[InterimView]
    head_start: int
    carry_over: bool
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class ProgressView:
    """A card before one member: ``filled`` of ``places``, the first ``head_start`` of them given.

    ``debt``: stamps a refund took off after their reward was used; the next stamps fill it.
    """

    card: str
    name: str
    asset: str
    filled: int
    places: int
    head_start: int
    missing: int
    debt: int
    completed: int
    reward: str
    reward_name: str
    expires_at: datetime | None


def present_card(row: PunchCard) -> CardView:
    """A card for the API."""
    terms = row.terms()
    return CardView(
        id=row.public_id,
        family=terms.family,
        asset=terms.asset,
        name=row.name,
        state=str(row.state),
        version=row.version,
        stamp_per=str(row.stamp_per),
        stamps_each=row.stamps_each,
        per_minor=row.per_minor,
        skus=list(row.skus),
        categories=list(row.categories),
        minimum_minor=row.minimum_minor,
        stamps_needed=row.stamps_needed,
        reward=terms.reward,
        interims=[InterimView(one.position, one.reward) for one in terms.interims],
        head_start=row.head_start,
        carry_over=row.carry_over,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def present_progress(one: CardProgress) -> ProgressView:
    """A member's card for the API."""
    return ProgressView(
        card=one.card.public_id,
        name=one.card.name,
        asset=one.terms.asset,
        filled=one.picture.filled,
        places=one.picture.places,
        head_start=one.picture.head,
        missing=one.picture.missing,
        debt=one.picture.debt,
        completed=one.completed,
        reward=one.terms.reward,
        reward_name=one.reward_name,
        expires_at=one.expires_at,
    )
