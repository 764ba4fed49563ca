"""The owner's pages of rewards and vouchers."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.ledger.selectors import balances
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Reward
from tests.rewards.catalog.rewards_of import give, redeem, reward, the_voucher
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    client.cookies["django_language"] = "en"
    return client


BASE = "/dashboard/cafe/rewards/"
FORM = {
    "kind": "percent_off",
    "name_vi": "Giảm 10%",
    "value_bp": "12.5",
    "value_minor": "50000",
    "cost_0": "40",
    "validity": "days",
    "valid_days": "14",
}


def test_a_reward_is_drafted_published_edited_and_ended(shop: Shop, ben: Client) -> None:
    made = ben.post(f"{BASE}new/", FORM)
    assert made.status_code == 302, made.content.decode()
    page = ben.get(made["Location"]).content.decode()
    assert "Giảm 10%" in page and "12.5%" in page and "Publish" in page
    ben.post(made["Location"], {"act": "publish"})
    ben.post(f"{made['Location']}edit/", {**FORM, "value_bp": "20"})
    assert "An edited version waits" in ben.get(made["Location"]).content.decode()
    ben.post(made["Location"], {"act": "publish"})
    ben.post(made["Location"], {"act": "stock", "stock": "7"})
    with in_programme(shop.programme):
        row = Reward.objects.get()
        assert row.terms is not None
        assert (row.terms.value_bp, row.terms.costs, row.stock_left) == (
            2_000,
            [{"asset": "points", "amount": 40}],
            7,
        )
    ben.post(made["Location"], {"act": "end"})
    assert "Ended" in ben.get(BASE).content.decode()


def test_what_is_wrong_stands_at_its_field(shop: Shop, ben: Client) -> None:
    wrong = ben.post(f"{BASE}new/", {**FORM, "value_bp": "", "valid_days": "-1"})
    assert wrong.status_code == 422
    wrong = ben.post(f"{BASE}new/", {**FORM, "value_bp": ""})
    assert b'id="id_value_bp_error"' in wrong.content


def test_partner_codes_are_pasted(shop: Shop, ben: Client) -> None:
    wanted = reward(shop, kind="external_code", skus=(), cost=1)
    ben.post(f"{BASE}{wanted}/", {"act": "codes", "codes": "A-1\nA-2\n\nA-1\n"})
    page = ben.get(f"{BASE}{wanted}/").content.decode()
    assert "left: 2" in page


def test_a_voucher_is_cancelled_on_the_members_page(shop: Shop, ben: Client) -> None:
    give(shop, 100)
    redeem(shop, reward(shop, name_en="<script>alert(1)</script>"))
    page = ben.get(f"/dashboard/cafe/members/{shop.member.public_id}/").content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert "Giảm" not in ben.get(f"{BASE}vouchers/").content.decode()
    ben.post(f"{BASE}vouchers/{the_voucher(shop).public_id}/void/")
    assert the_voucher(shop).state == "void"
    with in_programme(shop.programme):
        assert balances(holder_id=shop.member.holder_id)[0].available == 100


def test_another_programmes_reward_is_not_found(shop: Shop, other_shop: Shop, ben: Client) -> None:
    theirs = reward(other_shop)
    assert ben.get(f"{BASE}{theirs}/").status_code == 404
    assert ben.post(f"{BASE}{theirs}/", {"act": "end"}).status_code == 404
