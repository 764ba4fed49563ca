"""Trials over the API, in the portal, at the till and in the dashboard."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.tiers.trials.trials_of import buy, later, now_of, person, results, take, trial
from tests.world import Shop
from tiers.trials.models import Taking
from tiers.trials.services import give_feedback, offer_trial
from tiers.trials.tasks import look_after_trials


def _text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


@pytest.fixture
def ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def _taking(shop: Shop) -> Taking:
    with in_programme(shop.programme):
        return Taking.objects.select_related("trial").get()


def test_over_the_api(shop: Shop) -> None:
    api = Api(make_key(shop))
    trial(shop, told_en="Cold, strong, slow.")
    who = {"member": shop.member.public_id, "trial": "cold-brew"}
    offers = api.get(f"members/{shop.member.public_id}/trials/").data
    assert [(one["code"], one["told"], one["is_invited"]) for one in offers] == [
        ("cold-brew", "Cold, strong, slow.", False)
    ]
    taken = api.post("trial-takings/", who)
    assert (taken.status_code, taken.data["state"], taken["ETag"]) == (201, "accepted", '"1"')
    again = api.post("trial-takings/", who)
    assert (again.status_code, again.data["code"]) == (409, "trial_taken")
    where = f"trial-takings/{taken.data['id']}/"
    assert api.post(f"{where}hand-over/").data["state"] == "given"
    wrong = api.post(f"{where}feedback/", {"stars": 6})
    assert (wrong.status_code, wrong.data["errors"][0]["pointer"]) == (400, "/stars")
    assert api.post(f"{where}feedback/", {"stars": 5, "comment": "Ngon"}).data["stars"] == 5
    buy(shop)
    found = api.get("trials/cold-brew/").data
    assert found["stock"] == 2
    assert found["results"] | {"asked": 1, "answered": 1} == found["results"]
    assert (found["results"]["bought"], found["results"]["stars_tenths"]) == (1, 50)
    listed = api.get(f"trial-takings/?trial=cold-brew&state=given&member={shop.member.public_id}")
    assert [one["comment"] for one in listed.data["data"]] == ["Ngon"]
    assert api.post(f"{where}return/", {"reason": "Nhầm"}).data["state"] == "returned"
    assert api.get("trials/").data[0]["results"]["left"] == 2


def test_the_last_one_is_told(shop: Shop) -> None:
    api = Api(make_key(shop))
    trial(shop, budget=1)
    take(shop)
    dan = person(shop, "Dan")
    refused = api.post("trial-takings/", {"member": dan.public_id, "trial": "cold-brew"})
    assert (refused.status_code, refused.data["code"]) == (422, "out_of_stock")
    assert refused.data["errors"][0]["pointer"] == "/trial"
    assert api.get(f"members/{dan.public_id}/trials/").data == []


def test_by_hand_over_the_api(shop: Shop) -> None:
    api = Api(make_key(shop))
    trial(shop, by_hand=True)
    who = {"member": shop.member.public_id, "trial": "cold-brew"}
    assert api.post("trial-takings/", who).data["code"] == "not_for_you"
    assert api.post("trial-takings/invitations/", who).data["state"] == "offered"
    assert api.get(f"members/{shop.member.public_id}/trials/").data[0]["is_invited"] is True
    assert api.post("trial-takings/", who).status_code == 201


def test_in_the_portal(shop: Shop, ana: Client) -> None:
    published = trial(shop, told_en="Cold, strong, slow.")
    home = _text(ana.get("/p/cafe/"))
    assert "Cold brew" in home and "Cold, strong, slow." in home
    page = "/p/cafe/trials/"
    assert "Try it free" in _text(ana.get(page))
    taken = ana.post(page, {"act": "take", "trial": published.rule}, follow=True)
    assert "set aside for you" in _text(taken)
    assert "Waits at the till" in _text(ana.get("/p/cafe/"))
    given_up = {"act": "give-up", "taking": _taking(shop).public_id}
    assert "Somebody else can have it" in _text(ana.post(page, given_up, follow=True))
    with in_programme(shop.programme):
        Taking.objects.all().delete()
    given = take(shop, hand_over=True)
    with later(4):
        look_after_trials()
        assert "What did you think of it?" in _text(ana.get("/p/cafe/"))
        none = ana.post(page, {"act": "feedback", "taking": given.id}, follow=True)
        assert "Choose one to five stars" in _text(none)
        sent = {"act": "feedback", "taking": given.id, "stars": "4", "comment": "<b>Hm</b>"}
        thanked = ana.post(page, sent, follow=True)
        assert "Thank you" in _text(thanked) and "<b>Hm</b>" not in thanked.content.decode()
    assert now_of(shop, given).stars == 4
    assert ana.post(page, {"act": "nonsense"}).status_code == 302


def test_nothing_private_of_others_in_the_portal(shop: Shop, ana: Client) -> None:
    trial(shop)
    dan = person(shop, "Dan")
    given = take(shop, dan, hand_over=True)
    give_feedback(shop.call(), taking=given.id, stars=1, comment="secret words")
    assert "secret words" not in _text(ana.get("/p/cafe/trials/"))
    stolen = {"act": "feedback", "taking": given.id, "stars": "5"}
    assert ana.post("/p/cafe/trials/", stolen).status_code == 404
    assert now_of(shop, given).stars == 1


def test_at_the_till(shop: Shop) -> None:
    user = User.objects.create_user("till@example.com", None, name="Till")
    with in_programme(shop.programme):
        Staff.objects.create(user=user, merchant=shop.merchant, role="cashier")
    cashier = Client(headers={"accept-language": "en"})
    cashier.force_login(user)
    published = trial(shop)
    member = f"/till/cafe/members/{shop.member.public_id}/"
    assert "Free to try" in _text(cashier.get(member))
    done = cashier.post(f"{member}trials/", {"trial": published.rule}, follow=True)
    assert "Hand it over: Cold brew" in _text(done)
    assert _taking(shop).state == "given"
    twice = cashier.post(f"{member}trials/", {"trial": published.rule}, follow=True)
    assert "has had it already" in _text(twice)
    dan = person(shop, "Dan")
    waiting = take(shop, dan)
    there = f"/till/cafe/members/{dan.public_id}/"
    assert "Set aside for them" in _text(cashier.get(there))
    cashier.post(f"{there}trials/", {"taking": waiting.id})
    assert now_of(shop, waiting).state == "given"


def test_in_the_dashboard(shop: Shop, ben: Client) -> None:
    assert "No trial yet" in _text(ben.get("/dashboard/cafe/trials/"))
    published = trial(shop, by_hand=True)
    member = f"/dashboard/cafe/members/{shop.member.public_id}/"
    assert "Invite to try" in _text(ben.get(member))
    ben.post(f"{member}trials/", {"act": "invite", "trial": published.rule})
    assert _taking(shop).state == "offered"
    given = take(shop, hand_over=True)
    give_feedback(shop.call(), taking=given.id, stars=4, comment="Hơi đắng")
    buy(shop)
    listed = _text(ben.get("/dashboard/cafe/trials/"))
    assert "Cold brew" in listed and "100%" in listed and "1 left" in listed
    page = _text(ben.get(f"/dashboard/cafe/trials/{published.rule}/"))
    assert "Hơi đắng" in page and "Ana" in page
    assert "Nobody here yet" in _text(
        ben.get(f"/dashboard/cafe/trials/{published.rule}/?state=lapsed")
    )
    ben.post(f"{member}trials/", {"act": "return", "taking": given.id, "reason": "Test"})
    assert results(shop).left == 2
    again = ben.post(f"{member}trials/", {"act": "return", "taking": given.id}, follow=True)
    assert "This is over" in _text(again)


def test_it_is_written_in_the_dashboard_with_plans_by_name(shop: Shop, ben: Client) -> None:
    page = ben.get("/dashboard/cafe/rules/new/trials.trial/")
    assert page.status_code == 200 and "How many there are" in _text(page)


def test_the_terms_say_what_can_be_tried(shop: Shop) -> None:
    trial(shop)
    trial(shop, code="secret", name="Secret", by_hand=True)
    page = _text(Client().get("/p/cafe/terms/", headers={"accept-language": "en"}))
    assert "“Cold brew”: one free for each member to try" in page
    assert "Secret" not in page
    vietnamese = _text(Client().get("/p/cafe/terms/", headers={"accept-language": "vi"}))
    assert "mỗi thành viên một phần dùng thử miễn phí" in vietnamese


def test_an_invitation_stands_out(shop: Shop, ana: Client) -> None:
    trial(shop, by_hand=True)
    assert "Cold brew" not in _text(ana.get("/p/cafe/trials/"))
    offer_trial(shop.call(), member=shop.member.public_id, trial="cold-brew")
    assert "For you" in _text(ana.get("/p/cafe/trials/"))
