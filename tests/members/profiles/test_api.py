"""Members over the API: enrolled once in whichever spelling, found by anything, changed in turn."""

from __future__ import annotations

import pytest

from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.world import Shop

HOA = {"name": "Nguyễn Thị Hoa", "phone": "0912 345 678", "tags": ["khách quen"]}


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


def test_three_spellings_of_one_number_are_one_member(api: Api) -> None:
    made = api.post("members/", HOA)
    assert made.status_code == 201, made.data
    assert made["Location"].endswith(f"/api/v1/members/{made.data['id']}/")
    for phone in ("+84 912-345-678", "84912345678", "0912345678"):
        again = api.post("members/", {"name": "Hoa", "phone": phone})
        assert (again.status_code, again.data["code"]) == (409, "already_a_member")
        assert again.data["params"]["member"] == made.data["id"]
        assert again.data["errors"][0]["pointer"] == "/phone"
        found = api.post("members/lookup/", {"identifier": phone})
        assert (found.status_code, found.data["by"]) == (200, "phone")
        assert found.data["member"]["id"] == made.data["id"]


def test_an_old_eleven_digit_number_finds_its_owner(api: Api) -> None:
    made = api.post("members/", {"name": "Bình", "phone": "0168 234 5678"})
    assert made.status_code == 201, made.data
    found = api.post("members/lookup/", {"identifier": "0382345678"})
    assert found.data["member"]["id"] == made.data["id"]


def test_contacts_are_masked_unless_the_key_may_carry_data_out(api: Api, shop: Shop) -> None:
    made = api.post("members/", HOA).data
    assert made["identifiers"][0]["value"] == "+84912345678"
    modest = Api(make_key(shop, scopes=("members:read",)))
    seen = modest.get(f"members/{made['id']}/")
    assert seen.data["identifiers"][0]["value"] is None
    assert b"1234567" not in seen.content
    refused = modest.post(f"members/{made['id']}/export/")
    assert (refused.status_code, refused.data["params"]) == (403, {"permission": "members:export"})


def test_two_people_editing_at_once_do_not_undo_each_other(api: Api) -> None:
    made = api.post("members/", HOA)
    path = f"members/{made.data['id']}/"
    tag = api.get(path)["ETag"]
    assert tag == made["ETag"]
    changed = api.patch(path, {"name": "Nguyễn Thu Hoa", "birthday": "1994-05-21"}, match=tag)
    assert (changed.status_code, changed.data["name"]) == (200, "Nguyễn Thu Hoa")
    late = api.patch(path, {"name": "Hoa"}, match=tag)
    assert (late.status_code, late.data["code"]) == (412, "changed_meanwhile")
    assert api.patch(path, {"name": "Hoa"}).status_code == 428
    forgot = api.patch(path, {"birthday": None}, match=changed["ETag"])
    assert forgot.data["birthday"] is None


def test_identifiers_come_and_go_and_the_last_one_stays(api: Api) -> None:
    made = api.post("members/", HOA).data
    path = f"members/{made['id']}/identifiers/"
    added = api.post(path, {"kind": "email", "value": "Hoa@Example.com"})
    held = {one["kind"]: one["value"] for one in added.data["identifiers"]}
    assert (held["phone"], held["email"]) == ("+84912345678", "hoa@example.com")
    card = {"kind": "card", "value": held["card"]}
    assert api.post(f"{path}remove/", card).status_code == 200
    removed = api.post(f"{path}remove/", {"kind": "phone", "value": "0912 345 678"})
    assert [one["kind"] for one in removed.data["identifiers"]] == ["email"]
    last = api.post(f"{path}remove/", {"kind": "email", "value": "hoa@example.com"})
    assert (last.status_code, last.data["code"]) == (422, "last_identifier")
    assert [one["kind"] for one in api.get(path).data["data"]] == ["email"]


