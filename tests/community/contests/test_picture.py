"""The picture of a contest: the shop's own, a draft's for staff alone, no part of the rules."""

from __future__ import annotations

import base64
from io import BytesIO

from django.test import Client

from community.contests.services import create_contest
from loyalty.tenancy.scope import in_programme
from members.moderation.models import Photo
from tests.api import Api, make_key
from tests.community.contests.test_contests import contest_of
from tests.community.events.test_pages import ben, photo
from tests.forms import form_values
from tests.world import Shop


def drafted(shop: Shop) -> str:
    """A contest nobody sees yet."""
    return create_contest(shop.call(), contest=contest_of()).contest


def _pictures(shop: Shop, contest: str) -> list[Photo]:
    with in_programme(shop.programme):
        rows = Photo.objects.filter(subject=contest).exclude(state=Photo.State.REMOVED)
        return list(rows)


def test_a_draft_shows_its_picture_to_staff_and_published_to_everybody(shop: Shop) -> None:
    client, contest = ben(shop), drafted(shop)
    edit = f"/dashboard/cafe/contests/{contest}/edit/"
    values = form_values(client.get(edit).content.decode())
    wrong = client.post(edit, {**values, "picture": BytesIO(b"no picture at all")})
    assert wrong.status_code == 422 and not _pictures(shop, contest)
    sent = client.post(edit, {**values, "picture": BytesIO(photo())})
    assert sent.status_code == 302, sent.content.decode()
    (kept,) = _pictures(shop, contest)
    visitor = Client()
    assert visitor.get(f"/p/cafe/photos/{kept.public_id}/").status_code == 404
    page = f"/dashboard/cafe/contests/{contest}/"
    assert kept.public_id in client.get(page).content.decode()
    client.post(page, {"act": "publish"})
    shown = visitor.get(f"/p/cafe/photos/{kept.public_id}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert b"Secret camera" not in b"".join(shown)
    for address in ("/p/cafe/contests/", f"/p/cafe/contests/{contest}/"):
        assert kept.public_id in visitor.get(address).content.decode()
    # Published, its rules stand; a picture may still go and another one come.
    client.post(page, {"act": "no_picture"})
    assert not _pictures(shop, contest)
    client.post(page, {"act": "picture", "picture": BytesIO(photo(size=(400, 400)))})
    (other,) = _pictures(shop, contest)
    assert visitor.get(f"/p/cafe/photos/{other.public_id}/").status_code == 200
    refused = client.post(page, {"act": "picture"}, follow=True)
    assert "Choose a picture." in refused.content.decode()
    assert [one.pk for one in _pictures(shop, contest)] == [other.pk]


def test_a_contests_picture_over_the_api(shop: Shop, other_shop: Shop) -> None:
    api, contest = Api(make_key(shop)), drafted(shop)
    sent = {"picture": base64.b64encode(photo(size=(300, 200))).decode()}
    done = api.post(f"contests/{contest}/picture/", sent)
    assert done.status_code == 200, done.data
    assert done.data["picture"]["path"].startswith("/p/cafe/photos/")
    again = api.post(f"contests/{contest}/picture/", sent)
    assert again.data["picture"] == done.data["picture"], "the same picture stays"
    listed = api.get("contests/").data["data"][0]
    assert listed["picture"] == done.data["picture"]
    bad = api.post(f"contests/{contest}/picture/", {"picture": "bm90IGEgcGljdHVyZQ=="})
    assert (bad.status_code, bad.data["errors"][0]["pointer"]) == (400, "/picture")
    theirs = Api(make_key(other_shop)).post(f"contests/{contest}/picture/", sent)
    assert theirs.status_code == 404
    assert api.post(f"contests/{contest}/picture/", {"picture": None}).data["picture"] is None
