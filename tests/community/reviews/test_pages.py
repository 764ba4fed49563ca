"""Reviews in the portal and the dashboard, as people click them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.community.reviews.reviews_of import Reviewing, b64, picture
from tests.world import Shop


def text_of(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def client_of(shop: Shop, member: str, name: str) -> Client:
    user = User.objects.create_user(f"{name}@example.com", None, name=name)
    with in_programme(shop.programme):
        Member.objects.filter(public_id=member).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def one(shop: Shop) -> Reviewing:
    return Reviewing(shop)


@pytest.fixture
def ana(shop: Shop, one: Reviewing) -> Client:
    return client_of(shop, one.ana, "ana")


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


def test_from_the_invitation_to_the_answer(one: Reviewing, ana: Client, ben: Client) -> None:
    one.buy()
    assert "Rate what you bought" in text_of(ana.get("/p/cafe/"))
    page = f"/p/cafe/reviews/{one.products['coffee']}/"
    assert "How many stars?" in text_of(ana.get(page))
    photo = SimpleUploadedFile("me.jpg", picture(), "image/jpeg")
    words = "<script>alert(1)</script> Strong."
    sent = ana.post(page, {"act": "write", "stars": "4", "text": words, "photos": [photo]})
    assert sent.status_code == 302
    shown = Client(headers={"accept-language": "en"}).get(page)
    assert "<script>alert(1)" not in shown.content.decode()
    assert "alert(1)" in text_of(shown) and "Verified purchase" in text_of(shown)
    src = re.search(r'src="(/p/cafe/photos/[^"]+)"', shown.content.decode())
    assert src and Client().get(src[1])["Content-Type"] == "image/jpeg"
    (review,) = one.did(one.api.get("reviews/"))["data"]
    staff = f"/dashboard/cafe/reviews/{review['id']}/"
    assert "Strong." in text_of(ben.get("/dashboard/cafe/reviews/"))
    assert ben.post(staff, {"text": "Thank you, Ana!"}).status_code == 302
    assert "Thank you, Ana!" in text_of(ana.get(page))
    assert "Rate what you bought" not in text_of(ana.get("/p/cafe/"))
    assert "Iced coffee" in text_of(ana.get("/p/cafe/reviews/"))
    gone = ana.post(page, {"act": "withdraw", "review": review["id"]})
    assert gone.status_code == 302
    assert one.rating()["count"] == 0


def test_a_photo_that_is_none_is_named(one: Reviewing, ana: Client) -> None:
    one.buy()
    page = f"/p/cafe/reviews/{one.products['coffee']}/"
    bad = SimpleUploadedFile("me.jpg", b"MZ not a picture", "image/jpeg")
    sent = ana.post(page, {"act": "write", "stars": "4", "text": "x", "photos": [bad]})
    assert sent.status_code == 422
    assert 'id="id_photos_error"' in sent.content.decode()
    assert "no picture we can read" in text_of(sent)


def test_members_touch_only_their_own(one: Reviewing, shop: Shop, ana: Client) -> None:
    one.settings(who="all")
    binh = one.join("Binh")
    theirs = one.wrote(member=binh, photos=[b64(picture())])
    page = f"/p/cafe/reviews/{one.products['coffee']}/"
    assert ana.post(page, {"act": "withdraw", "review": theirs}).status_code == 404
    ana.post(page, {"act": "helpful", "review": theirs})
    assert one.read(theirs)["helpful"] == 1
    report = f"/p/cafe/report/review/{theirs}/"
    assert "Report something" in text_of(ana.get(report))
    assert ana.post(report, {"reason": "rude", "note": "", "block": "on"}).status_code == 302
    assert "Strong and cold" not in text_of(ana.get(page)), "Ana does not read Binh any more"
    assert "Whom I do not read" in text_of(ana.get("/p/cafe/profile/"))
    ana.post("/p/cafe/blocks/", {"act": "unblock", "other": binh})
    assert "Strong and cold" in text_of(ana.get(page))


def test_held_photos_are_for_staff_and_their_sender(
    one: Reviewing, shop: Shop, ana: Client, ben: Client
) -> None:
    one.settings(looked_at="before")
    one.buy()
    review = one.wrote(photos=[b64(picture())])
    (photo,) = one.read(review)["photos"]
    assert Client().get(photo["path"]).status_code == 404
    assert ana.get(photo["path"]).status_code == 200
    queue = ben.get("/dashboard/cafe/moderation/")
    assert "Strong and cold" in text_of(queue)
    assert ben.get(f"/dashboard/cafe/moderation/photos/{photo['id']}/").status_code == 200
    (case,) = one.did(one.api.get("moderation/cases/?state=open"))["data"]
    ben.post(f"/dashboard/cafe/moderation/cases/{case['id']}/", {"verdict": "keep"})
    assert Client().get(photo["path"]).status_code == 200
    ben.post(f"/dashboard/cafe/moderation/photos/{photo['id']}/", {})
    assert Client().get(photo["path"]).status_code == 404
    assert "Nothing waits" in text_of(ben.get("/dashboard/cafe/moderation/"))


def test_reading_may_be_for_members_alone(one: Reviewing, ana: Client) -> None:
    one.settings(public_read=False)
    page = f"/p/cafe/reviews/{one.products['coffee']}/"
    assert Client().get(page).status_code == 302
    assert ana.get(page).status_code == 200


def test_one_address_is_slowed_down(one: Reviewing, shop: Shop, ana: Client) -> None:
    one.buy()
    one.did(one.api.patch("moderation/settings/", {"per_hour": 1_000}, match="*"))
    page = f"/p/cafe/reviews/{one.products['coffee']}/"
    answers = [ana.post(page, {"act": "write", "stars": "4", "text": "x"}) for _n in range(45)]
    assert [one.status_code for one in answers].count(302) == 40
    assert "wait a minute" in text_of(answers[-1])


def test_settings_are_kept(one: Reviewing, ben: Client) -> None:
    page = "/dashboard/cafe/reviews/settings/"
    values = {"who": "all", "looked_at": "before", "edit_days": "7", "most_photos": "0"}
    sent = ben.post(page, {**values, "former": "remove", "revision": "1"})
    assert sent.status_code == 302
    kept = one.did(one.api.get("reviews/settings/"))["values"]
    assert (kept["who"], kept["edit_days"], kept["public_read"]) == ("all", 7, False)
    page = "/dashboard/cafe/moderation/settings/"
    values = {"words": "spam, đồ dởm", "links": "refuse", "per_hour": "9", "hide_after": "0"}
    assert ben.post(page, {**values, "revision": "1"}).status_code == 302
    kept = one.did(one.api.get("moderation/settings/"))["values"]
    assert (kept["words"], kept["per_hour"]) == (["spam", "đồ dởm"], 9)
