"""What the tests of other systems say, where it fits our policy (docs/cases.md): the REST API alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_named_schemes import Scheme
from tests.world import make_shop

RED_BLUE = [{"sku": "red", "net_minor": 1_200}, {"sku": "blue", "net_minor": 10_000}]
PER_UNIT = {"points": 1, "per_minor": 100}


@pytest.fixture
def shop_in_dollars(db: None) -> Scheme:
    shop = make_shop("cases", owner="zoe@cases.example", member="Lan", currency="USD")
    return Scheme(shop)


def _points(scheme: Scheme, member: str) -> int:
    found = scheme.did(scheme.api.get(f"members/{member}/balances/"))
    return next((one["available"] for one in found if one["asset"] == "points"), 0)


def _sell(scheme: Scheme, member: str, lines: Any, **more: Any) -> Any:
    body = {"lines": lines} if isinstance(lines, list) else {"total_minor": lines}
    return scheme.did(scheme.api.post("purchases/", {"member": member, **body, **more}))


@pytest.mark.parametrize(("case", "rules", "bought", "points"), [
    ("SE-25", [PER_UNIT, {"points": 1, "per_minor": 200}], 1_999, 28),
    ("SE-32", [PER_UNIT], 1_999, 19),
    ("SE-32", [{"points": 3, "per_minor": 100}], 4_000, 120),
    ("SE-26", [
        {**PER_UNIT, "stacking_group": "base"},
        {"basis": "fixed", "points": 100, "stacking_group": "base", "priority": 9},
    ], 1_999, 100),
    ("SE-35", [{**PER_UNIT, "minimum_minor": 5_000}], 5_000, 50),
    ("SE-35", [{**PER_UNIT, "minimum_minor": 4_999}], 5_000, 50),
    ("SE-35", [{**PER_UNIT, "minimum_minor": 5_001}], 5_000, 0),
    ("SPR-01", [{**PER_UNIT, "minimum_minor": 3_000}], 4_000, 40),
    ("SPR-01", [{**PER_UNIT, "minimum_minor": 3_000}], 3_000, 30),
    ("SPR-01", [{**PER_UNIT, "minimum_minor": 3_000}], 2_000, 0),
    ("SQ-01", [{"points": 1, "per_minor": 1_000}], 10_500, 10),
    ("ER-01", [{"points": 1, "per_minor": 100_000}], 1_000_000, 10),
    ("OL-02 without delivery", [{"points": 4, "per_minor": 100, "excluded_skus": ["blue"]}], RED_BLUE, 48),
    ("OL-07 without delivery", [{"points": 10, "per_minor": 100}, {"points": 4, "per_minor": 100}], RED_BLUE, 1_568),
    ("OL-12", [{"points": 4, "per_minor": 100, "minimum_minor": 30_000}], RED_BLUE, 0),
    ("NC-02", [{**PER_UNIT, "minimum_minor": 11_300}], [*RED_BLUE, {"kind": "shipping", "net_minor": 4_000}], 0),
    ("OD-037", [{"basis": "fixed", "points": 1}], 25_001, 1),
])  # fmt: skip
def test_what_a_sale_earns(
    shop_in_dollars: Scheme, case: str, rules: list[Any], bought: Any, points: int
) -> None:
    for values in rules:
        shop_in_dollars.rule(**values)
    member = shop_in_dollars.join()
    _sell(shop_in_dollars, member, bought)
    assert _points(shop_in_dollars, member) == points, case


@pytest.mark.parametrize(("rounding", "points"), [("floor", 2), ("half_up", 3), ("ceil", 3)])
def test_wc_01_a_part_of_a_point(shop_in_dollars: Scheme, rounding: str, points: int) -> None:
    shop_in_dollars.rule(**PER_UNIT, proportional=True, rounding=rounding)
    member = shop_in_dollars.join()
    _sell(shop_in_dollars, member, 250)
    assert _points(shop_in_dollars, member) == points


def test_ol_09_a_multiplier_for_one_product(shop_in_dollars: Scheme) -> None:
    shop_in_dollars.rule(points=4, per_minor=100)
    shop_in_dollars.rule("points.multiplier_rule", factor_bp=30_000, skus=["red"])
    member = shop_in_dollars.join()
    _sell(shop_in_dollars, member, RED_BLUE)
    assert _points(shop_in_dollars, member) == 12 * 4 * 3 + 100 * 4


@pytest.mark.parametrize(("case", "bought", "back", "left"), [
    ("SE-03", 15_000, [None], 0),
    ("OL-24", 20_000, [10_000], 100),
    ("RF-04", 10_000, [7_500], 25),
    ("INC-17", 100_000, [10_000], 900),
    ("RF-09", 2_000, [1_000, 1_000], 0),
    ("OL-47", 4_000, [2_000], 20),
])  # fmt: skip
def test_what_a_refund_takes_back(
    shop_in_dollars: Scheme, case: str, bought: int, back: list[Any], left: int
) -> None:
    shop_in_dollars.rule(**PER_UNIT)
    member = shop_in_dollars.join()
    sale = _sell(shop_in_dollars, member, bought)["purchase"]
    for amount in back:
        shop_in_dollars.refund(sale, **({"amount_minor": amount} if amount else {}))
    assert _points(shop_in_dollars, member) == left, case


def test_se_06_se_07_a_refund_told_twice_or_too_large(shop_in_dollars: Scheme) -> None:
    shop_in_dollars.rule(**PER_UNIT)
    api, member = shop_in_dollars.api, shop_in_dollars.join()
    sale = _sell(shop_in_dollars, member, 15_000)["purchase"]
    too_much = api.post(f"purchases/{sale}/refunds/", {"amount_minor": 999_900})
    assert too_much.status_code in (400, 422)
    once, twice = (api.post(f"purchases/{sale}/refunds/", {}, key="one") for _ in range(2))
    assert once.data == twice.data
    assert api.post(f"purchases/{sale}/refunds/", {}).status_code in (409, 422)
    assert _points(shop_in_dollars, member) == 0


def test_rf_08_refunded_item_by_item(shop_in_dollars: Scheme) -> None:
    shop_in_dollars.rule(**PER_UNIT)
    member = shop_in_dollars.join()
    lines = [
        {"sku": sku, "net_minor": net} for sku, net in (("a", 4_000), ("b", 6_000), ("c", 2_000))
    ]
    sale = _sell(shop_in_dollars, member, lines)["purchase"]
    had = [_points(shop_in_dollars, member)]
    for line in (2, 3):
        shop_in_dollars.refund(sale, lines=[{"number": line}])
        had.append(_points(shop_in_dollars, member))
    assert had == [120, 60, 40]


def test_inc_14_buying_and_refunding_ten_times_farms_nothing(shop_in_dollars: Scheme) -> None:
    shop_in_dollars.rule(**PER_UNIT)
    member = shop_in_dollars.join()
    for _ in range(10):
        shop_in_dollars.refund(_sell(shop_in_dollars, member, 10_000)["purchase"])
    assert _points(shop_in_dollars, member) == 0


CHAIRS = [{"sku": "chair", "quantity": 4, "net_minor": 6_600}, {"sku": "drawer", "quantity": 2, "net_minor": 5_000}]  # fmt: skip
BRAND = [
    {"sku": "mug", "quantity": 2, "net_minor": 2_000},
    {"sku": "poster", "quantity": 3, "net_minor": 4_500},
    {"sku": "shirt", "quantity": 3, "net_minor": 6_000},
    {"sku": "bottle", "quantity": 2, "net_minor": 5_000},
]
BRAND_A = ["mug", "poster", "shirt"]


@pytest.mark.parametrize(("case", "rules", "bought", "to_pay"), [
    ("OD-019", [{"discount": "amount", "off_minor": 24_900}], 2_500, 0),
    ("OD-019", [{"discount": "amount", "off_minor": 24_900}], 42_500, 17_600),
    ("SA-07", [{"discount": "amount", "off_minor": 10_000}], 2_999, 0),
    ("OD-026", [{"off_bp": 2_500, "skus": ["chair", "drawer"]}], CHAIRS, 8_700),
    ("OD-026", [{"off_bp": 2_500, "skus": ["chair"]}], CHAIRS, 9_950),
    ("OD-029", [{"off_bp": 10_000, "skus": ["a"], "cap_minor": 20_000}], [
        {"sku": "a", "quantity": 2, "net_minor": 20_000}, {"sku": "b", "net_minor": 50_000},
    ], 50_000),
    ("OD-036", [{"off_bp": 1_000}], 40, 36),
    ("OD-039", [
        {"discount": "amount", "off_minor": 5_000, "stacks": True},
        {"discount": "amount", "off_minor": 1_000, "stacks": True},
    ], 5_640, 0),
    ("OD-044", [{"off_bp": 1_000, "skus": ["a"], "cap_minor": 900}], [{"sku": "a", "net_minor": 12_000}], 11_100),
    ("OD-054", [{"off_bp": 10_000}], [
        {"sku": str(net), "net_minor": net} for net in (560, 892, 4_491, 21_726, 240_000)
    ], 0),
    ("RL-23", [{"off_bp": 2_000}, {"off_bp": 1_000}], 10_000, 8_000),
    ("OD-010", [
        {"off_bp": 500, "minimum_minor": 2_000}, {"off_bp": 1_000, "minimum_minor": 4_000},
    ], 3_000, 2_850),
    ("OD-010", [
        {"off_bp": 500, "minimum_minor": 2_000}, {"off_bp": 1_000, "minimum_minor": 4_000},
    ], 5_000, 4_500),
    ("OS-06", [{"discount": "amount", "off_minor": 300}], [
        {"sku": "a", "net_minor": 100}, {"sku": "b", "net_minor": 150},
    ], 0),
    ("VO-05", [{"off_bp": 1_000, "skus": BRAND_A}], BRAND, 16_250),
    ("VO-06", [{"discount": "fixed_price", "price_minor": 1_000, "skus": BRAND_A}], BRAND, 13_000),
    ("VO-16", [
        {"off_bp": 1_000, "stacks": True, "priority": 2}, {"off_bp": 2_000, "stacks": True},
    ], 10_000, 7_200),
    ("ZU-01", [
        {"off_bp": share, "stacks": True} for share in (500, 1_000, 1_500)
    ], 10_000, 7_267),
    ("OS-07", [{"discount": "fixed_price", "price_minor": 700}], [{"sku": "a", "quantity": 3, "net_minor": 1_800}], 1_800),
])  # fmt: skip
def test_what_is_left_to_pay(
    shop_in_dollars: Scheme, case: str, rules: list[Any], bought: Any, to_pay: int
) -> None:
    for values in rules:
        shop_in_dollars.rule("discounts.discount_rule", **{"discount": "percent", **values})
    sale = _sell(shop_in_dollars, shop_in_dollars.join(), bought)
    assert sale["to_pay_minor"] == to_pay, case


@pytest.mark.parametrize(("case", "off", "nets", "parts"), [
    ("OS-04", 300, (1_200, 1_200), (150, 150)),
    ("OS-05", 400, (200, 200, 200), (134, 133, 133)),
])  # fmt: skip
def test_an_amount_off_is_split_to_the_last_cent(
    shop_in_dollars: Scheme, case: str, off: int, nets: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    """Theirs gives the odd cent to the last line, ours to the first of equals."""
    shop_in_dollars.rule("discounts.discount_rule", discount="amount", off_minor=off)
    lines = [{"sku": str(number), "net_minor": net} for number, net in enumerate(nets)]
    sale = _sell(shop_in_dollars, shop_in_dollars.join(), lines)
    assert (
        tuple(net - line["net_minor"] for net, line in zip(nets, sale["lines"], strict=True))
        == parts
    )


def test_vo_12_vo_13_how_often_a_discount_counts(shop_in_dollars: Scheme) -> None:
    once = {"maximum": 1, "period": "ever", "measure": "times"}
    shop_in_dollars.rule("discounts.discount_rule", discount="percent", off_bp=1_000, limits=[once])
    ana, ben = shop_in_dollars.join(), shop_in_dollars.join()
    paid = [_sell(shop_in_dollars, who, 10_000)["to_pay_minor"] for who in (ana, ana, ben)]
    assert paid == [9_000, 10_000, 9_000]


def test_inc_16_a_free_product_on_top_changes_nothing_for_the_points(
    shop_in_dollars: Scheme,
) -> None:
    shop_in_dollars.rule(points=6, per_minor=100)
    member = shop_in_dollars.join()
    _sell(shop_in_dollars, member, 10_000)
    assert _points(shop_in_dollars, member) == 600


def test_sq_09_enrolled_already(shop_in_dollars: Scheme) -> None:
    body = {"name": "Ana", "phone": "0912345678"}
    first = shop_in_dollars.api.post("members/", body)
    again = shop_in_dollars.api.post("members/", body)
    assert first.status_code == 201
    assert again.status_code == 409


def test_ol_43_ol_45_too_few_points_buy_nothing(shop_in_dollars: Scheme) -> None:
    shop_in_dollars.rule(**PER_UNIT)
    member, reward = shop_in_dollars.join(), shop_in_dollars.reward(points=20)
    _sell(shop_in_dollars, member, 1_000)
    refused = shop_in_dollars.redeem(member, reward)
    assert refused.status_code == 422
    assert _points(shop_in_dollars, member) == 10
