"""Which rules are live in a shop that is measured: sets that grow, each published through the doors.

``points`` alone is what the others are compared with; ``usual`` adds a punch card, ``levels`` a ladder,
``status_and_money`` a paid plan, cashback and discounts, ``everything`` a second card, three challenges,
a donation and friends brought along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Values = Mapping[str, Any]
POINTS, USUAL, LEVELS = "points", "usual", "levels"
STATUS_AND_MONEY, EVERYTHING = "status_and_money", "everything"
# The mechanics that answer a sale to a member who holds the plan and the level.
ANSWERING = {
    POINTS: frozenset({"points"}),
    USUAL: frozenset({"points", "punchcards"}),
    LEVELS: frozenset({"points", "punchcards", "levels"}),
}
ANSWERING[STATUS_AND_MONEY] = ANSWERING[LEVELS] | {"memberships", "cashback", "discounts"}
ANSWERING[EVERYTHING] = ANSWERING[STATUS_AND_MONEY] | {"missions", "streaks", "donations"}
PLAN = "prime"
# What reaches the level measured, and one sale that does.
GOLD_MINOR = 1_000_000


class Furnish(Protocol):
    """Where rules are published: answers the public id of the rule, or of the reward."""

    def rule(self, kind: str, values: Values) -> str: ...

    def reward(self, name: str, *, points: int) -> str: ...


def publish_set(shop: Furnish, name: str) -> None:
    """Publish a set of rules, those it grew from first."""
    shop.rule("points.earning_rule", _POINTS)
    if name == POINTS:
        return
    free = shop.reward("Free coffee", points=0)
    shop.rule("punchcards.punch_card", {**_CARD, "reward": free})
    if name == USUAL:
        return
    shop.rule("levels.ladder", _LADDER)
    if name == LEVELS:
        return
    shop.rule("memberships.plan", _PLAN)
    shop.rule("cashback.cashback_rule", _CASHBACK)
    shop.rule("discounts.discount_rule", _DISCOUNT)
    if name == STATUS_AND_MONEY:
        return
    shop.rule("punchcards.punch_card", {**_SECOND_CARD, "reward": free})
    for values in _CHALLENGES:
        shop.rule("challenges.mission", {**values, "reward": free})
    shop.rule("challenges.streak", _STREAK)
    cause = shop.rule("donations.cause", {"name": "A library for the village"})
    shop.rule("donations.donation", {**_DONATION, "cause": cause})
    shop.rule("referrals.referral_programme", _REFERRAL)


_POINTS: Values = {"name": "A point per 1,000", "basis": "money", "points": 1, "per_minor": 1000}
_CARD: Values = {
    "name": "Coffee card",
    "stamp_per": "visit",
    "stamps_needed": 10,
    "expiry_kind": "none",
}
_SECOND_CARD: Values = {
    "name": "A stamp for each 50,000",
    "stamp_per": "amount",
    "per_minor": 50_000,
    "stamps_needed": 40,
    "expiry_kind": "rolling",
    "expiry_count": 12,
}
_LADDER: Values = {
    "name": "Levels",
    "levels": [
        {"code": "green", "name_en": "Green"},
        {
            "code": "gold",
            "name_en": "Gold",
            "enter": [{"spend_minor": GOLD_MINOR}],
            "factor_bp": 15_000,
        },
        {"code": "black", "name_en": "Black", "enter": [{"spend_minor": 10**12}]},
    ],
}
_PLAN: Values = {
    "name": "Prime",
    "code": PLAN,
    "price_minor": 49_000,
    "period_count": 12,
    "renews": False,
    "free_delivery": True,
    "discount_bp": 300,
}
_CASHBACK: Values = {
    "name": "Two percent back",
    "rate_bp": 200,
    "wait_kind": "days",
    "wait_days": 14,
    "limits": [{"maximum": 10**12, "period": "month"}],
}
_DISCOUNT: Values = {
    "name": "Ten percent for Gold",
    "discount": "percent",
    "off_bp": 1_000,
    "audience": [{"fact": "level", "op": "eq", "value": "gold"}],
}
_CHALLENGES: tuple[Values, ...] = (
    {"name": "Thirty visits", "counts": "visits", "target": 30},
    {"name": "Ten million in all", "counts": "spend", "target": 10_000_000_000},
)
_STREAK: Values = {"name": "Every day", "activity_types": ["purchase"], "points_each": 1}
_REFERRAL: Values = {"name": "Bring a friend", "referrer_points": 5, "friend_points": 3}
_DONATION: Values = {"name": "One percent", "way": "percent", "share_bp": 100}
