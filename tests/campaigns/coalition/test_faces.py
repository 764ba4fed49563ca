"""The coalition through the REST API and the dashboard; a merchant sees its own part alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.api import Api, make_key
from tests.campaigns.coalition.coalition_of import Coalition, make_coalition, on
from tests.world import Shop


@pytest.fixture
def trio(shop: Shop) -> Coalition:
    return make_coalition(shop)


def _cleared(trio: Coalition) -> None:
    with on("2026-10-03"):
        trio.sell(trio.cafe, 400_000)
        trio.sell(trio.bakery, 100_000)
    with on("2026-11-02"):
        trio.close("2026-10")


def test_a_coalition_by_the_api_alone(shop: Shop) -> None:
    api = Api(make_key(shop, for_all_merchants=True))
    made = api.post("merchants/", {"name": "Tiệm bánh Mộc"}).data
    bakery = made["id"]
    base = f"coalition/merchants/{bakery}"
    terms = {"billing": "prepaid", "issue_price_minor": 100_000, "when_empty": "refuse"}
    assert api.post(f"{base}/terms/", terms).status_code == 201
    assert api.post(f"{base}/terms/", {**terms, "issue_price_minor": -1}).status_code == 400
    block = {"points": 50, "price_minor": 5_000, "reference": "B1"}
    first, again = (api.post(f"{base}/blocks/", block).data for _ in range(2))
    assert first == again
    assert api.post(f"{base}/blocks/", {**block, "points": -5}).status_code == 400
    assert api.get(f"{base}/").data["points_left"] == 50
    assert [one["points_left"] for one in api.get(f"{base}/blocks/").data] == [50]
    assert {one["state"] for one in api.get("coalition/merchants/").data} == {"none", "active"}
    assert api.post("coalition/clearing/", {"breakage_to": "issuer"}).data["asset"] == "points"
    assert api.post("coalition/months/", {"month": "2026-13"}).status_code == 400
    assert api.post(f"{base}/leave/", {}).data["billing"] == "left"
    assert api.post(f"{base}/blocks/refund/", {"reference": "R1"}).data["code"] == "not_left"


def test_statements_are_read_and_settled_by_the_api(trio: Coalition) -> None:
    _cleared(trio)
    api = Api(make_key(trio.cafe, for_all_merchants=True))
    months: Any = api.get("coalition/months/").data["data"]
    assert [one["month"] for one in months] == ["2026-10", "2026-09"]
    assert {(one["sum_minor"], one["position_minor"]) for one in months} == {(0, None)}
    found = api.get("coalition/statements/?month=2026-10&state=open").data["data"]
    by_merchant = {one["merchant"]: one for one in found}
    mine = by_merchant[trio.cafe.merchant.public_id]
    assert (mine["position_minor"], mine["issued"]) == (-4_000, 400)
    lines = api.get(f"coalition/statements/{mine['id']}/").data["lines"]
    assert [(one["kind"], one["amount_minor"]) for one in lines] == [("issued", -4_000)]
    path = f"coalition/statements/{mine['id']}/payment/"
    wrong = api.post(path, {"amount_minor": 1, "reference": "VCB 1"})
    assert (wrong.status_code, wrong.data["params"]) == (422, {"due_minor": 4_000})
    paid = api.post(path, {"amount_minor": 4_000, "reference": "VCB 1"})
    assert (paid.status_code, paid.data["paid_by"]) == (201, "merchant")


def test_a_merchant_reads_its_own_statement_and_terms_alone(trio: Coalition) -> None:
    _cleared(trio)
    eve = Api(make_key(trio.bakery))
    found = eve.get("coalition/statements/").data["data"]
    assert {one["merchant"] for one in found} == {trio.bakery.merchant.public_id}
    positions = {one["month"]: one["position_minor"] for one in found}
    months = eve.get("coalition/months/").data["data"]
    assert {one["month"]: one["position_minor"] for one in months} == positions
    assert any(positions.values()), "a part of a sum is not the sum"
    assert {one["sum_minor"] for one in months} == {None}
    theirs = trio.statement(trio.cafe, "2026-10").public_id
    assert eve.get(f"coalition/statements/{theirs}/").status_code == 404
    cafe = trio.cafe.merchant.public_id
    assert eve.get(f"coalition/merchants/{cafe}/terms/").status_code == 404
    assert len(eve.get("coalition/merchants/").data) == 1
    own = trio.bakery.merchant.public_id
    assert eve.post(f"coalition/merchants/{own}/terms/", {}).status_code == 403
    assert eve.post("coalition/months/", {"month": "2026-10"}).status_code == 403


def test_the_dashboard_of_the_operator_and_of_a_merchant(trio: Coalition) -> None:
    _cleared(trio)
    base = f"/dashboard/{trio.cafe.programme.slug}"
    ben, eve = Client(), Client()
    ben.force_login(trio.cafe.staff.user)
    eve.force_login(trio.bakery.staff.user)
    page = ben.get(f"{base}/coalition/").content.decode()
    assert "Tiệm bánh" in page
    assert "Nhà sách" in page
    seen = eve.get(f"{base}/coalition/").content.decode()
    assert "Tiệm bánh" in seen
    assert "Nhà sách" not in seen
    assert '/">2026-10</a>' in seen, "one's own statements are told apart by their months"
    assert '/">2026-10</a>' in page
    mine = trio.statement(trio.bakery, "2026-10").public_id
    theirs = trio.statement(trio.cafe, "2026-10").public_id
    for path, status in (
        (f"/coalition/statements/{mine}/", 200),
        (f"/coalition/statements/{mine}/csv/", 200),
        (f"/coalition/statements/{mine}/pdf/", 200),
        (f"/coalition/statements/{theirs}/", 404),
        (f"/coalition/statements/{theirs}/csv/", 404),
        (f"/coalition/merchants/{trio.cafe.merchant.public_id}/", 404),
        ("/coalition/merchants/new/", 403),
    ):
        assert eve.get(f"{base}{path}").status_code == status, path
        if status == 404:
            assert ben.get(f"{base}{path}").status_code == 200, path
    run = trio.statement(trio.cafe, "2026-10").run.public_id
    assert ben.get(f"{base}/coalition/months/{run}/").status_code == 200
    sent = ben.post(
        f"{base}/coalition/statements/{theirs}/", {"amount_minor": "4000", "reference": "VCB 1"}
    )
    assert sent.status_code == 302
    assert trio.statement(trio.cafe, "2026-10").state == "settled"


def test_members_see_where_the_card_is_good(trio: Coalition) -> None:
    portal = f"/p/{trio.cafe.programme.slug}"
    for path in ("/shops/", "/terms/"):
        page = Client().get(f"{portal}{path}").content.decode()
        assert "Tiệm bánh" in page, path
