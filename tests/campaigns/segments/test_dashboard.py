"""The owner names an audience, sees who is in it, and uses it on rules and on the list of members."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from campaigns.segments import selectors
from campaigns.segments.models import Segment
from campaigns.segments.services import take_list
from campaigns.segments.services import taking as taking_service
from loyalty.engine.selectors import rules
from loyalty.tenancy.scope import in_programme
from tests.campaigns.segments.segments_of import WON, fresh, newcomer, segment
from tests.forms import form_values
from tests.rewards.points.rules_of import earning
from tests.tiers.trials.trials_of import trial
from tests.world import Shop

VIP = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
NEW = {
    "name": "Khách VIP",
    "code": "vips",
    "kind": "live",
    "conditions-0-fact": "member.tags",
    "conditions-0-op": "contains",
    "conditions-0-value": "vip",
}


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


def _text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def _segment(shop: Shop, code: str = "vips") -> Segment:
    with in_programme(shop.programme):
        return selectors.access_segment(code)


def test_from_an_empty_list_to_a_segment_in_use(shop: Shop, ben: Client) -> None:
    newcomer(shop, "Dan", tags=["vip"])
    assert "No segment yet" in _text(ben.get("/dashboard/cafe/segments/"))
    assert "Say who is meant" in _text(ben.get("/dashboard/cafe/segments/new/"))
    looked = ben.post("/dashboard/cafe/segments/look/", NEW, headers={"hx-request": "true"})
    assert "1 of 2 members" in _text(looked) and "Dan" in _text(looked)
    by_button = ben.post("/dashboard/cafe/segments/new/", {**NEW, "look": "1"})
    assert by_button.status_code == 200 and "1 of 2 members" in _text(by_button)
    with in_programme(shop.programme):
        assert not Segment.objects.exists(), "looking writes nothing"
    saved = ben.post("/dashboard/cafe/segments/new/", NEW)
    assert saved.status_code == 302
    page = _text(ben.get(saved["Location"]))
    assert "tags holds vip" in page and "1 of 2 members" in page
    assert "Khách VIP" in _text(ben.get("/dashboard/cafe/segments/"))


def test_what_is_wrong_stands_on_its_row(shop: Shop, ben: Client) -> None:
    sent = ben.post(
        "/dashboard/cafe/segments/new/",
        {
            **NEW,
            "conditions-1-fact": "",
            "conditions-2-fact": "segment",
            "conditions-2-op": "eq",
            "conditions-2-value": "nobody",
        },
    )
    assert sent.status_code == 422
    assert "is unknown here" in _text(sent)
    tag = re.search(r'<input[^>]*id="id_conditions-2-value"[^>]*>', sent.content.decode())
    assert tag is not None and 'aria-invalid="true"' in tag[0]
    half_filled = {"conditions-1-fact": "", "conditions-1-value": "7"}
    half = ben.post("/dashboard/cafe/segments/new/", {**NEW, **half_filled})
    assert half.status_code == 422 and "Choose what is compared" in _text(half)
    nothing = {name: value for name, value in NEW.items() if "conditions" not in name}
    assert ben.post("/dashboard/cafe/segments/new/", nothing).status_code == 422
    looked = ben.post("/dashboard/cafe/segments/look/", {**nothing}, headers={"hx-request": "true"})
    assert "Give 1 to 50 conditions" in _text(looked)


def test_who_comes_and_goes_is_seen_before_a_segment_in_use_is_changed(
    shop: Shop, ben: Client
) -> None:
    newcomer(shop, "Dan", tags=["vip"])
    newcomer(shop, "Eve", tags=["gold"])
    made = segment(shop, "vips", conditions=VIP)
    earning(
        shop, name="Double for VIPs", audience=[{"fact": "segment", "op": "eq", "value": "vips"}]
    )
    edit = f"/dashboard/cafe/segments/{made.id}/edit/"
    wanted = {**NEW, "revision": "1", "conditions-0-value": "gold"}
    asked = ben.post(edit, wanted)
    assert asked.status_code == 200
    assert "1 come in and 1 go" in _text(asked) and "Double for VIPs" in _text(asked)
    assert _segment(shop).version == 1
    found = re.search(r'name="seen" value="(\w+)"', asked.content.decode())
    assert found is not None
    other = {**wanted, "conditions-0-value": "silver", "seen": found[1]}
    assert ben.post(edit, other).status_code == 200, "other conditions have not been seen"
    assert ben.post(edit, {**wanted, "seen": found[1]}).status_code == 302
    assert _segment(shop).version == 2
    renamed = {**wanted, "name": "Gold", "revision": "2"}
    assert ben.post(edit, renamed).status_code == 302, "a name changes nobody's rules"


def test_a_stale_page_overwrites_nothing(shop: Shop, ben: Client) -> None:
    made = segment(shop, "vips", conditions=VIP)
    edit = f"/dashboard/cafe/segments/{made.id}/edit/"
    assert ben.post(edit, {**NEW, "revision": "1", "name": "One"}).status_code == 302
    stale = ben.post(edit, {**NEW, "revision": "1", "name": "Two"})
    assert stale.status_code == 422 and "changed meanwhile" in _text(stale)
    assert _segment(shop).name == "One"


def test_names_are_chosen_where_a_rule_is_written(shop: Shop, ben: Client) -> None:
    """Owners read and type names; rules keep codes."""
    segment(shop, "vips", name="Khách VIP", conditions=VIP)
    page = "/dashboard/cafe/rules/new/points.earning_rule/"
    html = ben.get(page).content.decode()
    assert '<datalist id="values-segment"><option value="Khách VIP">' in html
    assert '<datalist id="values-location"><option value="Main street">' in html
    assert "purchases in the last 90 days" in html
    sent = ben.post(
        page,
        {
            **form_values(html),
            "name": "For VIPs",
            "points": "1",
            "per_minor": "10000",
            "audience-0-fact": "segment",
            "audience-0-op": "eq",
            "audience-0-value": "khách vip",
            "audience-1-fact": "location",
            "audience-1-op": "in",
            "audience-1-value": "Main street",
        },
    )
    assert sent.status_code == 302, _text(sent)
    with in_programme(shop.programme):
        assert rules()[0].audience == [
            {"fact": "segment", "op": "eq", "value": "vips"},
            {"fact": "location", "op": "in", "value": [shop.location.public_id]},
        ]
    shown = _text(ben.get(sent["Location"]))
    assert "segment is Khách VIP" in shown and "place is one of Main street" in shown
    form = ben.get(f"{sent['Location']}edit/").content.decode()
    assert 'value="Khách VIP"' in form and 'value="Main street"' in form


def test_the_list_of_members_and_its_file_know_segments(shop: Shop, ben: Client) -> None:
    newcomer(shop, "Dan", tags=["vip"])
    segment(shop, "vips", conditions=VIP)
    listed = ben.get("/dashboard/cafe/members/?segment=vips")
    assert "Dan" in _text(listed) and "Ana" not in _text(listed)
    assert "Dan" in _text(ben.get("/dashboard/cafe/members/?segment=unknown"))
    file = b"".join(ben.get("/dashboard/cafe/members/export.csv?segment=vips").streaming_content)
    assert b"Dan" in file and b"Ana" not in file
    both = ben.get("/dashboard/cafe/members/?segment=vips&q=ana")
    assert "Nobody here" in _text(both)


def test_the_list_of_what_only_facts_can_tell_is_taken_first(shop: Shop, ben: Client) -> None:
    trial(shop)
    made = segment(shop, "won", conditions=WON)
    refused = ben.get("/dashboard/cafe/members/?segment=won", follow=True)
    assert "Take the list" in _text(refused)
    take_list(shop.call(), segment=made.id)
    assert ben.get("/dashboard/cafe/members/?segment=won").status_code == 200


def test_a_list_is_taken_put_away_and_brought_back(
    shop: Shop, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer(shop, "Dan", tags=["vip"])
    newcomer(shop, "Eve", tags=["vip"])
    made = segment(shop, "vips", kind="frozen", conditions=VIP)
    where = f"/dashboard/cafe/segments/{made.id}/"
    assert "nobody is on it" in _text(ben.get(where))
    monkeypatch.setattr(taking_service, "STRETCH", 1)
    ben.post(f"{where}do/take/")
    assert "1 of 2 members looked at" in _text(ben.get(where))
    for _turn in range(2):
        taking_service.go_on_taking(shop.call(), segment=made.id)
    assert "2 of 3 members" in _text(ben.get(where))
    ben.post(f"{where}do/archive/")
    assert "vips" not in _text(ben.get("/dashboard/cafe/segments/"))
    assert "vips" in _text(ben.get("/dashboard/cafe/segments/?archived"))
    ben.post(f"{where}do/restore/")
    assert _segment(shop).state == "active"
    assert ben.post(f"{where}do/nonsense/").status_code == 404


def test_members_read_for_whom_a_rule_is_and_not_what_the_shop_thinks(
    shop: Shop, ben: Client
) -> None:
    segment(shop, "leaving", name="About to leave us", conditions=VIP)
    segment(shop, "vips", conditions=VIP, told_vi="khách thân thiết", told_en="our regulars")
    earning(shop, name="Win back", audience=[{"fact": "segment", "op": "eq", "value": "leaving"}])
    earning(shop, name="Thanks", audience=[{"fact": "segment", "op": "eq", "value": "vips"}])
    earning(shop, name="Everybody")
    fresh(shop)
    page = _text(Client().get("/p/cafe/terms/", headers={"accept-language": "en"}))
    assert "About to leave us" not in page
    assert re.search(r"Win back: [^(]*\(for chosen members\)", page)
    assert re.search(r"Thanks: [^(]*\(for our regulars\)", page)
    vietnamese = _text(Client().get("/p/cafe/terms/", headers={"accept-language": "vi"}))
    assert "(dành cho khách thân thiết)" in vietnamese


def test_an_analyst_looks_and_changes_nothing(shop: Shop, ben: Client) -> None:
    segment(shop, "vips", conditions=VIP)
    with in_programme(shop.programme):
        shop.staff.role = "analyst"
        shop.staff.save()
    assert ben.get("/dashboard/cafe/segments/").status_code == 200
    assert ben.post("/dashboard/cafe/segments/new/", NEW).status_code == 403
    looked = ben.post("/dashboard/cafe/segments/look/", NEW, headers={"hx-request": "true"})
    assert looked.status_code == 200
