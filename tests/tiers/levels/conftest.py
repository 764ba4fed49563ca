"""A programme with levels for every story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.tiers.levels.ladder_of import Ladder
from tests.world import Shop


@pytest.fixture
def ladder(shop: Shop) -> Iterator[Ladder]:
    """Ben's shop; in the end its books must be right."""
    yield Ladder(shop)
    with in_programme(shop.programme):
        assert verify().findings == []