def test_lists_are_filtered_and_paged_by_cursor(api: Api) -> None:
    for number in range(7):
        person = {"name": f"Khách {number}", "phone": f"09123456{number:02}"}
        assert api.post("members/", person | {"tags": ["vip"] if number % 2 else []}).data["id"]
    seen: list[str] = []
    path = "members/?limit=3"
    while path:
        page = api.get(path)
        seen += [one["id"] for one in page.data["data"]]
        assert page.data["has_more"] == bool(page.data["next_cursor"])
        path = ""
        if page.data["has_more"]:
            assert page["Link"].endswith('rel="next"')
            path = page["Link"].split(">")[0].removeprefix("<http://testserver")
    assert len(seen) == len(set(seen)) == 8
    assert len(api.get("members/?tag=vip").data["data"]) == 3
    assert len(api.get("members/?q=khach%203").data["data"]) == 1
    assert len(api.get("members/?identifier=0912345601").data["data"]) == 1
    assert api.get("members/?identifier=0912345699").data["data"] == []


def test_a_sale_finds_its_member_by_any_identifier(api: Api) -> None:
    made = api.post("members/", HOA).data
    sold = api.post("purchases/", {"identifier": "84912345678", "total_minor": 50_000})
    assert (sold.status_code, sold.data["member"]) == (201, made["id"])
    nobody = api.post("purchases/", {"identifier": "0999999999", "total_minor": 50_000})
    assert (nobody.status_code, nobody.data["errors"][0]["pointer"]) == (404, "/identifier")
    both = api.post("purchases/", {"member": made["id"], "identifier": "x", "total_minor": 1})
    assert both.data["code"] == "member_or_identifier"


def test_consents_are_kept_and_the_person_can_be_forgotten(api: Api, shop: Shop) -> None:
    made = api.post("members/", HOA).data
    path = f"members/{made['id']}/"
    given = api.post(f"{path}consents/", {"purpose": "marketing_email", "granted": True})
    assert given.status_code == 201
    (seen,) = api.get(f"{path}consents/").data
    assert seen["granted"] is True
    assert seen["text"]
    assert api.post(f"{path}export/").data["profile"]["name"] == "Nguyễn Thị Hoa"
    assert api.delete(path).status_code == 204
    with in_programme(shop.programme):
        assert Member.objects.get(public_id=made["id"]).name == ""
    gone = api.post("purchases/", {"member": made["id"], "total_minor": 1_000})
    assert (gone.status_code, gone.data["code"]) == (422, "member_not_active")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x" * 10_000, "phone": "0912345678"}, "/name"),
        ({"name": "a\x00b", "phone": "0912345678"}, "/name"),
        ({"name": "a\u202eb", "phone": "0912345678"}, "/name"),
        ({"name": ["x"], "phone": "0912345678"}, "/name"),
        ({"phone": 912345678}, "/phone"),
        ({"phone": "12"}, "/phone"),
        ({"email": "not an address"}, "/email"),
        ({"card": "8000 0000 0000 0001"}, "/card"),
        ({"phone": "0912345678", "birthday": "31/12/1990"}, "/birthday"),
        ({"phone": "0912345678", "birthday": "1990-02-30"}, "/birthday"),
        ({"phone": "0912345678", "birthday": "1700-01-01"}, "/birthday"),
        ({"phone": "0912345678", "points": 1_000_000}, "/points"),
        ({"phone": "0912345678", "consents": [{"purpose": "everything"}]}, "/consents"),
    ],
)
def test_bad_particulars_are_named(api: Api, body: dict, pointer: str) -> None:
    response = api.post("members/", body)
    assert response.status_code == 400, response.data
    assert pointer in [one["pointer"] for one in response.data["errors"]]


@pytest.mark.parametrize(
    "name",
    [
        "🧋 Trà sữa 👩‍👩‍👧",
        "Robert'); DROP TABLE members;--",
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
    ],
)
def test_odd_names_are_kept_as_they_are(api: Api, name: str) -> None:
    made = api.post("members/", {"name": name, "phone": "0912345678"})
    assert made.status_code == 201, made.data
    assert api.get(f"members/{made.data['id']}/").data["name"] == name
