"""Lists of codes that partners send: when an offer takes them."""

from __future__ import annotations

import pytest

from tests.campaigns.partners.scheme import Scheme
from tests.world import Shop


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop)


def test_a_pool_is_filled_once_its_offer_is_published(scheme: Scheme) -> None:
    values = {"name": "Books", "partner": scheme.partner, "text_en": "A gift", "codes": "pool"}
    body = {"kind": "partners.offer", "values": values}
    draft = str(scheme.did(scheme.api.post("rules/", body))["rule"])
    path = f"partner-offers/{draft}/codes/"
    early = scheme.api.post(path, {"codes": ["A-1"]})
    assert (early.status_code, early.data["code"]) == (422, "offer_not_published")
    assert early.data["errors"][0]["pointer"] == "/offer"
    scheme.did(scheme.api.post(f"rules/{draft}/publish/", {}))
    assert scheme.did(scheme.api.post(path, {"codes": ["A-1"]}))["left"] == 1
    # Whoever drafts its next terms may name the draft: the codes are the offer's own.
    edited = scheme.api.patch(f"rules/{draft}/", {"values": {"text_en": "More"}}, match="*")
    following = str(scheme.did(edited)["rule"])
    more = scheme.did(scheme.api.post(f"partner-offers/{following}/codes/", {"codes": ["A-2"]}))
    assert (more["added"], more["left"]) == (1, 2)
