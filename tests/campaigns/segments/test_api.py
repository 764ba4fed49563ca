"""Segments over the API."""

from __future__ import annotations

from tests.api import Api, make_key
from tests.campaigns.segments.segments_of import REGULARS, bought, newcomer, segment
from tests.rewards.points.rules_of import earning
from tests.world import Shop

VIP = [{"fact": "member.tags", "op": "eq", "value": "vip"}]


def test_a_segment_from_the_first_look_to_the_last(shop: Shop) -> None:
    api = Api(make_key(shop))
    bought(shop, shop.member, 3, 2, 1)
    look = api.post("segments/look/", {"conditions": REGULARS})
    assert look.status_code == 200
    assert look.data["count"] == {
        "members": 1,
        "of_members": 1,
        "is_exact": True,
        "looked_at": 1,
    }
    assert look.data["sample"] == [{"member": shop.member.public_id, "name": "Ana"}]
    made = api.post("segments/", {"code": "regulars", "name": "Regulars", "conditions": REGULARS})
    assert made.status_code == 201
    where = f"segments/{made.data['id']}/"
    assert api.get(where)["ETag"] == '"1"'
    assert api.get("segments/regulars/").data["id"] == made.data["id"]
    newcomer(shop, "Dan", tags=["vip"])
    tried = api.post("segments/look/", {"conditions": VIP, "segment": "regulars"})
    assert tried.data["moved"] == {"entering": 1, "leaving": 1, "is_exact": True}
    assert api.patch(where, {"conditions": VIP}, match='"7"').status_code == 412
    changed = api.patch(where, {"conditions": VIP}, match='"1"')
    assert (changed.data["version"], changed["ETag"]) == (2, '"2"')
    assert api.get(f"{where}count/").data["members"] == 1
    assert [one["name"] for one in api.get(f"{where}members/").data["data"]] == ["Dan"]
    assert api.delete(where).status_code == 204
    assert api.get("segments/").data["data"] == []
    assert [one["code"] for one in api.get("segments/?archived=true").data["data"]] == ["regulars"]
    assert api.post(f"{where}restore/").data["state"] == "active"


def test_members_come_page_by_page(shop: Shop) -> None:
    api = Api(make_key(shop))
    for number in range(5):
        newcomer(shop, f"Vip {number}", tags=["vip"])
    segment(shop, "vips", conditions=VIP)
    first = api.get("segments/vips/members/?limit=2")
    assert [one["name"] for one in first.data["data"]] == ["Vip 4", "Vip 3"]
    second = api.get(f"segments/vips/members/?limit=2&cursor={first.data['next_cursor']}")
    assert [one["name"] for one in second.data["data"]] == ["Vip 2", "Vip 1"]


def test_a_key_that_may_not_read_members_reads_no_names(shop: Shop) -> None:
    segment(shop, conditions=[{"fact": "purchases.count", "op": "eq", "value": 0}])
    api = Api(make_key(shop, scopes=("segments:read",)))
    assert api.get("segments/regulars/members/").data["data"] == [
        {"member": shop.member.public_id, "name": ""}
    ]


def test_a_frozen_list_is_taken_on_purpose(shop: Shop) -> None:
    api = Api(make_key(shop))
    body = {"code": "launch", "name": "Launch", "kind": "frozen", "conditions": VIP}
    made = api.post("segments/", body)
    newcomer(shop, "Dan", tags=["vip"])
    assert api.get("segments/launch/count/").data["members"] == 0
    taken = api.post(f"segments/{made.data['id']}/refresh/")
    assert (taken.data["counted_members"], taken.data["progress"]) == (1, None)
    assert api.get("segments/launch/count/").data["members"] == 1


def test_what_is_wrong_is_pointed_at(shop: Shop) -> None:
    api = Api(make_key(shop))
    sent = api.post(
        "segments/",
        {
            "code": "odd",
            "name": "Odd",
            "conditions": [*VIP, {"fact": "segment", "op": "in", "value": ["nobody"]}],
        },
    )
    assert sent.status_code == 400
    assert sent.data["errors"][0]["pointer"] == "/conditions/1/value/0"
    assert sent.data["errors"][0]["code"] == "unknown_value"
    vietnamese = Api(make_key(shop), language="vi")
    sent = vietnamese.post("segments/", {"code": "odd", "name": "Odd", "conditions": []})
    assert sent.status_code == 400 and sent.data["errors"][0]["pointer"] == "/conditions"
    segment(shop)
    earning(shop, name="Bonus", audience=[{"fact": "segment", "op": "eq", "value": "regulars"}])
    kept = api.delete("segments/regulars/")
    assert (kept.status_code, kept.data["code"]) == (422, "segment_in_use")
    assert "Bonus" in kept.data["detail"]
    assert api.post("segments/regulars/refresh/", {}).status_code == 200
    twice = api.post("segments/", {"code": "regulars", "name": "Again", "conditions": VIP})
    assert (twice.status_code, twice.data["code"]) == (409, "code_taken")


def test_a_rule_over_the_api_says_for_whom(shop: Shop) -> None:
    api = Api(make_key(shop))
    segment(shop)
    draft = api.post(
        "rules/",
        {
            "kind": "points.earning_rule",
            "values": {
                "name": "Bonus",
                "points": 1,
                "per_minor": 10_000,
                "audience": [{"fact": "segment", "op": "eq", "value": "regular"}],
            },
        },
    )
    where = f"rules/{draft.data['rule']}/"
    refused = api.post(f"{where}publish/", {})
    assert refused.status_code == 400
    assert refused.data["errors"][0]["pointer"] == "/audience/0/value"
    right = [{"fact": "segment", "op": "eq", "value": "regulars"}]
    api.patch(where, {"values": {"audience": right}}, match="*")
    assert api.post(f"{where}publish/", {}).status_code == 200
