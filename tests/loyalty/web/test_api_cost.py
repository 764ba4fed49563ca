"""What a call may cost the database, counted over HTTP with BEGIN and COMMIT."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api import Api, make_key
from tests.rewards.catalog.rewards_of import give, reward
from tests.rewards.points.rules_of import earning
from tests.rewards.punchcards.cards_of import card
from tests.world import Shop

COFFEE = {"sku": "coffee", "name": "Cà phê sữa đá", "quantity": 1, "net_minor": 45_000}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(shop: Shop) -> Api:
    """A key in use, a shop with points and one card, Ana known to both."""
    earning(shop)
    card(shop)
    api = Api(make_key(shop))
    assert _buy(api, shop).status_code == 201
    return api


def _buy(api: Api, shop: Shop, **more: object):
    return api.post("purchases/", {"member": shop.member.public_id, "lines": [COFFEE], **more})


def _told(capture: CaptureQueriesContext) -> str:
    return "\n".join(one["sql"][:120] for one in capture.captured_queries)


def test_a_purchase_with_points_and_a_card(api: Api, shop: Shop) -> None:
    with CaptureQueriesContext(connection) as capture:
        response = _buy(api, shop)
    assert response.status_code == 201
    assert {one["asset"].split(":")[0] for one in response.data["balances"]} == {"points", "stamps"}
    assert len(capture) <= 20, _told(capture)


def test_a_redemption(api: Api, shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 500)
    body = {"member": shop.member.public_id, "reward": wanted}
    assert api.post("redemptions/", body).status_code == 201
    with CaptureQueriesContext(connection) as capture:
        response = api.post("redemptions/", body)
    assert response.status_code == 201, response.data
    assert len(capture) <= 25, _told(capture)


def test_entering_costs_one_query_and_the_quota_none(api: Api, shop: Shop) -> None:
    with CaptureQueriesContext(connection) as capture:
        assert api.get("api-keys/x/", idempotency_key="").status_code == 404
    assert len(capture) == 2, _told(capture)


def test_a_page_costs_the_same_however_long_the_list_is(api: Api, shop: Shop) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as capture:
            assert api.get("purchases/?limit=5").status_code == 200
        return len(capture)

    before = cost()
    for _ in range(8):
        _buy(api, shop)
    assert cost() == before
