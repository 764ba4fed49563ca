"""Card-style cashback, set up from its blueprint and lived through by a program alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.world import Shop


@pytest.fixture
def api(shop: Shop) -> Any:
    api = Api(make_key(shop))
    loaded = _did(api.post("blueprints/card-cashback/", {}))
    for rule in loaded["rules"]:
        _did(api.post(f"rules/{rule}/publish/", {}))
    yield api
    with in_programme(shop.programme):
        assert verify().findings == []


def _did(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.data
    return answer.data


def _join(api: Api) -> str:
    joined = _did(api.post("members/", {"name": "Ana", "phone": "0912345601"}))
    return str(joined.get("id") or joined["member"])


def _buy(api: Api, member: str, **more: Any) -> Any:
    return _did(api.post("purchases/", {"member": member, **more}))


def _back(answer: Any) -> dict[str, int]:
    return {one["rule_name"]: one["amount"] for one in answer["effects"] if one["amount"] > 0}


def _goods(groceries: int, other: int) -> list[dict[str, Any]]:
    return [
        {"name": "Gạo", "category": "groceries", "net_minor": groceries},
        {"name": "Chảo", "category": "kitchen", "net_minor": other},
    ]


def test_five_percent_then_three_and_one(api: Api) -> None:
    member = _join(api)
    first = _buy(api, member, lines=_goods(1_000_000, 1_000_000))
    assert _back(first) == {"Hoàn 5%": 100_000}
    # 100,000 are left of the month's cap: they stand for 2,000,000 of the 4,000,000 spent.
    second = _buy(api, member, lines=_goods(1_000_000, 3_000_000))
    assert _back(second) == {
        "Hoàn 5%": 100_000,
        "Thực phẩm 3%": 500_000 * 3 // 100,
        "Hoàn 1%": 1_500_000 // 100,
    }
    third = _buy(api, member, lines=_goods(1_000_000, 1_000_000))
    assert _back(third) == {"Thực phẩm 3%": 30_000, "Hoàn 1%": 10_000}


def test_it_waits_is_spent_and_comes_back(api: Api) -> None:
    member, start = _join(api), now()
    sold = _buy(api, member, lines=_goods(500_000, 500_000))
    credit = _did(api.get(f"members/{member}/store-credit/"))
    assert (credit["available_minor"], credit["pending_minor"]) == (0, 50_000)
    (waiting,) = credit["waiting"]
    assert waiting["amount_minor"] == 50_000
    early = api.post("purchases/", {"member": member, "total_minor": 90_000,
                                    "use": {"store_credit": 20_000}})  # fmt: skip
    assert (early.status_code, early.data["code"]) == (422, "too_few_credit")
    with played_at(start + timedelta(days=15)):
        credit = _did(api.get(f"members/{member}/store-credit/"))
        assert (credit["available_minor"], credit["waiting"]) == (50_000, [])
        paid = _buy(api, member, total_minor=90_000, use={"store_credit": 20_500})
        assert (paid["credit_paid_minor"], paid["to_pay_minor"]) == (20_000, 70_000)
        assert _back(paid) == {"Hoàn 5%": 3_500}
        read = _did(api.get(f"purchases/{paid['purchase']}/"))
        assert (read["credit_paid_minor"], read["to_pay_minor"]) == (20_000, 70_000)
        back = _did(api.post(f"purchases/{paid['purchase']}/refunds/", {}))
        assert (back["amount_minor"], back["cash_minor"]) == (90_000, 70_000)
        half = _did(api.post(f"purchases/{sold['purchase']}/refunds/", {"lines": [{"number": 1}]}))
        assert half["cash_minor"] == 500_000
    (held,) = _did(api.get(f"members/{member}/balances/"))
    assert (held["asset"], held["kind"], held["balance"]) == ("store_credit", "money", 25_000)


def test_the_portal_tells_it_once(api: Api, shop: Shop) -> None:
    member = shop.member.public_id
    _buy(api, member, lines=_goods(500_000, 500_000))
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    home = client.get(f"/p/{shop.programme.slug}/")
    assert home.context["others"] == [], "the card leaves it to the panel"
    assert home.content.decode().count("Store credit") == 1
