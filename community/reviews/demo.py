"""Reviews for the demo's coffee shop: in Vietnamese and English, some answered, one to look at."""

from __future__ import annotations

from datetime import timedelta

from community.reviews.services import reply_to_review, vote_helpful, write_review
from loyalty.common.clock import now, played_at
from loyalty.engine.ports import DemoShop, shelf
from loyalty.tenancy.scope import in_programme
from members.moderation.services import change_settings
from members.profiles.models import Member

# product, stars, what they say, what the shop answers, days ago
SAID = (
    ("CPS", 5, "Đậm mà không gắt, sữa vừa phải. Sáng nào cũng ghé mua mang đi.", "", 41),
    (
        "CPT",
        5,
        "The egg coffee is the real thing: warm, thick, not too sweet.",
        "Thank you! We whisk it by hand, so it takes a few minutes.",
        33,
    ),
    ("BXI", 4, "Bạc xỉu thơm, hôm đông khách thì hơi loãng một chút.", "", 27),
    (
        "TDA",
        2,
        "Trà đào hôm nay ngọt quá, mình dặn ít đường mà quên.",
        "Xin lỗi bạn. Lần sau bạn cứ nhắc lại ở quầy, chúng mình pha lại ngay.",
        19,
    ),
    ("LAT", 5, "Smooth latte, and they remember my name.", "", 12),
    ("CPS", 4, "Giá hợp lý, chỗ Nguyễn Trãi ngồi mát. Cuối tuần hơi đông.", "", 8),
    ("CPD", 5, "Cà phê đen đúng vị ngày xưa.", "", 5),
    ("TIR", 3, "Tiramisu ổn, giá mà mềm hơn.", "", 2),
    ("CPS", 1, "Xem thêm ở www.re-hon.example, bên đó rẻ hơn nhiều!", "", 1),
)


def furnish(shop: DemoShop) -> None:
    """A star for each review, two a day at most."""
    change_settings(shop.call(), values={"words": ["lừa đảo", "đồ dởm"]})
    shop.rule(
        "points.earning_rule",
        name="Đánh giá món đã mua",
        name_en="Reviews of what you bought",
        activity="review.published",
        basis="fixed",
        points=1,
        limits=[{"maximum": 2, "period": "day", "measure": "amount", "rejects": False}],
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """Guests who bought it say it; the regular with a log-in has things left to rate."""
    with in_programme(shop.programme):
        rows = Member.objects.filter(state=Member.State.ACTIVE).exclude(public_id=member)
        people = list(rows.order_by("id"))
    written: set[str] = set()
    for sku, stars, text, reply, days in SAID:
        with in_programme(shop.programme), played_at(now() - timedelta(days=days)):
            author = next(
                (one for one in people if one.public_id not in written and _has(one, sku)), None
            )
            if author is None:
                continue
            written.add(author.public_id)
            done = write_review(
                shop.call(), member=author.public_id, sku=sku, stars=stars, text=text
            )
            if reply:
                reply_to_review(shop.call(), review=done.review, text=reply)
            if done.state == "published":
                for reader in people[days % 7 : days % 7 + stars - 1]:
                    if reader.pk != author.pk:
                        vote_helpful(shop.call(), member=reader.public_id, review=done.review)


def _has(member: Member, sku: str) -> bool:
    found = shelf().kept_by([member.pk])
    return any(product.sku == sku for product, _at in found.values())
