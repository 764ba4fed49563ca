"""The ready-made programmes of partners at work, loaded and published over the REST API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.campaigns.partners.scheme import LAST_YEAR, Scheme
from tests.world import make_shop


def _loaded(slug: str, currency: str, partner: str) -> Scheme:
    shop = make_shop("plan", owner="ngoc@plan.example", member="Lan", currency=currency)
    scheme = Scheme(shop, code="unused", name="Unused")
    loaded: Any = scheme.did(scheme.api.post(f"blueprints/{slug}/", {}))
    for rule in loaded["rules"]:
        scheme.did(scheme.api.post(f"rules/{rule}/publish/", {}))
    scheme.partner = scheme.did(scheme.api.get(f"partners/{partner}/"))["id"]
    return scheme


def test_airline_card(db: None) -> None:
    scheme = _loaded("airline-cobrand", "USD", "card")
    scheme.did(scheme.card("KH-1", opened_on=f"{LAST_YEAR}-01-01"))
    scheme.did(scheme.pay("T1", "KH-1", 100_000, f"{LAST_YEAR}-03-31T23:00:00+07:00"))
    assert scheme.points() == 31_000


def test_partner_card_in_dong(db: None) -> None:
    scheme = _loaded("visa-mastercard-cobrand", "VND", "bank-card")
    scheme.did(scheme.card("KH-1", opened_on=f"{LAST_YEAR}-01-01"))
    told = scheme.did(scheme.file(f"T1,KH-1,125000,{LAST_YEAR}-03-31T23:00+07:00,payment,"))
    assert (told["recorded"], scheme.points()) == (1, 12)


@pytest.mark.parametrize(("lines", "may"), [(1, False), (2, True)])
def test_netflix(db: None, lines: int, may: bool) -> None:
    scheme = _loaded("tmobile-netflix", "USD", "netflix")
    scheme.known(scheme.member, lines=lines)
    (offer,) = scheme.offers()
    assert (offer["can_claim"], offer["worth_minor"]) == (may, 12_000)
