"""Rewards reserved for a level: shown locked to others, refused at the till, opened by the level."""

from __future__ import annotations

from typing import Any

from django.test import Client

from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.tiers.levels.ladder_of import Ladder, gold
from tests.world import Shop

GOLDEN = [{"fact": "level", "op": "in", "value": ["gold"]}]


def _reserved(ladder: Ladder, **more: Any) -> str:
    body = {
        "name_vi": "Bàn bên cửa sổ",
        "name_en": "The table by the window",
        "kind": "gift",
        "costs": [{"asset": "points", "amount": 5}],
        "audience": GOLDEN,
        **more,
    }
    reward = ladder.did(ladder.api.post("rewards/", body))["id"]
    ladder.did(ladder.api.post(f"rewards/{reward}/publish/"))
    return str(reward)


def test_reserved_for_a_level(ladder: Ladder) -> None:
    ladder.points(points=1, per_minor=1_000)
    ladder.levels(gold([{"spend_minor": 100_000}]))
    reward, member = _reserved(ladder), ladder.join()
    ladder.buy(member, 50_000)
    (offer,) = ladder.did(ladder.api.get(f"members/{member}/rewards/"))
    assert (offer["blocked"], offer["affordable"]) == ("reserved", False)
    assert offer["reserved_for"] == "level “Gold”"
    body = {"member": member, "reward": reward}
    refused = ladder.api.post("redemptions/", body)
    assert (refused.status_code, refused.data["code"]) == (422, "reward_reserved")
    assert ladder.has(member) == 50
    ladder.buy(member, 50_000)
    (offer,) = ladder.did(ladder.api.get(f"members/{member}/rewards/"))
    assert (offer["blocked"], offer["affordable"]) == ("", True)
    assert ladder.did(ladder.api.post("redemptions/", body))["state"] == "issued"


def test_a_condition_that_makes_no_sense_is_refused_by_name(ladder: Ladder) -> None:
    for audience, code in (
        ([{"fact": "karma", "op": "eq", "value": 1}], "unknown_fact"),
        ([{"fact": "sale.total_minor", "op": "gte", "value": 1}], "not_of_members"),
        ([{"fact": "level"}], "bad_condition"),
    ):
        body = {"name_vi": "Quà", "kind": "gift", "audience": audience}
        refused = ladder.api.post("rewards/", body)
        assert refused.status_code == 400
        assert refused.data["errors"][0]["code"] == code
        assert refused.data["errors"][0]["pointer"].startswith("/audience/0")


def test_the_owner_reserves_it_in_the_dashboard_and_a_member_sees_it_locked(
    ladder: Ladder, shop: Shop
) -> None:
    ladder.levels(gold([{"spend_minor": 100_000}]))
    reward = _reserved(ladder, audience=[])
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(shop.staff.user)
    address = f"/dashboard/{shop.programme.slug}/rewards/{reward}/"
    page = browser.get(f"{address}edit/")
    form = page.context["form"]
    choices = {str(label): value for value, label in form.fields["reserved"].choices}
    assert list(choices) == ["Nobody: for all", "From level “Gold” on"]
    typed = {name: value for name, value in form.initial.items() if value is not None}
    typed |= {"reserved": choices["From level “Gold” on"], "skus": "", "categories": ""}
    typed["revision"] = typed.get("revision", "")
    done = browser.post(f"{address}edit/", {name: str(value) for name, value in typed.items()})
    assert done.status_code == 302, done.context["form"].errors
    ladder.did(ladder.api.post(f"rewards/{reward}/publish/"))
    assert ladder.did(ladder.api.get(f"rewards/{reward}/"))["audience"] == GOLDEN
    assert "level “Gold”" in browser.get(address).content.decode()
    with in_programme(shop.programme):
        user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    portal = Client(headers={"accept-language": "en"})
    portal.force_login(user)
    shown = portal.get(f"/p/{shop.programme.slug}/rewards/").content.decode()
    assert "level “Gold”" in shown
    assert "Get it for" not in shown
