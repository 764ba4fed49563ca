"""The demo's coffee shop: what it sells, its rules, its people. All made through the doors.

An app adds its own part in its ``demo.py``: ``furnish(shop)`` when the shop opens and ``finish(shop,
member=…)`` for the one regular with a log-in once the year has been played; both as it needs them
(:class:`loyalty.engine.ports.DemoShop`).

Stars as at a well-known chain: one for each 40,000 ₫ spent, 25 for a drink. The other reading of
that rule (one star per bill of at least 40,000 ₫) waits beside it as a draft to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.services import open_asset
from loyalty.sales.models import Category, LineKind, Product
from loyalty.tenancy.models import Location, Merchant, Programme
from loyalty.tenancy.scope import in_programme
from loyalty.web.discovery import modules_named
from rewards.catalog.rules import Cost, TermsInput
from rewards.catalog.services.authoring import create_reward, publish_reward
from rewards.points.services.settings import change_settings

SLUG = "ca-phe-hien"

CATEGORIES = {
    "ca-phe": "Cà phê",
    "tra": "Trà",
    "banh": "Bánh",
    "mang-ve": "Mang về",
    "khac": "Khác",
}

# code: name, category, price in dong, kind, earns nothing
PRODUCTS: dict[str, tuple[str, str, int, str, bool]] = {
    "CPD": ("Cà phê đen đá", "ca-phe", 29_000, "goods", False),
    "CPS": ("Cà phê sữa đá", "ca-phe", 35_000, "goods", False),
    "BXI": ("Bạc xỉu", "ca-phe", 39_000, "goods", False),
    "CPT": ("Cà phê trứng", "ca-phe", 49_000, "goods", False),
    "LAT": ("Latte", "ca-phe", 55_000, "goods", False),
    "CAP": ("Cappuccino", "ca-phe", 55_000, "goods", False),
    "CBR": ("Cold brew cam sả", "ca-phe", 59_000, "goods", False),
    "TDA": ("Trà đào cam sả", "tra", 49_000, "goods", False),
    "TSE": ("Trà sen vàng", "tra", 49_000, "goods", False),
    "TVA": ("Trà vải", "tra", 45_000, "goods", False),
    "BMI": ("Bánh mì que", "banh", 25_000, "goods", False),
    "BSU": ("Bánh su kem", "banh", 32_000, "goods", False),
    "TIR": ("Tiramisu", "banh", 52_000, "goods", False),
    "HAT": ("Cà phê hạt Cầu Đất 250 g", "mang-ve", 145_000, "goods", False),
    "TQT": ("Thẻ quà tặng 200.000 ₫", "khac", 200_000, "gift_card", False),
    "THL": ("Thuốc lá", "khac", 30_000, "goods", True),
    "SHIP": ("Phí giao hàng", "khac", 15_000, "shipping", False),
}
DRINKS = [code for code, row in PRODUCTS.items() if row[1] in ("ca-phe", "tra")]
COFFEES = [code for code, row in PRODUCTS.items() if row[1] == "ca-phe"]


DRINK_COSTS = 25


def _terms(vi: str, en: str, *, costs: int, **values: Any) -> TermsInput:
    price = (Cost(asset="points", amount=costs),) if costs else ()
    return TermsInput(name_vi=vi, name_en=en, costs=price, **values)


REWARDS: dict[str, TermsInput] = {
    "drink": _terms(
        "Một ly nước bất kỳ",
        "Any drink",
        costs=DRINK_COSTS,
        kind="free_product",
        skus=tuple(DRINKS),
    ),
    "cake": _terms(
        "Một chiếc bánh", "Any pastry", costs=15, kind="free_product", categories=("banh",)
    ),
    "off": _terms("Giảm 20.000 ₫", "20,000 ₫ off", costs=12, kind="amount_off", value_minor=20_000),
    "tenth": _terms(
        "Giảm 10%, tối đa 30.000 ₫",
        "10% off, at most 30,000 ₫",
        costs=8,
        kind="percent_off",
        value_bp=1_000,
        value_minor=30_000,
    ),
    "tote": _terms("Túi vải Hiên", "Hiên tote bag", costs=60, kind="gift", per_member=1),
    "workshop": _terms(
        "Buổi học vẽ latte", "Latte art workshop", costs=80, kind="event_ticket", valid_days=90
    ),
    "stamped": _terms(
        "Ly cà phê thứ mười một",
        "The eleventh coffee",
        costs=0,
        kind="free_product",
        skus=tuple(COFFEES),
    ),
}
STOCK = {"tote": 20, "workshop": 12}
_KEYS = count(1)


@dataclass
class Cafe:
    """What the history needs of the shop."""

    programme: Programme
    merchant: Merchant
    locations: list[Location]
    rewards: dict[str, str]
    # The regular with a log-in who brings others along, by public id.
    host: str = ""

    def call(self) -> Call:
        """The owner's next call of a command."""
        return Call(self.actor(), f"demo-setup-{next(_KEYS)}")

    def rule(self, kind: str, *, draft: bool = False, **values: Any) -> str:
        """Write a rule and publish it, unless it shall stay a draft; answers its public id."""
        made = create_rule(self.call(), kind=kind, values=values)
        if not draft:
            publish_rule(self.call(), rule=made.rule)
        return made.rule

    def actor(self, name: str = "Chủ quán", *, location: Location | None = None) -> Actor:
        """Somebody who may do everything here, by name."""
        base = job_actor(self.programme, name, merchant_id=self.merchant.pk)
        return replace(base, location_id=location.pk if location else None)


