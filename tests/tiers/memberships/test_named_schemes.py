"""Paid memberships people know, lived through by a program from outside: the REST API alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.tiers.memberships.plans_of import night, on, settle
from tests.world import Shop, make_shop


class Club:
    """A programme with a ready-made set of plans, through its API."""

    def __init__(self, shop: Shop, blueprint: str) -> None:
        self.api = Api(make_key(shop))
        self.rules = self.did(self.api.post(f"blueprints/{blueprint}/", {}))["rules"]
        for rule in self.rules:
            self.did(self.api.post(f"rules/{rule}/publish/", {}))
        self.plans = {one["code"]: one for one in self.did(self.api.get("plans/"))}
        person = {"name": "Ana", "phone": "0912345678"}
        self.member = self.did(self.api.post("members/", person))["id"]

    def did(self, answer: Any) -> Any:
        """What it answered, having done it."""
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def join(self, plan: str) -> str:
        """Ana joins; answers the membership."""
        body = {"member": self.member, "plan": plan}
        return str(self.did(self.api.post("memberships/", body))["id"])

    def of(self, membership: str) -> Any:
        """How a membership stands."""
        return self.did(self.api.get(f"memberships/{membership}/"))

    def bill(self, membership: str) -> Any:
        """What is to be paid next."""
        return self.did(self.api.get(f"charges/{self.of(membership)['charge']}/"))

    def pays(self, membership: str) -> None:
        """Cash for what is due."""
        self.did(self.api.post(f"charges/{self.of(membership)['charge']}/cash/", {}))
        settle()

    def cancel(self, membership: str) -> Any:
        """Stop at once."""
        return self.did(self.api.post(f"memberships/{membership}/cancel/", {"at_once": True}))

    def order(self, goods: int, **fees: int) -> int:
        """An order with lines of fees by their kind; answers what is to be paid."""
        lines = [{"sku": "meal", "net_minor": goods}]
        lines += [{"kind": kind, "net_minor": minor} for kind, minor in fees.items()]
        body = {"member": self.member, "lines": lines}
        quoted = self.did(self.api.post("quotes/", body))["to_pay_minor"]
        bought = self.did(self.api.post("purchases/", body))
        assert bought["to_pay_minor"] == quoted
        return int(quoted)


@pytest.fixture
def prime(db: None) -> Iterator[Club]:
    shop = make_shop("prime", owner="zoe@prime.example", member="Lan", currency="USD")
    yield Club(shop, "amazon-prime")
    with in_programme(shop.programme):
        assert verify().findings == []


@pytest.fixture
def kitchen(db: None) -> Iterator[Club]:
    shop = make_shop("kitchen", owner="zoe@kitchen.example", member="Lan", currency="INR")
    yield Club(shop, "delivery-pass")
    with in_programme(shop.programme):
        assert verify().findings == []


def _year_by_the_month(club: Club, plan: str, *, months: int, each: int) -> int:
    """What a year costs, bill by bill."""
    with on(2026, 5, 10):
        membership = club.join(plan)
    paid = 0
    for number in range(months):
        month = 5 + number * each
        with on(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 9, hour=12):
            if number:
                night()
        with on(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 10, hour=8):
            paid += club.bill(membership)["amount_minor"]
            club.pays(membership)
    return paid


def test_amazon_prime_twelve_months_cost_more_than_a_year(prime: Club) -> None:
    month, year = prime.plans["prime-month"], prime.plans["prime-year"]
    assert (month["price_minor"] * 12, year["price_minor"]) == (17_988, 13_900)
    assert month["price_minor"] * 12 - year["price_minor"] == 4_088


def test_amazon_prime_after_the_trial(prime: Club) -> None:
    with on(2026, 3, 1):
        membership = prime.join("prime-month")
        assert (prime.of(membership)["state"], prime.of(membership)["charge"]) == ("trial", "")
        assert prime.order(2_500, shipping=599) == 2_500
    with on(2026, 3, 29):
        night()
        bill = prime.bill(membership)
        assert bill["amount_minor"] == 1_499
        assert bill["due_at"] == "2026-03-30T17:00:00Z", "31 March begins"
    with on(2026, 3, 30):
        prime.pays(membership)
    with on(2026, 3, 31):
        assert prime.of(membership)["state"] == "active"
    other = prime.api.post("memberships/", {"member": prime.member, "plan": "prime-month"})
    assert other.data["code"] == "already_member"


@pytest.mark.parametrize(("policy", "uses", "back"), [
    ("unused", False, 1_499),
    ("unused", True, 0),
    ("prorate", True, 725),
    ("none", False, 0),
])  # fmt: skip
def test_amazon_prime_cancelled_after_a_renewal(
    prime: Club, policy: str, uses: bool, back: int
) -> None:
    """All of it back where nothing was used; what becomes of the rest is the shop's policy."""
    if policy != "unused":
        _edit(prime, prime.rules[0], refund_policy=policy)
    with on(2026, 4, 1):
        membership = prime.join("prime-month")
    with on(2026, 4, 30):
        night()
        prime.pays(membership)
    with on(2026, 5, 16):
        night()
        if uses:
            assert prime.order(2_500, shipping=599) == 2_500
        done = prime.cancel(membership)
        assert (done["state"], done["refunded_minor"]) == ("ended", back)


