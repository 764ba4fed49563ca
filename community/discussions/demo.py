"""The community of the demo's coffee shop: questions, ideas with votes, one group for the best guests."""

from __future__ import annotations

from datetime import timedelta

from community.discussions.services import (
    GroupValues,
    answer_as_shop,
    ask_for_group,
    change_settings,
    choose_best,
    make_group,
    set_status,
    start_topic,
    vote_for_idea,
    write_reply,
)
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Refused
from loyalty.engine.ports import DemoShop
from loyalty.engine.shown import show_name
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

# title, text, votes, what becomes of it, a word about it, days ago
IDEAS = (
    ("Mở cửa lúc 6 giờ sáng", "Mình đi làm sớm, 6 giờ 30 là phải qua quán rồi.", 21, "", "", 26),
    (
        "Oat milk, please",
        "Many of us cannot drink cow's milk. An oat latte would be lovely.",
        17,
        "planned",
        "From next month, at the same price.",
        40,
    ),
    (
        "Mang ly riêng được giảm giá",
        "Giảm 3.000 ₫ cho ai mang ly của mình, đỡ rác nhựa.",
        12,
        "done",
        "Đã áp dụng ở cả hai quán.",
        75,
    ),
    (
        "Bán thêm phở buổi sáng",
        "",
        3,
        "declined",
        "Bếp của quán quá nhỏ, xin hẹn bạn dịp khác.",
        58,
    ),
)


def furnish(shop: DemoShop) -> None:
    """Open, with two stars for an idea the shop takes up."""
    change_settings(shop.call(), values={"is_open": True})
    shop.rule(
        "points.earning_rule",
        name="Ý tưởng được chọn",
        name_en="A chosen idea",
        activity="idea.accepted",
        basis="fixed",
        points=2,
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """Guests talk; the regular with a log-in asked something and is in the group."""
    with in_programme(shop.programme):
        rows = Member.objects.filter(state=Member.State.ACTIVE).exclude(public_id=member)
        people = list(rows.order_by("id").values_list("public_id", flat=True)[:30])
    if len(people) < 12:
        return
    for number, (title, text, votes, status, note, days) in enumerate(IDEAS):
        with played_at(now() - timedelta(days=days)):
            author = people[number]
            idea = start_topic(shop.call(), member=author, kind="idea", title=title, text=text).id
            for voter in [one for one in people if one != author][:votes]:
                vote_for_idea(shop.call(), member=voter, topic=idea)
        if status:
            with played_at(now() - timedelta(days=days // 2)):
                set_status(shop.call(), topic=idea, status=status, note=note)
    _question(shop, member, people)
    _group(shop, member, people)


def _question(shop: DemoShop, member: str, people: list[str]) -> None:
    with played_at(now() - timedelta(days=6)):
        show_name(shop.call(), member=member, name="Lan mê bạc xỉu")
        asked = start_topic(
            shop.call(),
            member=member,
            title="Pha phin ở nhà bị chua, vì sao vậy mọi người?",
            text="Mình dùng hạt Cầu Đất của quán, nước sôi 100 độ, ủ một phút.",
        ).id
    with played_at(now() - timedelta(days=5)):
        best = write_reply(
            shop.call(),
            member=people[5],
            topic=asked,
            text="Bạn thử nước 92 đến 94 độ và ủ 30 giây xem, mình làm vậy là hết chua.",
        ).id
        write_reply(shop.call(), member=people[7], topic=asked, text="Xay mịn hơn một nấc nữa.")
        answer_as_shop(
            shop.call(),
            topic=asked,
            text="Ghé quán Nguyễn Trãi, chúng mình chỉnh cối xay giúp bạn, không mất phí.",
        )
    with played_at(now() - timedelta(days=4)):
        choose_best(shop.call(), topic=asked, reply=best)


def _group(shop: DemoShop, member: str, people: list[str]) -> None:
    regulars = [{"fact": "purchases.count_90d", "op": "gte", "value": 10}]
    values = GroupValues(
        name="Hội nghiện cà phê",
        about="Cho ai ghé quán từ mười lần trong ba tháng: nếm thử hạt mới trước mọi người.",
        join="conditions",
        conditions=regulars,
    )
    with played_at(now() - timedelta(days=20)):
        group = make_group(shop.call(), values=values).id
    with played_at(now() - timedelta(days=3)):
        for one in (member, *people):
            try:
                ask_for_group(shop.call(), member=one, group=group)
            except Refused:
                continue  # comes less often
        start_topic(
            shop.call(),
            member=member,
            group=group,
            title="Hạt Lạc Dương mới về, ai thử chưa?",
            text="Thơm mùi cam, hậu ngọt. Thứ Bảy này quán mở thử miễn phí.",
        )
