"""Rewards for a segment: they keep it from being put away, and an edit of it says so."""

from __future__ import annotations

import pytest
from django.test import Client

from campaigns.segments.services import archive_segment
from loyalty.common.errors import Invalid, Refused
from rewards.catalog.services.authoring import end_reward, publish_reward
from tests.api import Api, make_key
from tests.campaigns.segments.segments_of import segment
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop

VIP = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
FOR_VIPS = ({"fact": "segment", "op": "eq", "value": "vips"},)


def test_a_reward_keeps_its_segment(shop: Shop) -> None:
    made = segment(shop, "vips", conditions=VIP)
    kept = reward(shop, audience=FOR_VIPS)
    with pytest.raises(Refused) as refused:
        archive_segment(shop.call(), segment=made.id)
    assert refused.value.params["reserved"] == [kept]
    assert "Cà phê sữa" in str(refused.value.message) or "Free latte" in str(refused.value.message)
    end_reward(shop.call(), reward=kept)
    archive_segment(shop.call(), segment=made.id)
    with pytest.raises(Invalid) as unknown:
        publish_reward(shop.call(), reward=kept)
    assert (unknown.value.code, unknown.value.field) == ("unknown_value", "audience.0.value")


def test_an_edit_says_that_rewards_are_for_it(shop: Shop) -> None:
    made = segment(shop, "vips", conditions=VIP)
    kept = reward(shop, audience=FOR_VIPS)
    api = Api(make_key(shop))
    gold = [{"fact": "member.tags", "op": "contains", "value": "gold"}]
    looked = api.post("segments/look/", {"conditions": gold, "segment": "vips"}).data
    assert [(one["rule"], one["kind"]) for one in looked["rules"]] == [(kept, "catalog.reward")]
    ben = Client(headers={"accept-language": "en"})
    ben.force_login(shop.staff.user)
    where = f"/dashboard/cafe/segments/{made.id}/"
    assert "Free latte" in ben.get(where).content.decode()
    wanted = {
        "name": "VIPs",
        "revision": "1",
        "conditions-0-fact": "member.tags",
        "conditions-0-op": "contains",
        "conditions-0-value": "gold",
    }
    asked = ben.post(f"{where}edit/", wanted)
    assert asked.status_code == 200 and "Free latte" in asked.content.decode()
