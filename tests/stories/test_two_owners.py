"""Two owners have the same form open: whoever saves second reads that it changed, and undoes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from campaigns.challenges.services import create_badge
from campaigns.partners.services.partners import add_partner
from community.contests.services import create_contest
from loyalty.outbox.webhooks import create_endpoint
from tests.community.contests.test_contests import contest_of
from tests.forms import form_values
from tests.loyalty.payments.bills import VIETQR, accepts
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop

BASE = "/dashboard/cafe/"


def _gateway(shop: Shop) -> str:
    accepts(shop, "vietqr", **VIETQR)
    return "payments/gateways/vietqr/"


def _webhook(shop: Shop) -> str:
    return f"webhooks/{create_endpoint(shop.call(), url='https://crm.example/hook').id}/"


def _partner(shop: Shop) -> str:
    return f"partners/{add_partner(shop.call(), code='books', name='Books').id}/edit/"


def _badge(shop: Shop) -> str:
    return f"challenges/badges/{create_badge(shop.call(), name_vi='Nếm hết').id}/"


def _contest(shop: Shop) -> str:
    made = create_contest(shop.call(), contest=contest_of())
    return f"contests/{made.contest}/edit/"


@pytest.mark.parametrize(
    ("path", "field", "hers", "his"),
    [
        (_gateway, "holder", "QUAN CUA ANA", "QUAN CUA BEN"),
        (_webhook, "description", "For the CRM", "For the accountant"),
        (_partner, "website", "https://a.example", "https://b.example"),
        (_badge, "name_en", "Tasted all", "Gourmet"),
        (_contest, "title_en", "Latte art", "Best cup"),
        (lambda shop: f"rewards/{reward(shop)}/edit/", "name_en", "Iced latte", "Hot latte"),
    ],
)
def test_the_second_to_save_reads_that_it_changed_meanwhile(
    shop: Shop, path: Callable[[Shop], str], field: str, hers: str, his: str
) -> None:
    address = f"{BASE}{path(shop)}"
    owner = Client(headers={"Accept-Language": "en"})
    owner.force_login(shop.staff.user)
    both = owner.get(address).content.decode()
    first = owner.post(address, form_values(both) | {field: hers, "idempotency_key": "hers"})
    assert first.status_code == 302, first.content.decode()
    second = owner.post(address, form_values(both) | {field: his, "idempotency_key": "his"})
    assert second.status_code == 422
    assert "meanwhile" in second.content.decode()
    kept = owner.get(address).content.decode()
    assert hers in kept and his not in kept
    again = owner.post(address, form_values(kept) | {field: his})
    assert again.status_code == 302, again.content.decode()
    assert his in owner.get(address).content.decode()
