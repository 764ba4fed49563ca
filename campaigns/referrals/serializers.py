"""Shapes of the referrals API."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.referrals.models import Referral
from campaigns.referrals.results import ReferralView
from loyalty.web.api import Body, Choice, PublicId, Query, Text


class ReferralQuery(Query):
    """Which referrals."""

    state = Choice(choices=Referral.State.values, required=False)
    referrer = PublicId(prefix="mem", required=False)
    friend = PublicId(prefix="mem", required=False)


class ReferredByBody(Body):
    """By whose code a member came."""

    code = Text(maximum=40, help_text="Upper or lower case, with or without the dash.")
    device = Text(
        maximum=200,
        required=False,
        help_text="A mark of the device they joined on, the same each time; kept as a hash.",
    )


class HeldReferralBody(Body):
    """Why."""

    note = Text(maximum=200)


@dataclass(frozen=True)
class MemberReferralsView:
    """A member's side of referrals.

    ``code`` is empty until it is given. ``made`` counts friends who joined, ``paid`` those both sides
    were paid for. ``came_by`` is the referral that brought the member.
    """

    member: str
    code: str
    made: int
    paid: int
    came_by: ReferralView | None
