"""Pictures of events: looked at by decoding them, kept once, shown to whom the event is shown."""

from __future__ import annotations

import base64
from datetime import timedelta
from importlib import import_module
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from community.events.models import Event
from community.events.services import set_picture
from loyalty.common.clock import now
from loyalty.common.errors import Invalid
from loyalty.tenancy.scope import in_programme
from loyalty.web.photos import keep_photo, redraw
from members.moderation.models import Photo
from tests.api import Api, make_key
from tests.community.events.events_of import (
    published,
)
from tests.community.events.test_pages import ana, ben, photo
from tests.world import Shop

SCRIPT = "<script>alert('x')</script>"


def test_a_picture_is_written_anew_without_what_the_camera_kept(shop: Shop) -> None:
    event = published(shop)
    set_picture(shop.call(), event=event, picture=keep_photo(photo(), field="picture"))
    client = ana(shop)
    page = client.get(f"/p/cafe/events/{event}/").content.decode()
    address = page.split('than-event-picture" src="')[1].split('"')[0]
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert b"Secret camera" not in answer.content
    with Image.open(BytesIO(answer.content)) as image:
        assert image.size == (1_600, 800) and not image.getexif()


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a...", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 broken", b"%PDF-1.4"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as error:
        redraw(data, field="photo")
    assert error.value.code == "not_a_picture"


def test_half_a_picture_is_none_also_beside_what_makes_pdf_files() -> None:
    import_module("weasyprint")  # it lets half files pass for the whole process
    with pytest.raises(Invalid) as error:
        redraw(photo()[:9_000], field="photo")
    assert error.value.code == "not_a_picture"


def test_a_bad_picture_leaves_no_draft_behind(shop: Shop) -> None:
    staff, starts = ben(shop), now() + timedelta(days=5)
    form = {
        "title_en": "Latte class",
        "place": "Hiên",
        "starts_at": starts.strftime("%Y-%m-%dT10:00"),
        "ends_at": starts.strftime("%Y-%m-%dT12:00"),
    }
    page = "/dashboard/cafe/events/new/"
    bad = staff.post(page, {**form, "picture": BytesIO(b"no picture")})
    assert bad.status_code == 422 and "no picture we can read" in bad.content.decode()
    with in_programme(shop.programme):
        assert not Event.objects.exists()
    made = staff.post(page, {**form, "picture": BytesIO(photo())})
    assert made.status_code == 302
    assert "than-event-picture" in staff.get(made["Location"]).content.decode()
    with in_programme(shop.programme):
        assert Event.objects.count() == 1
        kept = Photo.objects.get()
    address = f"/p/cafe/photos/{kept.public_id}/"
    assert Client().get(address).status_code == 404, "a draft's picture is nobody's to see"
    staff.post(made["Location"], {"act": "publish"})
    assert Client().get(address).status_code == 200


def test_a_picture_over_the_api(shop: Shop) -> None:
    api, event = Api(make_key(shop)), published(shop)
    path = f"community/events/{event}/picture/"
    bad = api.post(path, {"picture": base64.b64encode(b"none").decode()})
    assert (bad.status_code, bad.data["errors"][0]["pointer"]) == (400, "/picture")
    sent = {"picture": base64.b64encode(photo()).decode()}
    first = api.post(path, sent).data["picture"]
    assert api.post(path, sent).data["picture"]["id"] == first["id"], "the same one is kept"
    assert Client().get(first["path"])["Content-Type"] == "image/jpeg"
    assert api.post(path, {"picture": None}).data["picture"] is None
    assert Client().get(first["path"]).status_code == 404


def test_a_picture_that_claims_to_be_huge_is_refused() -> None:
    file = BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    with pytest.raises(Invalid):
        redraw(file.getvalue(), field="photo")
