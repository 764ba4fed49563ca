"""A trial in the demo's coffee shop: a new cold brew for the regulars, and what they think of it."""

from __future__ import annotations

from datetime import timedelta

from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError
from loyalty.engine.ports import DemoShop
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tiers.trials.services import give_feedback, hand_over_trial, take_trial

_SAY = (
    (5, "Thơm, không gắt. Lần sau tôi mua."),
    (4, "Ngon, hơi ngọt so với khẩu vị của tôi."),
    (5, ""),
    (3, "Được, nhưng tôi vẫn thích cà phê sữa đá hơn."),
)


def furnish(shop: DemoShop) -> None:
    """The trial, on offer from the first day to those who come often."""
    shop.rule(
        "trials.trial",
        name="Cold brew cam sả",
        name_en="Cold brew with orange and lemongrass",
        code="cold-brew",
        sku="CBR",
        budget=40,
        collect_days=14,
        told_vi="Ủ lạnh 16 tiếng với cam và sả. Bạn nếm giúp quán nhé!",
        told_en="Steeped cold for 16 hours with orange and lemongrass. Taste it for us!",
        audience=[{"fact": "purchases.count_90d", "op": "gte", "value": 8}],
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """Some regulars tried it last week; the one with a log-in was given one and has not answered."""
    with in_programme(shop.programme):
        others = Member.objects.exclude(public_id=member).order_by("pk")
        people = list(others.values_list("public_id", flat=True)[:20])
    answers = iter(_SAY)
    with played_at(now() - timedelta(days=6)):
        for person in (*people, member):
            try:
                taken = take_trial(shop.call(), member=person, trial="cold-brew")
            except DomainError:  # not one of the regulars
                continue
            hand_over_trial(shop.call(), taking=taken.id)
            said = next(answers, None) if person != member else None
            if said is not None:
                stars, comment = said
                give_feedback(shop.call(), taking=taken.id, stars=stars, comment=comment)
