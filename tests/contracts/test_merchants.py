"""A coalition's merchants share members and balances; whose sales they are is nobody else's to read.

Ben runs the programme, Eve owns the second shop in it. Ana, a member, buys at both.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from loyalty.commands.actor import staff_actor
from loyalty.commands.decorator import Call
from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.common.errors import Forbidden, NotFound
from loyalty.ledger.models import Transaction
from loyalty.outbox.models import WebhookDelivery
from loyalty.outbox.relay import relay_due
from loyalty.outbox.webhooks import create_endpoint
from loyalty.sales.models import Purchase
from loyalty.sales.results import PurchaseResult
from loyalty.sales.selectors import bought, purchases_of
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.setup.services import invite_staff
from loyalty.tenancy.models import Merchant, Staff
from loyalty.tenancy.scope import TenantModel, in_programme
from loyalty.tenancy.services import create_api_key
from rewards.points.services import adjust_points
from tests.api import Api, make_key
from tests.contracts.test_urls import ALL, Endpoint
from tests.world import Shop, add_shop

# What carries a merchant and is shared all the same, or shown by its own narrower rule.
SHARED = {
    "loyalty_tenancy.Location": "places are known to all",
    "loyalty_tenancy.Staff": "listed by merchant",
    "loyalty_tenancy.ApiKey": "listed by merchant",
    "loyalty_outbox.WebhookEndpoint": "listed by merchant",
    "loyalty_engine.Activity": "facts of shared members count everywhere; never listed",
    "loyalty_ledger.Transaction": "balances are shared; where and by what they moved is masked",
    "loyalty_payments.GatewayAccount": "listed by merchant",
    "loyalty_payments.Charge": "listed by merchant",
    "members_profiles.Member": "members are shared",
    "rewards_catalog.Voucher": "rewards are shared",
    "tiers_memberships.Membership": "memberships are the programme's",
    "tiers_subscriptions.Subscription": "listed by merchant",
    "tiers_subscriptions.Order": "listed by merchant",
}
ABOUT_SALES = [one for one in ALL if {"purchase", "refund"} & set(one.arguments)]


def sell(shop: Shop, total_minor: int = 50_000) -> PurchaseResult:
    """A sale to Ana at this shop."""
    return record_purchase(
        shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=total_minor)
    )


@pytest.fixture
def second(shop: Shop) -> Shop:
    """Eve's shop in Ben's programme."""
    return add_shop(shop, "Bánh mì Eve", owner="eve@example.com")


def test_every_model_with_a_merchant_says_whose_it_is() -> None:
    for model in apps.get_models():
        if not issubclass(model, TenantModel):
            continue
        at = [field for field in model._meta.fields if field.related_model is Merchant]
        label = model._meta.label
        assert not at or model.private_to or label in SHARED, (
            f"{label}: say in private_to whose business it is, or here why it is shared."
        )


@pytest.mark.parametrize("endpoint", ABOUT_SALES, ids=str)
def test_another_merchants_sale_is_not_found(shop: Shop, second: Shop, endpoint: Endpoint) -> None:
    sold = sell(shop)
    refund = refund_purchase(shop.call(), purchase=sold.purchase, amount_minor=1_000)
    ids = {"purchase": sold.purchase, "refund": refund.refund}
    answer = endpoint.call(Api(make_key(second)), ids)
    assert answer.status_code == 404, answer.data
    with in_programme(shop.programme):
        assert Purchase.objects.get().refunded_minor == 1_000


def test_lists_hold_ones_own_merchants_sales_only(shop: Shop, second: Shop) -> None:
    bens, eves = sell(shop), sell(second)
    refund_purchase(shop.call(), purchase=bens.purchase, amount_minor=1_000)
    eve, ben = Api(make_key(second)), Api(make_key(shop, for_all_merchants=True))
    assert [one["id"] for one in eve.get("purchases/").data["data"]] == [eves.purchase]
    assert eve.get("refunds/").data["data"] == []
    assert eve.get(f"purchases/?member={shop.member.public_id}").data["data"][0]["id"] == (
        eves.purchase
    )
    assert len(ben.get("purchases/").data["data"]) == 2
    assert len(ben.get("refunds/").data["data"]) == 1
    narrow = Api(make_key(shop))
    assert [one["id"] for one in narrow.get("purchases/").data["data"]] == [bens.purchase]


def test_balances_are_shared_but_not_where_they_moved(shop: Shop, second: Shop) -> None:
    with in_programme(shop.programme):
        sell(shop)
    adjust_points(
        shop.call(), member=shop.member.public_id, amount=120, text="Goodwill of the café"
    )
    eve, ben = Api(make_key(second)), Api(make_key(shop, for_all_merchants=True))
    path = f"members/{shop.member.public_id}"
    assert eve.get(f"{path}/balances/").data[0]["balance"] == 120
    seen, full = (api.get(f"{path}/ledger/").data["data"][0] for api in (eve, ben))
    assert (seen["amount"], seen["merchant"], seen["cause"]) == (120, None, "")
    assert seen["text"] == "At another shop of this programme"
    assert full["merchant"] == shop.merchant.public_id
    with in_programme(shop.programme):
        assert Transaction.objects.count() == 1


def test_facts_about_members_count_at_every_merchant(shop: Shop, second: Shop) -> None:
    """What a member bought elsewhere counts for rules, whoever looks."""
    sell(shop)
    sell(second)
    with in_programme(shop.programme, merchant_id=second.merchant.pk):
        assert bought([shop.member.pk], at=now())[shop.member.pk][0].count == 2
        assert len(purchases_of(shop.member, limit=10)) == 1


def test_pages_show_ones_own_merchants_sales_only(shop: Shop, second: Shop) -> None:
    bens, eves = sell(shop, 111_000), sell(second, 222_000)
    eve = _signed_in(second)
    base = f"/dashboard/{shop.programme.slug}"
    assert eve.get(f"{base}/sales/{bens.purchase}/").status_code == 404
    assert eve.get(f"{base}/sales/{eves.purchase}/").status_code == 200
    for path in (
        "/sales/",
        "/sales/?q=Ana",
        "/",
        f"/members/{shop.member.public_id}/",
        "/webhook-events/",
    ):
        page = eve.get(f"{base}{path}").content.decode()
        assert bens.purchase not in page, path
        assert "111,000" not in page, path
        assert "111.000" not in page, path
    ben = _signed_in(shop)
    assert ben.get(f"{base}/sales/{eves.purchase}/").status_code == 200
    assert bens.purchase in (page := ben.get(f"{base}/sales/").content.decode())
    assert eves.purchase in page


def test_the_audit_trail_and_events_are_ones_own_merchants(shop: Shop, second: Shop) -> None:
    bens = sell(shop)
    eves = sell(second)
    with in_programme(shop.programme, merchant_id=second.merchant.pk):
        done = Command.objects.filter(name="sales.record_purchase")
        assert [row.subject for row in done] == [eves.purchase]
    told = Api(make_key(second)).get("events/?type=purchase.recorded").data["data"]
    assert [one["data"]["purchase"] for one in told] == [eves.purchase]
    all_told = Api(make_key(shop, for_all_merchants=True)).get("events/?type=purchase.recorded")
    assert {one["data"]["purchase"] for one in all_told.data["data"]} == {
        bens.purchase,
        eves.purchase,
    }


def test_a_webhook_hears_of_its_own_merchant_and_of_shared_members(
    shop: Shop, second: Shop
) -> None:
    eves = create_endpoint(second.call(), url="https://eve.example.com/hook")
    bens = create_endpoint(shop.call(), url="https://ben.example.com/hook", for_all_merchants=True)
    sold = sell(shop)
    refund_purchase(shop.call(), purchase=sold.purchase)
    adjust_points(shop.call(), member=shop.member.public_id, amount=5, text="Goodwill")
    while relay_due():
        pass
    with in_programme(shop.programme):
        heard = {
            one: set(
                WebhookDelivery.objects.filter(endpoint__public_id=one).values_list(
                    "event__type", flat=True
                )
            )
            for one in (eves.id, bens.id)
        }
    assert {"purchase.recorded", "purchase.refunded"} <= heard[bens.id]
    assert not {kind for kind in heard[eves.id] if kind.startswith("purchase.")}
    assert any(kind.startswith(("points.", "balance.")) for kind in heard[eves.id])


def test_a_refund_by_the_operator_is_told_to_the_merchant_it_was_sold_at(
    shop: Shop, second: Shop
) -> None:
    eves = create_endpoint(second.call(), url="https://eve.example.com/hook")
    sold = sell(second)
    refund_purchase(shop.call(), purchase=sold.purchase)
    while relay_due():
        pass
    with in_programme(shop.programme):
        deliveries = WebhookDelivery.objects.filter(endpoint__public_id=eves.id)
        assert deliveries.filter(event__type="purchase.refunded").exists()


def test_nobody_gives_more_than_they_have(shop: Shop, second: Shop) -> None:
    with pytest.raises(Forbidden):
        create_api_key(
            second.call(), name="All", scopes=("purchases:read",), for_all_merchants=True
        )
    with pytest.raises(Forbidden):
        create_endpoint(second.call(), url="https://e.example.com/x", for_all_merchants=True)
    with pytest.raises(Forbidden):
        invite_staff(second.call(), email="x@example.com", role="owner", for_all_merchants=True)
    with pytest.raises(NotFound):
        invite_staff(
            second.call(), email="x@example.com", role="owner", merchant=shop.merchant.public_id
        )
    for wanted in ("programme:write", "rules:write", "merchants:write", "points:adjust"):
        assert not second.actor.may(wanted), wanted
        assert shop.actor.may(wanted), wanted


def test_the_operator_invites_people_for_every_merchant(shop: Shop, second: Shop) -> None:
    done = invite_staff(
        shop.call(), email="fay@example.com", role="cashier", merchant=second.merchant.public_id
    )
    with in_programme(shop.programme):
        row = Staff.objects.select_related("programme", "user").get(public_id=done.id)
    assert row.merchant_id == second.merchant.pk
    assert staff_actor(row).confined_to == second.merchant.pk
    page = _signed_in(shop).get(f"/dashboard/{shop.programme.slug}/team/").content.decode()
    assert "fay@example.com" in page
    assert "eve@example.com" in page
    assert "ben@example.com" not in (
        _signed_in(second).get(f"/dashboard/{shop.programme.slug}/team/").content.decode()
    )


def test_a_single_shop_narrows_nothing(shop: Shop) -> None:
    with in_programme(shop.programme):
        Staff.objects.update(for_all_merchants=False)
        row = Staff.objects.select_related("programme", "user").get()
    assert staff_actor(row).confined_to is None


def test_another_merchants_receipt_may_be_the_same(shop: Shop, second: Shop) -> None:
    done: list[Any] = [
        record_purchase(
            Call(one.actor, f"key-{one.merchant.pk}"),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=10_000, receipt="R-1"),
        )
        for one in (shop, second)
    ]
    assert not any(one.duplicate for one in done)


def _signed_in(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client