def open_shop() -> Cafe:
    """The programme with its rules, rewards and card, as its owner left it a year ago."""
    programme = Programme.objects.create(
        slug=SLUG,
        name="Cà phê Hiên",
        currency="VND",
        theme="forest",
        contact_email="chao@caphehien.example",
        adjust_limit=20,
    )
    with in_programme(programme):
        merchant = Merchant.objects.create(name="Cà phê Hiên")
        places = [
            Location.objects.create(merchant=merchant, name=name, code=code)
            for code, name in (("NT", "Hiên Nguyễn Trãi"), ("HG", "Hiên Hồ Gươm"))
        ]
        _stock_shelves()
    cafe = Cafe(programme, merchant, places, {})
    open_asset(
        cafe.call(),
        code="points",
        kind="points",
        name_vi="sao",
        name_en="stars",
        value_minor=45_000,
        value_units=DRINK_COSTS,
    )
    change_settings(
        cafe.call(),
        values={"pay_enabled": True, "pay_cap_bp": 5_000, "transfer_enabled": True},
    )
    _stars(cafe)
    cafe.rewards = {key: _reward(cafe, key, terms) for key, terms in REWARDS.items()}
    _card(cafe)
    for app in modules_named("demo"):
        if hasattr(app, "furnish"):
            app.furnish(cafe)
    programme.refresh_from_db()
    return cafe


def finish(cafe: Cafe, *, member: str) -> None:
    """What apps show of the one member whose log-in is printed, after the year."""
    for app in modules_named("demo"):
        if hasattr(app, "finish"):
            app.finish(cafe, member=member)


def _stock_shelves() -> None:
    groups = {
        code: Category.objects.create(code=code, name=name) for code, name in CATEGORIES.items()
    }
    Product.objects.bulk_create(
        Product(
            sku=sku,
            name=name,
            category=groups[group],
            price_minor=price,
            kind=LineKind(kind),
            excluded=excluded,
        )
        for sku, (name, group, price, kind, excluded) in PRODUCTS.items()
    )


def _stars(cafe: Cafe) -> None:
    life: Mapping[str, Any] = {
        "expiry_kind": "rolling",
        "expiry_count": 6,
        "expiry_unit": "month",
        "expiry_round_up": "month",
    }
    cafe.rule(
        "points.earning_rule",
        name="Tích sao khi mua",
        name_en="Stars for what you buy",
        basis="money",
        points=1,
        per_minor=40_000,
        **life,
    )
    cafe.rule(
        "points.earning_rule",
        draft=True,
        name="Tích sao theo hóa đơn",
        name_en="A star for every bill",
        basis="fixed",
        points=1,
        minimum_minor=40_000,
        **life,
    )
    cafe.rule(
        "points.earning_rule",
        name="Chào bạn mới",
        name_en="Welcome",
        activity="member.joined",
        basis="fixed",
        points=2,
        **life,
    )
    cafe.rule(
        "points.earning_rule",
        name="Mừng sinh nhật",
        name_en="Happy birthday",
        activity="member.birthday",
        basis="fixed",
        points=5,
        **life,
    )
    cafe.rule(
        "points.multiplier_rule",
        name="Thứ Ba nhân đôi",
        name_en="Double Tuesday",
        factor_bp=20_000,
        weekdays=[2],
    )


def _reward(cafe: Cafe, key: str, terms: TermsInput) -> str:
    made = create_reward(cafe.call(), terms=terms, stock=STOCK.get(key))
    publish_reward(cafe.call(), reward=made.reward)
    return made.reward


def _card(cafe: Cafe) -> None:
    cafe.rule(
        "punchcards.punch_card",
        name="Thẻ cà phê 10 tem",
        name_en="Coffee card, ten stamps",
        stamp_per="item",
        categories=["ca-phe"],
        stamps_needed=10,
        reward=cafe.rewards["stamped"],
    )
