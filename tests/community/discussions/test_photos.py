"""Photos beside what members say: shown with their text, seen by who may read it, gone with it."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from loyalty.tenancy.scope import in_programme
from members.moderation.models import Photo
from members.profiles.models import Member
from members.profiles.services.personal import erase_member
from tests.api import Api
from tests.community.discussions.talks_of import Talking
from tests.community.events.test_pages import ana, ben, photo
from tests.world import Shop


@pytest.fixture
def one(shop: Shop) -> Talking:
    return Talking(shop)


def _raw(**size: Any) -> str:
    return base64.b64encode(photo(**size)).decode()


def _said(one: Talking, **more: Any) -> Any:
    body = {"member": one.ana, "title": "Our terrace", "photos": [_raw()], **more}
    return one.api.post("topics/", body)


def _status(path: str, client: Client | None = None) -> int:
    return int((client or Client()).get(path).status_code)


def _kept(shop: Shop) -> int:
    with in_programme(shop.programme):
        return Photo.objects.exclude(state=Photo.State.REMOVED).count()


def test_a_photo_stands_with_its_topic_and_goes_with_it(one: Talking, shop: Shop) -> None:
    topic = one.did(_said(one))["id"]
    (shown,) = one.told(topic)["photos"]
    answer = Client().get(shown["path"])
    assert answer["Content-Type"] == "image/jpeg"
    assert b"Secret camera" not in b"".join(answer)
    reply = one.did(
        one.api.post(
            f"topics/{topic}/replies/",
            {"member": one.join("Binh"), "text": "Lovely", "photos": [_raw(size=(300, 300))]},
        )
    )["id"]
    (beside,) = one.did(one.api.get(f"replies/{reply}/"))["photos"]
    assert _status(beside["path"]) == 200
    staff = ben(shop).get(f"/dashboard/cafe/discussions/topics/{topic}/").content.decode()
    assert shown["id"] in staff and beside["id"] in staff
    # Hidden, its photo is seen by staff and its sender alone; shown again, by everybody.
    one.did(one.decide_text(f"topics/{topic}", "hold"))
    assert _status(shown["path"]) == 404
    one.did(one.decide_text(f"topics/{topic}", "keep"))
    assert _status(shown["path"]) == 200
    assert _status(one.did(one.api.get(f"replies/{reply}/"))["photos"][0]["path"]) == 200
    assert one.api.delete(f"topics/{topic}/").status_code == 204
    assert (_status(shown["path"]), _status(beside["path"]), _kept(shop)) == (404, 404, 0)


def test_as_many_as_the_shop_allows_and_real_pictures_only(one: Talking, shop: Shop) -> None:
    settings = one.api.get("discussions/settings/")
    one.did(one.api.patch("discussions/settings/", {"most_photos": 1}, match="*"))
    assert settings.data["values"]["most_photos"] == 4
    bad = _said(one, photos=[_raw(), "bm90IGEgcGljdHVyZQ=="])
    assert (bad.status_code, bad.data["errors"][0]["pointer"]) == (400, "/photos/1")
    many = _said(one, photos=[_raw(), _raw(size=(300, 300))])
    assert (many.status_code, many.data["code"]) == (400, "too_many_photos")
    assert _kept(shop) == 0
    topic = one.did(_said(one))["id"]
    (first,) = one.told(topic)["photos"]
    over = one.api.patch(f"topics/{topic}/", {"photos": [_raw(size=(300, 300))]}, match="*")
    assert over.data["code"] == "too_many_photos"
    swapped = {"photos": [_raw(size=(300, 300))], "drop_photos": [first["id"]]}
    one.did(one.api.patch(f"topics/{topic}/", swapped, match="*"))
    (second,) = one.told(topic)["photos"]
    assert second["id"] != first["id"] and _status(first["path"]) == 404
    shops = one.api.post(f"topics/{topic}/replies/", {"text": "Ours", "photos": [_raw()]})
    assert (shops.status_code, shops.data["errors"][0]["pointer"]) == (400, "/photos")


def test_what_is_said_in_private_is_seen_in_private(one: Talking, shop: Shop) -> None:
    group = one.did(one.api.post("groups/", {"name": "Roasters", "is_private": True}))["id"]
    one.did(one.api.post(f"groups/{group}/members/", {"member": one.ana}))
    topic = one.did(_said(one, group=group))["id"]
    (shown,) = one.told(topic)["photos"]
    assert _status(shown["path"]) == 404
    other = one.join("Binh")
    with in_programme(shop.programme):
        shop.member = Member.objects.get(public_id=other)
    binh = ana(shop)
    assert _status(shown["path"], binh) == 404
    one.did(one.api.post(f"groups/{group}/members/", {"member": other}))
    assert _status(shown["path"], binh) == 200


def test_a_member_sends_photos_with_a_form_and_is_forgotten_with_them(
    one: Talking, shop: Shop
) -> None:
    with in_programme(shop.programme):
        shop.member = Member.objects.get(public_id=one.ana)
    client = ana(shop)
    sent = {"kind": "topic", "title": "Cups", "text": "", "photos": BytesIO(photo())}
    made = client.post("/p/cafe/community/new/", sent)
    assert made.status_code == 302, made.content.decode()
    page = client.get(made["Location"]).content.decode()
    assert "than-photos" in page
    wrong = client.post(
        made["Location"], {"act": "reply", "text": "No", "photos": BytesIO(b"no picture")}
    )
    assert wrong.status_code == 422 and _kept(shop) == 1
    assert 'enctype="multipart/form-data"' in page and "Add photos" in page
    edit = {"act": "edit", "title": "Cups", "text": "Two"}
    more = BytesIO(photo(size=(300, 300)))
    assert client.post(made["Location"], {**edit, "photos": more}).status_code == 302
    assert _kept(shop) == 2
    client.post(made["Location"], {"act": "reply", "text": "And"})
    (reply,) = one.did(one.api.get(f"topics/{made['Location'].split('/')[-2]}/replies/"))["data"]
    change = {"act": "edit-reply", "reply": reply["id"], "text": "And this"}
    client.post(made["Location"], {**change, "photos": BytesIO(photo(size=(200, 200)))})
    assert _kept(shop) == 3
    refused = client.post(made["Location"], {**edit, "photos": BytesIO(b"none")}, follow=True)
    assert _kept(shop) == 3 and "picture" in refused.content.decode()
    erase_member(shop.call(), member=one.ana)
    assert _kept(shop) == 0
    assert Api(one.api.key).get("topics/").status_code == 200
