"""The grocer's 10% for regulars, set up from its blueprint and lived through by a program alone."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop, make_shop


@pytest.fixture
def grocer(db: None) -> Any:
    shop = make_shop("grocer", owner="bob@grocer.example", member="Ana", currency="USD")
    yield shop
    with in_programme(shop.programme):
        assert verify().findings == []


def _did(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.data
    return answer.data


def _open(shop: Shop) -> Api:
    api = Api(make_key(shop))
    loaded = _did(api.post("blueprints/grocer-ten-percent/", {}))
    for rule in loaded["rules"]:
        _did(api.post(f"rules/{rule}/publish/", {}))
    return api


def _join(api: Api, phone: str, *tags: str) -> str:
    body = {"name": "Ana", "phone": phone, "tags": list(tags)}
    joined = _did(api.post("members/", body))
    return str(joined.get("id") or joined["member"])


def test_a_loyal_customer_pays_111_10_of_123_45(grocer: Shop) -> None:
    api = _open(grocer)
    loyal, stranger = _join(api, "+14155550101", "regular"), _join(api, "+14155550102")
    for member, discount, pay in ((loyal, 1_235, 11_110), (stranger, 0, 12_345)):
        body = {"member": member, "total_minor": 12_345}
        quote, sold = _did(api.post("quotes/", body)), _did(api.post("purchases/", body))
        for answer in (quote, sold):
            assert (answer["discount_minor"], answer["to_pay_minor"]) == (discount, pay)
        assert quote["effects"] == sold["effects"]


def test_what_comes_back_is_what_was_paid(grocer: Shop) -> None:
    api = _open(grocer)
    member = _join(api, "+14155550101", "regular")
    lines = [
        {"name": "Rice", "quantity": 3, "net_minor": 4_115},
        {"name": "Fish sauce", "quantity": 2, "net_minor": 8_230},
    ]
    sold = _did(api.post("purchases/", {"member": member, "lines": lines}))
    assert sold["to_pay_minor"] == 11_110
    given = [
        _did(
            api.post(
                f"purchases/{sold['purchase']}/refunds/",
                {"lines": [{"number": number, "quantity": 1}]},
            )
        )["cash_minor"]
        for number in (2, 1, 1, 2, 1)
    ]
    assert sum(given) == 11_110
    again = api.post(f"purchases/{sold['purchase']}/refunds/", {})
    assert (again.status_code, again.data["code"]) == (422, "already_refunded")
