"""An integrator's program: rewards, redemptions and vouchers over HTTP."""

from __future__ import annotations

import pytest

from tests.api import Api, make_key
from tests.rewards.catalog.rewards_of import give, redeem, reward
from tests.rewards.punchcards.cards_of import card
from tests.world import Shop


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


NEW = {
    "name_vi": "Cà phê",
    "kind": "amount_off",
    "value_minor": 20_000,
    "costs": [{"asset": "points", "amount": 50}],
}


def test_a_reward_from_draft_to_voucher_to_use(shop: Shop, api: Api) -> None:
    give(shop, 120)
    made = api.post("rewards/", NEW)
    assert (made.status_code, made.data["state"]) == (201, "draft")
    reward_id = made.data["id"]
    asked = {"member": shop.member.public_id, "reward": reward_id}
    assert api.post("redemptions/", asked).data["code"] == "reward_not_offered"
    assert api.post(f"rewards/{reward_id}/publish/").data["state"] == "live"
    offers = api.get(f"members/{shop.member.public_id}/rewards/").data
    assert offers[0]["affordable"] and offers[0]["prices"][0]["missing"] == 0
    held = api.post("redemptions/", {**asked, "reserve": True})
    assert (held.status_code, held.data["state"]) == (201, "reserved")
    captured = api.post(f"redemptions/{held.data['voucher']}/capture/")
    assert captured.data["state"] == "issued"
    code = captured.data["code"]
    assert api.get(f"vouchers/{code}/").data["name"] == "Cà phê"
    sale = {
        "member": shop.member.public_id,
        "total_minor": 70_000,
        "currency": "VND",
        "use": {"vouchers": [code]},
    }
    sold = api.post("purchases/", sale)
    if sold.status_code != 404:  # the sales endpoint stands
        assert sold.data["to_pay_minor"] == 50_000
    else:
        assert api.post(f"vouchers/{code}/use/", {}).data["state"] == "used"
    again = api.get(f"vouchers/{code}/")
    assert (again.status_code, again.data["code"]) == (422, "voucher_used")


def test_a_release_and_a_void_give_the_points_back(shop: Shop, api: Api) -> None:
    give(shop, 100)
    wanted = reward(shop, cost=60)
    asked = {"member": shop.member.public_id, "reward": wanted}
    held = api.post("redemptions/", {**asked, "reserve": True}).data["voucher"]
    short = api.post("redemptions/", asked)
    assert (short.status_code, short.data["params"]["missing"]) == (422, 20)
    assert api.post(f"redemptions/{held}/release/").data["balances"][0]["available"] == 100
    got = api.post("redemptions/", asked).data["voucher"]
    gone = api.post(f"redemptions/{got}/void/", {"reason": "x"})
    assert (gone.data["state"], gone.data["balances"][0]["available"]) == ("void", 100)
    listed = api.get(f"redemptions/?member={shop.member.public_id}&state=void").data["data"]
    assert [one["id"] for one in listed] == [got, held]


def test_an_edit_needs_the_tag_that_was_read(shop: Shop, api: Api) -> None:
    wanted = reward(shop)
    tag = api.get(f"rewards/{wanted}/")["ETag"]
    assert api.send("PUT", f"rewards/{wanted}/", NEW).status_code == 428
    assert api.send("PUT", f"rewards/{wanted}/", NEW, if_match=tag).data["has_draft"]
    assert api.send("PUT", f"rewards/{wanted}/", NEW, if_match=tag).status_code == 412


def test_wrong_input_is_named(shop: Shop, api: Api) -> None:
    wrong = api.post("rewards/", {**NEW, "value_minor": 1.5, "kinds": 1, "costs": [{"asset": "x"}]})
    pointers = {one["pointer"] for one in wrong.data["errors"]}
    assert wrong.status_code == 400
    assert {"/value_minor", "/kinds", "/costs/0/amount"} <= pointers
    unknown = api.post("rewards/", {**NEW, "costs": [{"asset": "x", "amount": 1}]})
    assert (unknown.status_code, unknown.data["code"]) == (400, "unknown_asset")


def test_stock_and_codes(shop: Shop, api: Api) -> None:
    wanted = reward(shop, kind="external_code", skus=(), cost=1)
    assert api.post(f"rewards/{wanted}/stock/", {"stock": 3}).data["stock_left"] == 3
    done = api.post(f"rewards/{wanted}/codes/", {"codes": ["A", "B"]})
    assert (done.status_code, done.data["left"]) == (201, 2)
    assert api.post(f"rewards/{wanted}/end/").data["state"] == "ended"


def test_another_programmes_voucher_is_not_found(shop: Shop, other_shop: Shop, api: Api) -> None:
    give(other_shop, 100)
    theirs = redeem(other_shop, reward(other_shop))
    assert api.get(f"vouchers/{theirs.code}/").status_code == 404
    assert api.post(f"vouchers/{theirs.code}/use/", {}).status_code == 404
    assert api.get(f"redemptions/{theirs.voucher}/").status_code == 404


def test_punch_cards(shop: Shop, api: Api) -> None:
    coffee_card = card(shop, stamps_needed=3)
    assert api.get("punchcards/").data["data"][0]["stamps_needed"] == 3
    body = {"member": shop.member.public_id, "stamps": 2}
    given = api.post(f"punchcards/{coffee_card.rule}/stamps/", body)
    assert (given.status_code, given.data["filled"], given.data["places"]) == (201, 2, 3)
    (seen,) = api.get(f"members/{shop.member.public_id}/punchcards/").data
    assert (seen["missing"], seen["asset"]) == (1, f"stamps:{coffee_card.rule}")
    back = api.post(f"stamps/{given.data['given']}/take-back/")
    assert (back.status_code, back.data["filled"]) == (200, 0)
