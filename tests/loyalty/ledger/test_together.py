"""The owner makes one card of two and takes it back; a refund after it finds the points."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.ledger.holders import join_household, merge_members
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.loyalty.ledger.test_holders import Till
from tests.rewards.points.rules_of import earning
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def fresh(shop: Shop, member: Member) -> Member:
    with in_programme(shop.programme):
        row: Member = Member.objects.get(pk=member.pk)
    return row


def test_ben_merges_and_takes_it_back(ben: Client, shop: Shop, till: Till) -> None:
    kept, gone = till.join("0912345678", name="Hoa"), till.join("0987654321", name="Hoa N.")
    till.earn(gone, 70)
    page = f"/dashboard/cafe/members/{kept.public_id}/"
    assert b"Compare" in ben.get(page).content
    side_by_side = ben.get(f"{page}merge/", {"with": "0987 654 321"}).content.decode()
    assert "098•••321" in side_by_side
    assert ben.get(f"{page}merge/", {"with": "nobody"}).status_code == 302
    ben.post(f"{page}merge/", {"loser": gone.public_id, "reason": "same person"})
    assert till.points(kept) == (70, 0, 0)
    assert fresh(shop, gone).state == "merged"
    undo = [line for line in ben.get(page).content.decode().split('"') if "/undo/" in line]
    ben.post(undo[0])
    assert till.points(kept) == (0, 0, 0)
    assert till.points(gone) == (70, 0, 0)
    till.adds_up()


def test_ben_makes_a_household(ben: Client, shop: Shop, till: Till) -> None:
    hoa, minh = till.join("0912345678", name="Hoa"), till.join("0987654321", name="Minh")
    till.earn(hoa, 30)
    page = f"/dashboard/cafe/members/{minh.public_id}/"
    ben.post(f"{page}household/", {"other": "0912345678"})
    assert till.points(minh) == (30, 0, 0)
    assert b"Leave the household" in ben.get(page).content
    ben.post(f"{page}household/leave/")
    assert till.points(minh) == (0, 0, 0)
    assert till.points(hoa) == (30, 0, 0)


def test_a_cashier_and_a_stranger_do_not_merge(
    ben: Client, shop: Shop, other_shop: Shop, till: Till
) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    url = f"/dashboard/cafe/members/{kept.public_id}/merge/"
    cleo = Client()
    cleo.force_login(other_shop.staff.user)
    assert cleo.post(url, {"loser": gone.public_id}).status_code == 404
    shop.staff.role = "cashier"
    with in_programme(shop.programme):
        shop.staff.save()
    assert ben.post(url, {"loser": gone.public_id}).status_code == 403
    assert fresh(shop, gone).state == "active"


@pytest.mark.parametrize("waits", [{}, {"wait_kind": "days", "wait_days": 14}])
def test_a_purchase_is_refunded_after_the_merge(
    shop: Shop, till: Till, waits: dict[str, object]
) -> None:
    earning(shop, points=1, per_minor=1000, **waits)
    kept, gone = till.join("0912345678"), till.join("0987654321")
    bought = record_purchase(
        shop.call(), member=gone.public_id, sale=SaleInput(total_minor=100_000)
    )
    before = till.points(gone)
    assert sum(before) == 100
    merge_members(shop.call(), survivor=kept.public_id, loser=gone.public_id)
    assert till.points(kept) == before
    half = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=50_000)
    assert half.amount_minor == 50_000
    assert sum(till.points(kept)) == 50
    refund_purchase(shop.call(), purchase=bought.purchase)
    assert till.points(kept) == (0, 0, 0)
    till.adds_up()


def test_a_household_earns_and_its_refund_finds_the_points(shop: Shop, till: Till) -> None:
    earning(shop, points=1, per_minor=1000)
    hoa, minh = till.join("0912345678"), till.join("0987654321")
    join_household(shop.call(), member=minh.public_id, other=hoa.public_id)
    sale = SaleInput(total_minor=100_000)
    bought = record_purchase(shop.call(), member=minh.public_id, sale=sale)
    assert till.points(hoa) == (100, 0, 0)
    till.spend(hoa, 60)
    refund_purchase(shop.call(), purchase=bought.purchase)
    assert till.points(hoa) == till.points(minh) == (-60, 0, 60)
    record_purchase(shop.call(), member=hoa.public_id, sale=sale)
    assert till.points(minh) == (40, 0, 0)
    till.adds_up()


def test_an_integrator_merges_and_shares(shop: Shop, other_shop: Shop, till: Till) -> None:
    api = Api(make_key(shop))
    kept, gone = till.join("0912345678", name="Hoa"), till.join("0987654321", name="Hoa N.")
    till.earn(gone, 70)
    path = f"members/{kept.public_id}/"
    body = {"member": gone.public_id, "reason": "same person"}
    assert api.post(f"{path}merges/", {"member": kept.public_id}).data["code"] == "same_card"
    foreign = {"member": other_shop.member.public_id}
    assert api.post(f"{path}merges/", foreign).status_code == 404
    merged = api.post(f"{path}merges/", body, key="merge-1")
    assert (merged.status_code, merged.data["moved"][0]["amount"]) == (201, 70)
    assert api.post(f"{path}merges/", body, key="merge-1").data["merge"] == merged.data["merge"]
    assert [one["loser"] for one in api.get(f"{path}merges/").data] == [gone.public_id]
    undo = f"merges/{merged.data['merge']}/undo/"
    assert api.post(f"members/{shop.member.public_id}/{undo}").status_code == 404
    assert api.post(f"{path}{undo}").status_code == 200
    assert till.points(gone) == (70, 0, 0)
    joined = api.post(f"{path}household/", {"member": gone.public_id})
    assert set(joined.data["members"]) == {kept.public_id, gone.public_id}
    assert set(api.get(f"{path}household/").data["members"]) == set(joined.data["members"])
    assert till.points(kept) == (70, 0, 0)
    assert api.delete(f"{path}household/").status_code == 204
    assert api.delete(f"{path}household/").data["code"] == "no_household"
    till.adds_up()
