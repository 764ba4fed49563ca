"""The coffee shop's good cause: books for a school up in the hills."""

from __future__ import annotations

from campaigns.donations.services import choose
from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """A cause, a little of each bill for it, and rounding up for who likes to."""
    library = shop.rule(
        "donations.cause",
        name="Tủ sách Trường Tả Van",
        name_en="Bookshelf of Tả Van School",
        about_vi="Mỗi tủ sách là 200 cuốn truyện và sách khoa học cho học sinh tiểu học ở Tả Van, Sa Pa.",
        about_en="Each shelf is 200 story and science books for the primary school of Tả Van, Sa Pa.",
        goal_minor=20_000_000,
    )
    shop.rule(
        "donations.donation",
        name="1% cho tủ sách",
        name_en="1% for the bookshelf",
        way="percent",
        cause=library,
        share_bp=100,
    )
    shop.rule(
        "donations.donation",
        name="Làm tròn cho tủ sách",
        name_en="Round up for the bookshelf",
        way="round_up",
        cause=library,
        round_to_minor=10_000,
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """The regular with a log-in rounds up."""
    choose(shop.call(), member=member, round_up=True)
