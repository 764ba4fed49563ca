"""Shapes of the donations API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.donations.selectors import CauseFigures, GivenLine
from loyalty.web.api import Body, Day, Flag, Money, PublicId, Query, Text, Whole


class WishBody(Body):
    """What a member wishes; what is left out stays."""

    cause = Text(
        maximum=40, required=False, allow_blank=True, help_text="Empty: the shop's choice."
    )
    round_up = Flag(required=False)


class PointsGiftBody(Body):
    """Points for a cause."""

    cause = PublicId(prefix="rul")
    points = Whole(minimum=1, maximum=10**9)


class PayoutBody(Body):
    """What was handed over. Without an amount (and without items): all that is owed."""

    reference = Text(maximum=80)
    amount_minor = Money(minimum=1, required=False)
    items = Whole(minimum=1, maximum=10**9, required=False)
    paid_on = Day(required=False)
    although_closed = Flag(
        required=False, help_text="The cause is paused or over; pay what it was given before."
    )


class ForgiveBody(Body):
    """Why the cause keeps what it got too much."""

    reason = Text(maximum=80)


class GivenQuery(Query):
    """Which year."""

    year = Text(maximum=4, required=False, help_text="Such as 2026.")


@dataclass(frozen=True)
class CauseView:
    """A cause with its running total. Money in minor units, things one for one in ``items``.

    ``by_members_minor`` was paid on top by customers, ``by_shop_minor`` by the shop,
    ``by_points_minor`` is the worth of points given. Negative ``owed_…`` is taken off its next payout.
    """

    id: str
    name: str
    about: str
    website: str
    is_open: bool
    goal_minor: int
    given_minor: int
    by_shop_minor: int
    by_members_minor: int
    by_points_minor: int
    items: int
    paid_minor: int
    paid_items: int
    owed_minor: int
    owed_items: int


@dataclass(frozen=True)
class GivenView:
    """A member's receipt: sums by purse, and the lines they are made of."""

    member: str
    by_shop_minor: int
    by_member_minor: int
    by_points_minor: int
    items: int
    lines: list[GivenLine]


def present_cause(one: CauseFigures, *, is_open: bool) -> CauseView:
    """A cause for the API."""
    return CauseView(
        id=one.cause.family,
        name=one.cause.name,
        about=one.cause.about,
        website=one.cause.website,
        is_open=is_open,
        goal_minor=one.cause.goal_minor,
        given_minor=one.given_minor,
        by_shop_minor=one.by_shop_minor,
        by_members_minor=one.by_members_minor,
        by_points_minor=one.by_points_minor,
        items=one.items,
        paid_minor=one.paid_minor,
        paid_items=one.paid_items,
        owed_minor=one.owed_minor,
        owed_items=one.owed_items,
    )


def present_given(member: str, lines: list[GivenLine], sums: Mapping[str, int]) -> GivenView:
    """A receipt for the API."""
    return GivenView(
        member=member,
        by_shop_minor=sums["shop"],
        by_member_minor=sums["member"],
        by_points_minor=sums["points"],
        items=sums["items"],
        lines=lines,
    )
