"""What must never get in, and how it is answered: the parts of ``docs/bad-input.md`` that cross rooms.

Everything else on that page has its test where it belongs; the last test here holds the page to it.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from loyalty.common.clock import now
from loyalty.tenancy.scope import in_programme
from loyalty.web.forms import WholeField
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.contracts.test_pages import PAGES
from tests.contracts.tree import ROOT
from tests.rewards.catalog.rewards_of import give, redeem, reward
from tests.rewards.points.rules_of import earning
from tests.world import Shop

SCRIPT = "<script>alert(1)</script>"
NASTY = f"{SCRIPT}'; DROP TABLE loyalty_sales_purchase;-- {{{{7*7}}}} =1+1 🧋"


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


def test_numbers_that_are_none(api: Api, shop: Shop) -> None:
    member = shop.member.public_id
    for number in ("NaN", "Infinity", "-Infinity", "1e400", "1e3", "0x10"):
        raw = f'{{"member": "{member}", "total_minor": {number}}}'.encode()
        answer = api.post("purchases/", raw)
        assert answer.status_code == 400, number
    assert api.get("purchases/").data["data"] == []


def test_a_voucher_that_is_over_and_one_scanned_twice(api: Api, shop: Shop) -> None:
    give(shop, 300)
    late = redeem(shop, reward(shop, kind="gift", skus=()))
    once = redeem(shop, reward(shop, kind="gift", skus=()))
    assert api.post(f"vouchers/{once.code}/use/", {}).data["state"] == "used"
    again = api.post(f"vouchers/{once.code}/use/", {})
    assert (again.status_code, again.data["code"]) == (422, "voucher_used")
    with time_machine.travel(now() + timedelta(days=60)):
        over = api.post(f"vouchers/{late.code}/use/", {})
        assert (over.status_code, over.data["code"]) == (422, "voucher_expired")
        sale = {"member": shop.member.public_id, "total_minor": 50_000}
        paid = api.post("purchases/", sale | {"use": {"vouchers": [late.code]}})
        assert (paid.status_code, paid.data["code"]) == (422, "voucher_expired")


def test_code_in_every_text_is_only_text(api: Api, shop: Shop) -> None:
    """Whatever a program sends as text comes back as it was, and every page shows it as text."""
    earning(shop)
    joined = api.post("members/", {"name": NASTY, "phone": "0912345678", "note": NASTY})
    if joined.status_code == 400:
        joined = api.post("members/", {"name": NASTY, "phone": "0912345678"})
    assert joined.status_code == 201, joined.data
    member = joined.data["id"] if "id" in joined.data else joined.data["member"]
    line = {"sku": NASTY[:60], "name": NASTY, "category": NASTY[:60], "net_minor": 50_000}
    sold = api.post("purchases/", {"member": member, "receipt": NASTY[:80], "lines": [line]})
    assert sold.status_code == 201, sold.data
    path = f"purchases/{sold.data['purchase']}/refunds/"
    back = api.post(path, {"amount_minor": 1, "reason": NASTY, "receipt": NASTY[:80]})
    assert back.status_code == 201, back.data
    given = api.post("adjustments/", {"member": member, "amount": 5, "text": NASTY, "note": NASTY})
    assert given.status_code == 201, given.data
    values = {"name": NASTY, "points": 1, "per_minor": 10_000, "categories": [NASTY]}
    rule = api.post("rules/", {"kind": "points.earning_rule", "values": values})
    assert rule.status_code == 201, rule.data
    offer = api.post(
        "rewards/",
        {
            "name_vi": NASTY,
            "description_vi": NASTY,
            "kind": "gift",
            "costs": [{"asset": "points", "amount": 1}],
        },
    )
    assert offer.status_code == 201, offer.data
    assert api.post(f"rewards/{offer.data['id']}/publish/").status_code in (200, 201)
    with in_programme(shop.programme):
        assert Member.objects.get(public_id=member).name == NASTY
    _every_page_shows_text(shop, member)


def _every_page_shows_text(shop: Shop, member: str) -> None:
    owner = Client()
    owner.force_login(shop.staff.user)
    plain = [page.url("cafe") for page in PAGES if not page.has_ids]
    seen = 0
    for url in [
        *plain,
        f"/dashboard/cafe/members/{member}/",
        f"/dashboard/cafe/members/?q={NASTY}",
    ]:
        answer = owner.get(url)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        text = answer.content.decode()
        assert SCRIPT not in text, url
        seen += "&lt;script&gt;alert(1)" in text
    assert seen >= 4, "the text shows on several pages, as text"


def test_the_page_about_bad_input_names_tests_there_are() -> None:
    text = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) >= 30
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"


def test_refunds_that_mean_two_things_at_once(shop: Shop) -> None:
    api = Api(make_key(shop))
    lines = [{"name": "Tea", "net_minor": 60_000, "quantity": 2}]
    sold = api.post("purchases/", {"member": shop.member.public_id, "lines": lines}).data
    path = f"purchases/{sold['purchase']}/refunds/"
    for body, field in (
        ({"lines": [{"number": 1, "quantity": 1, "amount_minor": 5}]}, "/lines/0/amount_minor"),
        ({"lines": []}, "/lines"),
        ({"happened_at": "2020-01-01T00:00:00+07:00"}, "/happened_at"),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, field), body
    assert api.get(path).data["data"] == []


def test_a_basket_is_bounded_as_a_whole(shop: Shop) -> None:
    lines = [{"name": "Gold", "net_minor": 10**14}] * 3
    body = {"member": shop.member.public_id, "lines": lines}
    refused = Api(make_key(shop)).post("purchases/", body)
    assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, "/lines")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.000", 1000),
        ("10,000", 10_000),
        ("-1 000", -1000),
        ("7", 7),
        ("1.5", None),
        ("1.0", None),
    ],
)
def test_a_thousand_may_be_written_with_its_group(typed: str, meant: int | None) -> None:
    field = WholeField()
    if meant is None:
        with pytest.raises(ValidationError):
            field.clean(typed)
    else:
        assert field.clean(typed) == meant


def test_an_absurd_rule_meets_an_absurd_sale(shop: Shop) -> None:
    earning(shop, points=10**9, per_minor=1)
    api = Api(make_key(shop))
    for total in (10**10, 10**14):
        for path in ("quotes/", "purchases/"):
            refused = api.post(path, {"member": shop.member.public_id, "total_minor": total})
            assert (refused.status_code, refused.data["code"]) == (422, "too_many_units"), path
    assert api.get(f"members/{shop.member.public_id}/ledger/").data["data"] == []


def test_a_receipt_twice_in_a_batch_is_one_sale(shop: Shop) -> None:
    item = {"member": shop.member.public_id, "total_minor": 40_000, "receipt": "B1"}
    done = Api(make_key(shop)).post("purchases/batch/", {"purchases": [item, item]}).data
    assert (done["recorded"], done["duplicates"]) == (1, 1)
