"""A monthly basket at the demo's coffee shop: beans for home, a little off for staying."""

from __future__ import annotations

from datetime import timedelta

from loyalty.common.clock import now, played_at
from loyalty.engine.ports import DemoShop
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tiers.subscriptions.services import Chosen, offer_product, subscribe

CODE = "hat-moi-thang"
# What is offered, and at most how many of it on one delivery.
SHELF = {"HAT": 6, "CBR": 12, "TIR": 4}
BASKETS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("HAT", 2),),
    (("HAT", 1), ("CBR", 4)),
    (("CBR", 6),),
    (("HAT", 1), ("TIR", 2)),
    (("HAT", 3),),
)


def furnish(shop: DemoShop) -> None:
    """The offer with its shelf, from the first day."""
    offer = shop.rule(
        "subscriptions.offer",
        name="Cà phê tại nhà",
        name_en="Coffee at home",
        code=CODE,
        weeks_from=2,
        weeks_to=2,
        months_from=1,
        months_to=2,
        commitments=[
            {"months": 3, "discount_bp": 1_000},
            {"months": 6, "discount_bp": 2_000},
        ],
        shipping_minor=15_000,
        pays_on_delivery=True,
        cutoff_days=1,
        cutoff_hour=18,
    )
    for sku, most in SHELF.items():
        offer_product(shop.call(), offer=offer, sku=sku, most=most)


def finish(shop: DemoShop, *, member: str) -> None:
    """The regular with a log-in has beans brought; others subscribed some days ago, so that the
    worker finds deliveries to close and the shop something to pack.
    """
    _subscribe(shop, member, BASKETS[1], months=6, way="deliver")
    with in_programme(shop.programme):
        others = Member.objects.filter(state=Member.State.ACTIVE).exclude(public_id=member)
        people = list(others.order_by("id").values_list("public_id", flat=True)[: len(BASKETS)])
    with played_at(now() - timedelta(days=2)):
        for number, (person, basket) in enumerate(zip(people, BASKETS, strict=False)):
            way = "collect" if number % 2 else "deliver"
            _subscribe(shop, person, basket, months=3 * (number % 3), way=way)


def _subscribe(
    shop: DemoShop,
    member: str,
    basket: tuple[tuple[str, int], ...],
    *,
    months: int,
    way: str,
) -> None:
    subscribe(
        shop.call(),
        member=member,
        chosen=Chosen(
            offer=CODE,
            items=basket,
            every=1,
            unit="month",
            commit_months=months,
            pays="on_delivery" if way == "deliver" else "before",
        ),
        way=way,
        address="12 ngõ Tràng Tiền, Hoàn Kiếm" if way == "deliver" else "",
        note="Gọi trước khi giao" if way == "deliver" else "",
    )
