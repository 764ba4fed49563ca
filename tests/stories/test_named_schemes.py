"""Schemes people know, set up and lived through by an integrator's program: the REST API alone."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop

LATTE = 45_000


class Scheme:
    """A programme as a program from outside sees it."""

    def __init__(self, shop: Shop) -> None:
        self.api = Api(make_key(shop))
        self.members = 0

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def rule(self, kind: str = "points.earning_rule", **values: Any) -> str:
        body = {"kind": kind, "values": {"name": "Rule", **values}}
        rule = self.did(self.api.post("rules/", body))["rule"]
        self.did(self.api.post(f"rules/{rule}/publish/", {}))
        return str(rule)

    def reward(self, *, points: int = 0) -> str:
        body: dict[str, Any] = {"name_vi": "Một ly", "kind": "free_product", "skus": ["coffee"]}
        if points:
            body["costs"] = [{"asset": "points", "amount": points}]
        reward = self.did(self.api.post("rewards/", body))["id"]
        self.did(self.api.post(f"rewards/{reward}/publish/"))
        return str(reward)

    def join(self) -> str:
        self.members += 1
        person = {"name": "Ana", "phone": f"09123456{self.members:02d}"}
        joined = self.did(self.api.post("members/", person))
        return str(joined.get("id") or joined["member"])

    def buy(self, member: str, total: int) -> Any:
        return self.did(self.api.post("purchases/", {"member": member, "total_minor": total}))

    def coffees(self, member: str, number: int, **more: Any) -> Any:
        line = {"sku": "coffee", "quantity": number, "net_minor": LATTE * number}
        return self.did(self.api.post("purchases/", {"member": member, "lines": [line], **more}))

    def refund(self, purchase: str, **what: Any) -> Any:
        return self.did(self.api.post(f"purchases/{purchase}/refunds/", what))

    def redeem(self, member: str, reward: str) -> Any:
        return self.api.post("redemptions/", {"member": member, "reward": reward})

    def has(self, member: str, asset: str = "points") -> int:
        found = self.did(self.api.get(f"members/{member}/balances/"))
        return next((one["balance"] for one in found if one["asset"] == asset), 0)

    def vouchers(self, member: str) -> list[Any]:
        found = self.did(self.api.get(f"members/{member}/vouchers/"))
        rows = found["data"] if isinstance(found, dict) else found
        return [one for one in rows if one["state"] == "issued"]


@pytest.fixture
def scheme(shop: Shop) -> Any:
    yield Scheme(shop)
    with in_programme(shop.programme):
        assert verify().findings == []


BILLS = (39_999, 40_000, 79_999, 80_000, 125_000)


@pytest.mark.parametrize(
    ("reading", "values", "stars"),
    [
        ("a star per 40,000", {"points": 1, "per_minor": 40_000}, [0, 1, 1, 2, 3]),
        (
            "a star per bill from 40,000",
            {"basis": "fixed", "points": 1, "minimum_minor": 40_000},
            [0, 1, 1, 1, 1],
        ),
    ],
)
def test_starbucks_vietnam(
    scheme: Scheme, reading: str, values: dict[str, Any], stars: list[int]
) -> None:
    scheme.rule(**values)
    drink = scheme.reward(points=25)
    for bill, expected in zip(BILLS, stars, strict=True):
        member = scheme.join()
        quote = scheme.did(scheme.api.post("quotes/", {"member": member, "total_minor": bill}))
        sold = scheme.buy(member, bill)
        assert scheme.has(member) == expected, (reading, bill)
        assert quote["effects"] == sold["effects"]
    regular = scheme.join()
    for _bill in range(24):
        scheme.buy(regular, 40_000)
    refused = scheme.redeem(regular, drink)
    assert (refused.status_code, refused.data["code"]) == (422, "insufficient_balance")
    assert refused.data["params"]["missing"] == 1
    scheme.buy(regular, 40_000)
    assert scheme.has(regular) == 25
    assert scheme.did(scheme.redeem(regular, drink))["state"] == "issued"
    assert (scheme.has(regular), len(scheme.vouchers(regular))) == (0, 1)


def test_starbucks_refund_after_the_drink_was_taken(scheme: Scheme) -> None:
    scheme.rule(points=1, per_minor=40_000)
    drink = scheme.reward(points=25)
    member = scheme.join()
    last = [scheme.buy(member, total) for total in (920_000, 80_000)][-1]
    assert scheme.has(member) == 25, "1,000,000 of spend for a drink"
    scheme.did(scheme.redeem(member, drink))
    scheme.refund(last["purchase"])
    assert scheme.has(member) == -2, "a debt everybody sees"
    scheme.buy(member, 80_000)
    assert scheme.has(member) == 0, "which the next stars fill"


@pytest.mark.parametrize(("proportional", "points"), [(False, [0, 10, 20]), (True, [9, 10, 25])])
def test_ten_per_hundred(scheme: Scheme, proportional: bool, points: list[int]) -> None:
    scheme.rule(points=10, per_minor=100, proportional=proportional)
    wanted = scheme.reward(points=1_000)
    for spent, expected in zip((99, 100, 250), points, strict=True):
        member = scheme.join()
        scheme.buy(member, spent)
        assert scheme.has(member) == expected
    saver = scheme.join()
    scheme.buy(saver, 9_000)
    assert scheme.has(saver) == 900
    refused = scheme.redeem(saver, wanted)
    assert (refused.data["code"], refused.data["params"]["missing"]) == (
        "insufficient_balance",
        100,
    )
    (offer,) = scheme.did(scheme.api.get(f"members/{saver}/rewards/"))
    assert (offer["affordable"], offer["prices"][0]["missing"]) == (False, 100)
    scheme.buy(saver, 1_000)
    assert scheme.has(saver) == 1_000
    assert scheme.did(scheme.redeem(saver, wanted))["state"] == "issued"


def _card(scheme: Scheme, **more: Any) -> str:
    return scheme.rule(
        kind="punchcards.punch_card",
        stamp_per="item",
        skus=["coffee"],
        reward=scheme.reward(),
        expiry_kind="none",
        **{"stamps_needed": 9, **more},
    )


def test_buy_nine_get_the_tenth(scheme: Scheme) -> None:
    stamps = f"stamps:{_card(scheme)}"
    member = scheme.join()
    for _coffee in range(8):
        scheme.coffees(member, 1)
    assert (scheme.has(member, stamps), scheme.vouchers(member)) == (8, [])
    scheme.coffees(member, 1)
    (voucher,) = scheme.vouchers(member)
    assert scheme.has(member, stamps) == 0
    free = scheme.coffees(member, 1, use={"vouchers": [voucher["code"]]})
    assert (free["to_pay_minor"], scheme.has(member, stamps)) == (0, 0)
    assert scheme.vouchers(member) == []


def test_twelve_coffees_and_cards_that_are_not_combined(scheme: Scheme) -> None:
    stamps = f"stamps:{_card(scheme)}"
    many, five, four = scheme.join(), scheme.join(), scheme.join()
    for member, number in ((many, 12), (five, 5), (four, 4)):
        scheme.coffees(member, number)
    assert [scheme.has(one, stamps) for one in (many, five, four)] == [3, 5, 4]
    assert [len(scheme.vouchers(one)) for one in (many, five, four)] == [1, 0, 0]


def test_one_of_the_nine_comes_back(scheme: Scheme) -> None:
    stamps = f"stamps:{_card(scheme)}"
    member = scheme.join()
    first = scheme.coffees(member, 3)
    scheme.coffees(member, 6)
    assert len(scheme.vouchers(member)) == 1
    scheme.refund(first["purchase"], lines=[{"number": 1, "quantity": 1}])
    assert (scheme.has(member, stamps), scheme.vouchers(member)) == (8, [])


def test_two_stamps_to_begin_with(scheme: Scheme) -> None:
    _card(scheme, stamps_needed=10, head_start=2)
    member = scheme.join()
    scheme.coffees(member, 7)
    assert scheme.vouchers(member) == []
    scheme.coffees(member, 1)
    assert len(scheme.vouchers(member)) == 1
