"""Three people in all tests: Ana (member), Ben (staff of her merchant), Cleo (staff elsewhere)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.world import Shop, make_shop


@pytest.fixture
def shop(db: None) -> Shop:
    """Ben's coffee shop, with Ana as its member."""
    return make_shop("cafe", owner="ben@example.com", member="Ana")


@pytest.fixture
def other_shop(db: None) -> Shop:
    """Cleo's shop: another programme, which must never see or touch the first."""
    return make_shop("other", owner="cleo@example.com", member="Dan")


@dataclass
class _Fresh:
    """Caches that outlive a test's transaction are forgotten before each test."""


@pytest.fixture(autouse=True)
def _forget_caches() -> None:
    from django.core.cache import cache

    from loyalty.engine.glossary import forget_names
    from loyalty.engine.plug import forget_rules
    from loyalty.ledger.assets import forget
    from loyalty.tenancy import places
    from loyalty.web.api.throttling import forget_shares

    forget()
    places.forget()
    forget_rules()
    forget_names()
    cache.clear()
    forget_shares()