def test_amazon_prime_a_new_price_at_the_next_renewal(prime: Club) -> None:
    """Who joined at 119 renews at 139 from February 2022; the year that runs is paid."""
    with on(2021, 6, 1):
        old = _edit(prime, prime.rules[1], price_minor=11_900, trial_days=0)
        membership = prime.join("prime-year")
        assert prime.bill(membership)["amount_minor"] == 11_900
        prime.pays(membership)
    with on(2022, 2, 18):
        _edit(prime, old, price_minor=13_900)
        night()
        assert prime.of(membership)["charge"] == ""
        assert prime.of(membership)["ends_at"] == "2022-05-31T17:00:00Z"
    with on(2022, 5, 30):
        night()
        assert prime.bill(membership)["amount_minor"] == 13_900


def test_a_delivery_pass(kitchen: Club) -> None:
    with on(2026, 5, 1):
        membership = kitchen.join("pass-quarter")
        assert kitchen.order(25_000, shipping=4_000) == 29_000, "not paid yet"
        kitchen.pays(membership)
        assert kitchen.order(25_000, shipping=4_000) == 25_000
    with on(2026, 7, 20):
        assert kitchen.order(25_000, shipping=4_000, fee=1_500) == 26_500, "it rains"
        did = kitchen.api.post(f"memberships/{membership}/cancel/", {})
        assert did.data["cancels"] is True
    with on(2026, 7, 31, hour=23):
        assert kitchen.order(25_000, shipping=4_000) == 25_000
    with on(2026, 8, 1):
        night()
        assert kitchen.order(25_000, shipping=4_000) == 29_000
        assert kitchen.of(membership)["state"] == "ended"


def test_four_quarters_of_a_delivery_pass_against_its_year(kitchen: Club) -> None:
    assert _year_by_the_month(kitchen, "pass-quarter", months=4, each=3) == 119_600
    assert kitchen.plans["pass-year"]["price_minor"] == 89_900


def test_the_third_free_delivery_of_a_day_is_refused(kitchen: Club) -> None:
    with on(2026, 5, 1):
        kitchen.pays(kitchen.join("pass-lite"))
    with on(2026, 5, 2):
        paid = [kitchen.order(25_000, shipping=4_000) for _ in range(3)]
    with on(2026, 5, 3):
        paid.append(kitchen.order(25_000, shipping=4_000))
    assert paid == [25_000, 25_000, 29_000, 25_000]


def _edit(club: Club, rule: str, **values: Any) -> str:
    """A successor of a rule, live."""
    tag = club.api.get(f"rules/{rule}/").headers["ETag"]
    draft = club.did(club.api.patch(f"rules/{rule}/", {"values": values}, match=tag))["rule"]
    club.did(club.api.post(f"rules/{draft}/publish/", {}))
    return str(draft)
