"""The community in the portal and the dashboard, as people click it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.community.discussions.talks_of import Talking
from tests.community.reviews.test_pages import client_of, text_of
from tests.world import Shop

HOME = "/p/cafe/community/"


@pytest.fixture
def one(shop: Shop) -> Talking:
    return Talking(shop)


@pytest.fixture
def ana(shop: Shop, one: Talking) -> Client:
    return client_of(shop, one.ana, "ana")


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


def test_from_an_idea_to_the_shops_word(one: Talking, shop: Shop, ana: Client, ben: Client) -> None:
    binh = client_of(shop, one.join("Binh"), "binh")
    values = {"kind": "idea", "title": "<b>Oat milk</b>", "text": "<script>1</script>", "group": ""}
    sent = ana.post(f"{HOME}new/", values)
    assert sent.status_code == 302, text_of(sent)
    page = sent["Location"]
    shown = binh.get(page)
    assert "<script>1" not in shown.content.decode()
    assert "<b>Oat milk</b>" in text_of(binh.get(HOME)) or "Oat milk" in text_of(binh.get(HOME))
    binh.post(page, {"act": "vote"})
    assert "You want this · 1" in text_of(binh.get(page))
    binh.post(page, {"act": "reply", "text": "With almonds too!"})
    assert "With almonds too!" in text_of(ana.get(page))
    staff = page.replace(HOME, "/dashboard/cafe/discussions/topics/")
    assert "Oat milk" in text_of(ben.get("/dashboard/cafe/discussions/"))
    assert "With almonds too!" in text_of(ben.get(staff))
    bad = ben.post(staff, {"act": "status", "status": "declined", "note": ""})
    assert bad.status_code == 422
    ben.post(staff, {"act": "status", "status": "planned", "note": "From May on"})
    ben.post(staff, {"act": "reply", "text": "We are trying three."})
    told = text_of(ana.get(page))
    assert "Planned" in told and "From May on" in told and "We are trying three." in told
    ana.post(page, {"act": "edit", "title": "Oat milk, please", "text": "x"})
    assert "Oat milk, please" in text_of(Client().get(page))
    assert binh.post(page, {"act": "withdraw"}).status_code == 404
    assert ana.post(page, {"act": "withdraw"}).status_code == 302
    assert ana.get(page).status_code == 404


def test_asking_and_choosing_the_best_answer(one: Talking, shop: Shop, ana: Client) -> None:
    binh = client_of(shop, one.join("Binh"), "binh")
    topic = one.topic("How do I descale?")
    page = f"{HOME}{topic}/"
    empty = binh.post(page, {"act": "reply", "text": ""})
    assert empty.status_code == 422
    binh.post(page, {"act": "reply", "text": "Vinegar."})
    (row,) = one.did(one.api.get(f"topics/{topic}/replies/"))["data"]
    binh.post(page, {"act": "edit-reply", "reply": row["id"], "text": "Lemon."})
    ana.post(page, {"act": "best", "reply": row["id"]})
    told = text_of(ana.get(page))
    assert "Best answer" in told and "Lemon." in told
    assert "Report" in text_of(ana.get(f"/p/cafe/report/reply/{row['id']}/"))
    binh.post(page, {"act": "withdraw-reply", "reply": row["id"]})
    assert "Lemon." not in text_of(ana.get(page))


def test_a_closed_community_is_not_in_the_tabs(one: Talking, ana: Client) -> None:
    assert HOME in ana.get("/p/cafe/").content.decode()
    one.talk_settings(is_open=False)
    assert f'href="{HOME}"' not in ana.get("/p/cafe/").content.decode()
    one.talk_settings(public_read=False)
    assert Client().get(HOME).status_code == 302


def test_groups_are_made_joined_and_kept(one: Talking, ana: Client, ben: Client) -> None:
    new = "/dashboard/cafe/discussions/groups/new/"
    assert ben.get(new).status_code == 200
    sent = ben.post(new, {"name": "Brewers", "about": "By hand", "join": "approval"})
    assert sent.status_code == 302, text_of(sent)
    (group,) = one.did(one.api.get("groups/"))["data"]
    page = f"{HOME}groups/{group['id']}/"
    assert "Ask to come in" in text_of(ana.get(page))
    ana.post(page, {"act": "join"})
    assert "You asked to come in" in text_of(ana.get(page))
    door = ben.get("/dashboard/cafe/discussions/groups/")
    assert "At the door" in text_of(door)
    (row,) = one.did(one.api.get(f"groups/{group['id']}/members/"))["data"]
    ben.post("/dashboard/cafe/discussions/groups/", {"membership": row["id"], "act": "in"})
    values = {"kind": "topic", "title": "V60", "text": "", "group": group["id"]}
    assert ana.post(f"{HOME}new/", values).status_code == 302
    assert "V60" in text_of(ana.get(page))
    edit = f"/dashboard/cafe/discussions/groups/{group['id']}/"
    form = {"name": "Brewers", "about": "", "join": "approval", "is_private": "on"}
    assert ben.post(edit, {**form, "revision": "1"}).status_code == 302
    assert "V60" not in text_of(Client().get(page))
    assert "V60" not in text_of(Client().get(HOME))
    ana.post(page, {"act": "leave"})
    assert "V60" not in text_of(ana.get(page))


def test_settings_and_the_name_others_see(one: Talking, ana: Client, ben: Client) -> None:
    page = "/dashboard/cafe/discussions/settings/"
    values = {
        "looked_at": "before",
        "edit_hours": "2",
        "former": "remove",
        "revision": "1",
        "most_photos": "2",
    }
    assert ben.post(page, {**values, "is_open": "on"}).status_code == 302
    kept = one.did(one.api.get("discussions/settings/"))["values"]
    assert (kept["edit_hours"], kept["is_open"], kept["ideas_open"]) == (2, True, False)
    ana.post(HOME, {"act": "name", "name": "Bean lover"})
    assert "Bean lover" in ana.get(HOME).content.decode()
