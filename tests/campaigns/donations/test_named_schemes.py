"""ITC Classmate, TOMS and Lyft, set up and lived through over the REST API alone, to the figure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.common.clock import played_at
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop, make_shop


class Scheme:
    """A programme as a program from outside sees it."""

    def __init__(self, shop: Shop) -> None:
        self.api = Api(make_key(shop))
        self.cause = self.rule("donations.cause", name="Education")
        person = self.did(self.api.post("members/", {"name": "Ana", "phone": "0912345601"}))
        self.member = str(person.get("id") or person["member"])

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def rule(self, kind: str, **values: Any) -> str:
        made = self.did(self.api.post("rules/", {"kind": kind, "values": values}))["rule"]
        self.did(self.api.post(f"rules/{made}/publish/", {}))
        return str(made)

    def gives(self, way: str, **values: Any) -> str:
        given = {"name": way, "way": way, "cause": self.cause, **values}
        return self.rule("donations.donation", **given)

    def buy(self, quantity: int, net_minor: int, **line: Any) -> Any:
        body = {"sku": "notebook", "quantity": quantity, "net_minor": net_minor, **line}
        return self.did(self.api.post("purchases/", {"member": self.member, "lines": [body]}))

    def give_back(self, bought: Any, quantity: int) -> Any:
        lines = [{"number": 1, "quantity": quantity}]
        path = f"purchases/{bought['purchase']}/refunds/"
        return self.did(self.api.post(path, {"lines": lines}))

    def voucher(self, **reward: Any) -> str:
        """The code of a voucher, earned by a purchase of its own."""
        self.rule("points.earning_rule", name="P", basis="fixed", points=10)
        self.buy(1, 100)
        body = {"name_vi": "Quà", "costs": [{"asset": "points", "amount": 10}], **reward}
        made = self.did(self.api.post("rewards/", body))["id"]
        self.did(self.api.post(f"rewards/{made}/publish/"))
        redeemed = self.did(self.api.post("redemptions/", {"member": self.member, "reward": made}))
        return str(redeemed["code"])

    def told(self) -> Any:
        return self.did(self.api.get(f"causes/{self.cause}/"))

    def pay_out(self, reference: str, **body: Any) -> Any:
        return self.api.post(f"causes/{self.cause}/payouts/", {"reference": reference, **body})


def _scheme(currency: str) -> Any:
    shop = make_shop("scheme", owner="ngoc@scheme.example", member="Lan", currency=currency)
    return shop, Scheme(shop)


@pytest.fixture
def rupees(db: None) -> Any:
    shop, scheme = _scheme("INR")
    yield scheme
    with in_programme(shop.programme):
        assert verify().findings == []


@pytest.fixture
def dollars(db: None) -> Any:
    shop, scheme = _scheme("USD")
    yield scheme
    with in_programme(shop.programme):
        assert verify().findings == []


@pytest.mark.parametrize(
    ("per_items", "given", "after_return", "of_a_thousand"),
    [(1, 700, 500, 100_000), (4, 100, 100, 25_000)],
)
def test_itc_classmate(
    rupees: Scheme, per_items: int, given: int, after_return: int, of_a_thousand: int
) -> None:
    rupees.gives("item", amount_minor=100, per_items=per_items, skus=["notebook"])
    seven = rupees.buy(7, 28_000)
    assert rupees.told()["given_minor"] == given
    rupees.give_back(seven, 2)
    assert rupees.told()["given_minor"] == after_return
    rupees.give_back(seven, 5)
    assert rupees.told()["given_minor"] == 0
    rupees.buy(1_000, 4_000_000)
    told = rupees.told()
    assert (told["by_shop_minor"], told["by_members_minor"]) == (of_a_thousand, 0)


def test_toms(dollars: Scheme) -> None:
    dollars.gives("one_for_one")
    pairs = dollars.buy(3, 15_000)
    assert (dollars.told()["items"], dollars.told()["given_minor"]) == (3, 0)
    dollars.give_back(pairs, 1)
    assert dollars.told()["items"] == 2, "returned before the gift is committed"
    assert dollars.pay_out("container 7", items=2).status_code == 201
    dollars.give_back(pairs, 1)
    told = dollars.told()
    assert (told["items"], told["owed_items"]) == (1, -1), "returned after it: set off next time"


@pytest.mark.parametrize(("counts", "given"), [(False, 1), (True, 2)])
def test_toms_free_pairs_by_either_policy(dollars: Scheme, counts: bool, given: int) -> None:
    voucher = dollars.voucher(kind="free_product", skus=["notebook"])
    dollars.gives("one_for_one", free_items_count=counts)
    sale = {
        "member": dollars.member,
        "lines": [
            {"sku": "notebook", "quantity": 1, "net_minor": 5_000},
            {"sku": "notebook", "quantity": 1, "net_minor": 5_000},
        ],
        "use": {"vouchers": [voucher]},
    }
    dollars.did(dollars.api.post("purchases/", sale))
    assert dollars.told()["items"] == given


def test_lyft_round_up_and_donate(dollars: Scheme) -> None:
    dollars.gives(
        "round_up", round_to_minor=100, excluded_categories=["business"], whole_payments_only=True
    )
    assert dollars.buy(1, 1_275)["on_top_minor"] == 0, "nobody is rounded up unasked"
    wish = {"cause": dollars.cause, "round_up": True}
    dollars.did(dollars.api.post(f"members/{dollars.member}/donations/wish/", wish))
    given = [dollars.buy(1, fare)["on_top_minor"] for fare in (1_275, 1_000, 1, 1_999)]
    assert given == [25, 0, 99, 1]
    told = dollars.told()
    assert (told["by_members_minor"], told["by_shop_minor"]) == (125, 0)
    receipt = dollars.did(dollars.api.get(f"members/{dollars.member}/donations/?year=2001"))
    assert receipt["by_member_minor"] == 0
    receipt = dollars.did(dollars.api.get(f"members/{dollars.member}/donations/"))
    assert receipt["by_member_minor"] == 125


def test_lyft_leaves_out_business_rides_and_rides_that_are_paid(dollars: Scheme) -> None:
    dollars.gives("round_up", round_to_minor=100, excluded_skus=["business-ride"])
    wish = {"round_up": True}
    dollars.did(dollars.api.post(f"members/{dollars.member}/donations/wish/", wish))
    assert dollars.buy(1, 1_275, sku="business-ride")["on_top_minor"] == 0
    voucher = dollars.voucher(kind="amount_off", value_minor=5_000)
    sale = {
        "member": dollars.member,
        "lines": [{"sku": "ride", "quantity": 1, "net_minor": 1_275}],
        "use": {"vouchers": [voucher]},
    }
    covered = dollars.did(dollars.api.post("purchases/", sale))
    assert (covered["to_pay_minor"], covered["on_top_minor"]) == (0, 0)


def test_a_refund_gives_back_what_was_paid_on_top_and_payouts_agree(dollars: Scheme) -> None:
    dollars.gives("round_up", round_to_minor=100)
    dollars.gives("percent", share_bp=1_000)
    wish = {"round_up": True}
    dollars.did(dollars.api.post(f"members/{dollars.member}/donations/wish/", wish))
    fare = dollars.buy(1, 1_275)
    assert (fare["to_pay_minor"], fare["on_top_minor"]) == (1_275, 25)
    assert dollars.told()["owed_minor"] == 25 + 127
    paid = dollars.pay_out("VCB 1", amount_minor=100)
    again = dollars.pay_out("VCB 1", amount_minor=100)
    assert (paid.status_code, again.data) == (201, paid.data), "one transfer, told twice"
    assert dollars.pay_out("VCB 1", amount_minor=99).status_code == 409
    more = dollars.pay_out("VCB 2", amount_minor=53)
    assert (more.status_code, more.data["params"]["owed_minor"]) == (422, 52)
    assert dollars.pay_out("VCB 2").data["amount_minor"] == 52
    back = dollars.give_back(fare, 1)
    assert (back["cash_minor"], back["on_top_minor"]) == (1_275, 25)
    told = dollars.told()
    assert (told["given_minor"], told["owed_minor"]) == (0, -152)
    dollars.did(dollars.api.post(f"causes/{dollars.cause}/forgive/", {"reason": "Goodwill"}))
    assert dollars.told()["owed_minor"] == 0


def test_a_closed_cause_takes_nothing_and_is_paid_nothing(dollars: Scheme) -> None:
    dollars.gives("purchase", amount_minor=50)
    dollars.buy(1, 1_275)
    dollars.did(dollars.api.post(f"rules/{dollars.cause}/pause/", {}))
    dollars.buy(1, 1_275)
    assert dollars.told()["given_minor"] == 50
    refused = dollars.pay_out("VCB 1")
    assert (refused.status_code, refused.data["code"]) == (422, "cause_closed")
    assert refused.data["params"]["owed_minor"] == 50


@pytest.mark.parametrize("how", ["pause", "end"])
def test_what_a_closed_cause_was_given_before_is_its_own(dollars: Scheme, how: str) -> None:
    dollars.gives("purchase", amount_minor=50)
    fare = dollars.buy(1, 1_275)
    dollars.did(dollars.api.post(f"rules/{dollars.cause}/{how}/", {}))
    more = dollars.pay_out("VCB 1", amount_minor=51, although_closed=True)
    assert (more.status_code, more.data["code"]) == (422, "more_than_owed")
    paid = dollars.pay_out("VCB 1", although_closed=True)
    assert (paid.status_code, paid.data["amount_minor"]) == (201, 50)
    assert dollars.pay_out("VCB 1", although_closed=True).data == paid.data
    empty = dollars.pay_out("VCB 2", although_closed=True)
    assert (empty.status_code, empty.data["code"]) == (422, "more_than_owed")
    dollars.give_back(fare, 1)
    assert dollars.told()["owed_minor"] == -50


def test_a_payout_before_the_cause_or_in_the_future_is_refused(dollars: Scheme) -> None:
    dollars.gives("purchase", amount_minor=50)
    dollars.buy(1, 1_275)
    for day, code in (("1900-01-01", "before_the_cause"), ("2999-01-01", "in_the_future")):
        refused = dollars.pay_out("VCB 1", paid_on=day)
        assert (refused.status_code, refused.data["code"]) == (400, code)


def test_a_receipts_year_ends_with_the_programmes_day(dollars: Scheme) -> None:
    """The last evening of the year in New York is next year where the server stands."""
    Programme.objects.filter(slug="scheme").update(timezone="America/New_York")
    dollars.gives("purchase", amount_minor=50)
    with played_at(datetime(2026, 12, 31, 20, tzinfo=ZoneInfo("America/New_York"))):
        dollars.buy(1, 1_275)
        path = f"members/{dollars.member}/donations/?year="
        told = [dollars.api.get(f"{path}{year}").data["by_shop_minor"] for year in (2026, 2027)]
    assert told == [50, 0]


def test_points_are_given_at_their_worth(dollars: Scheme) -> None:
    settings = dollars.api.patch(
        "points/settings/", {"values": {"value_minor": 1, "value_units": 2}}, match="*"
    )
    assert settings.status_code == 200, settings.data
    dollars.rule("points.earning_rule", name="P", basis="money", points=1, per_minor=100)
    dollars.buy(1, 10_000)
    gift = {"cause": dollars.cause, "points": 51}
    given = dollars.did(dollars.api.post(f"members/{dollars.member}/donations/points/", gift))
    assert (given["worth_minor"], given["points_left"]) == (25, 49)
    assert dollars.told()["by_points_minor"] == 25
    refused = dollars.api.post(f"members/{dollars.member}/donations/points/", gift)
    assert (refused.status_code, refused.data["code"]) == (422, "insufficient_balance")
    assert refused.data["errors"][0]["pointer"] == "/points"
