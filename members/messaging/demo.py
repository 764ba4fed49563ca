"""The coffee shop's e-mail club: a welcome reward, the regular in it, a newsletter waiting as a draft."""

from __future__ import annotations

from loyalty.commands.decorator import Call
from members.messaging.services import write_newsletter


def furnish(shop: object) -> None:
    """Two stars for who joins, from the first day."""
    shop.rule(  # type: ignore[attr-defined]
        "points.earning_rule",
        name="Chào mừng vào câu lạc bộ e-mail",
        name_en="Welcome to the e-mail club",
        activity="club.joined",
        basis="fixed",
        points=2,
    )


def finish(shop: object, *, member: str) -> None:
    """A draft to send."""
    call: Call = shop.call()  # type: ignore[attr-defined]
    write_newsletter(
        call,
        values={
            "topic": "news",
            "subject_vi": "Cà phê trứng trở lại",
            "subject_en": "Egg coffee is back",
            "body_vi": "Chào {name},\n\nMùa này Hiên lại pha cà phê trứng, mỗi sáng từ 7 giờ đến 10 giờ.\n\n"
            "Mời bạn ghé thử ở Nguyễn Trãi hoặc Hồ Gươm.",
            "body_en": "Hello {name},\n\nEgg coffee is back at Hiên, every morning from 7 to 10.\n\n"
            "Come and try it at Nguyễn Trãi or Hồ Gươm.",
        },
    )
