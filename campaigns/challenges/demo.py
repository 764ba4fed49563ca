"""Challenges for the demo's coffee shop: a mission a week, a row of days, a badge."""

from __future__ import annotations

from campaigns.challenges.services import check_in, create_badge
from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """Running from the first day."""
    badge = create_badge(
        shop.call(),
        name_vi="Người sành cà phê",
        name_en="Coffee taster",
        text_vi="Đã thử năm món khác nhau",
        text_en="Tasted five different drinks",
        shape="cup",
    ).id
    shop.rule(
        "challenges.mission",
        name="Năm món khác nhau",
        name_en="Five different drinks",
        counts="products",
        target=5,
        points=30,
        badge=badge,
    )
    shop.rule(
        "challenges.mission",
        name="Ba lần ghé mỗi tháng",
        name_en="Three visits a month",
        counts="visits",
        target=3,
        period="month",
        points=5,
        leaderboard=True,
    )
    shop.rule(
        "challenges.streak",
        name="Điểm danh mỗi ngày",
        name_en="Daily check-in",
        activity_types=["check_in"],
        steps=[{"at": 7, "points": 5}, {"at": 30, "points": 20}],
        cycle=30,
        freezes_first=1,
        freezes_most=2,
        freeze_every=7,
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """The regular with a log-in is here today."""
    check_in(shop.call(), member=member)
