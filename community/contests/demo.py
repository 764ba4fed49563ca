"""The coffee shop's contest: a few words about the first cup of the day, voted by members."""

from __future__ import annotations

from datetime import timedelta

from community.contests.rules import ContestInput, Prize
from community.contests.services import (
    create_contest,
    enter_contest,
    judge_entry,
    publish_contest,
    vote,
)
from loyalty.common.clock import now, played_at
from loyalty.engine.ports import DemoShop
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

_WORDS = (
    "Ly đầu ngày: hơi khói qua cửa sổ, còn phố thì chưa kịp dậy.",
    "Má pha phin, tôi chép bài. Hai mươi năm sau tôi pha, má đọc báo.",
    "Đá tan chậm hơn cuộc họp. Cảm ơn bạc xỉu.",
    "Sáng thứ Hai có mùi cà phê trứng, và tôi tha thứ cho thứ Hai.",
    "Quán nhỏ, ghế thấp, chuyện dài.",
)
_LOOKED_AT = 4


def finish(shop: DemoShop, *, member: str) -> None:
    """Open for two weeks already; one entry waits to be looked at, and Lan has a vote left."""
    with in_programme(shop.programme):
        others = Member.objects.filter(state="active").exclude(public_id=member)
        people = list(others.order_by("joined_at", "pk").values_list("public_id", flat=True)[:9])
    at = now()
    with played_at(at - timedelta(days=10)):
        made = create_contest(
            shop.call(),
            contest=ContestInput(
                title_vi="Ly cà phê đầu ngày",
                title_en="The first cup of the day",
                rules_vi="Viết vài câu về ly cà phê đầu ngày của bạn. Mỗi người một bài, ba phiếu bầu. "
                "Nhiều phiếu nhất thắng; bằng phiếu thì ai gửi trước thắng.",
                rules_en="A few lines about your first coffee of the day. One entry and three votes each. "
                "Most votes win; of equals who entered first.",
                opens_at=at - timedelta(days=10),
                entries_until=at + timedelta(days=4),
                votes_until=at + timedelta(days=11),
                votes_per_member=3,
                prizes=(Prize(points=50, reward=shop.rewards["tote"]), Prize(points=25)),
            ),
        )
        publish_contest(shop.call(), contest=made.contest)
    entries = []
    with played_at(at - timedelta(days=6)):
        for who, words in zip(people, _WORDS, strict=False):
            done = enter_contest(shop.call(), member=who, contest=made.contest, text=words)
            entries.append(done.entry)
        for entry in entries[:_LOOKED_AT]:
            judge_entry(shop.call(), entry=entry, show=True)
    for number, who in enumerate([*people[5:], member]):
        for entry in {entries[1], entries[number % _LOOKED_AT]}:
            vote(shop.call(), member=who, entry=entry)
