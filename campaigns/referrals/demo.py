"""The coffee shop's regulars bring friends: some were paid for, some wait, one is looked at."""

from __future__ import annotations

from campaigns.referrals.services import give_code
from campaigns.referrals.tasks import look_after_referrals
from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """Five stars for who invites, three for the friend; at most five friends a month."""
    shop.rule(
        "referrals.referral_programme",
        name="Rủ bạn đi cà phê",
        name_en="Bring a friend for coffee",
        referrer_points=5,
        friend_points=3,
        within_days=30,
        return_days=3,
        limits=[{"maximum": 5, "period": "month", "measure": "times"}],
    )


def joining_code(shop: DemoShop, *, host: str) -> str:
    """The code with which a guest joins whom the host brought along."""
    return give_code(shop.call(), member=host).code


def close_up() -> None:
    """What the worker does every night."""
    look_after_referrals()
