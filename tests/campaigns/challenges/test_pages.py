"""Challenges as pages: the member's own, a badge for everybody, the member's page in the dashboard."""

from __future__ import annotations

from django.test import Client

from campaigns.challenges.services import create_badge
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from tests.campaigns.challenges.challenges_of import badges, balance, buy, mission, status, streak
from tests.world import Shop


def _ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
    with in_programme(shop.programme):
        shop.member.user = user
        shop.member.save()
    client = Client()
    client.force_login(user)
    return client


def test_a_member_sees_progress_checks_in_and_shares_a_badge(shop: Shop) -> None:
    badge = create_badge(shop.call(), name_vi="Khách quen", name_en="Regular").id
    mission(shop, target=1, badge=badge, leaderboard=True)
    streak(shop, activity_types=["check_in"], points_each=1)
    buy(shop)
    assert badges(shop) == [badge]
    client, page = _ana(shop), "/p/cafe/challenges/"
    assert "Three visits" in client.get(page).content.decode()
    assert client.get("/p/cafe/").status_code == 200
    for _twice in range(2):
        answer = client.post(page, {"act": "check_in", "form_key": f"k{_twice}"})
        assert answer.status_code == 302
    assert balance(shop) == 1
    award = status(shop, f"badge:{badge}")
    assert award
    with in_programme(shop.programme):
        held = shop.member.statuses.get(name=f"badge:{badge}").value
    visitor = Client()
    assert visitor.get(f"/p/cafe/badges/{badge}/{held}/").status_code == 200
    image = visitor.get(f"/p/cafe/badges/{badge}/{held}/image.png")
    assert (image["Content-Type"], image.content[:4]) == ("image/png", b"\x89PNG")
    assert visitor.get(f"/p/cafe/badges/{badge}/awd_nothing/").status_code == 404


def test_staff_see_where_a_member_stands(shop: Shop) -> None:
    mission(shop)
    streak(shop)
    buy(shop)
    client = Client()
    client.force_login(shop.staff.user)
    page = client.get(f"/dashboard/cafe/members/{shop.member.public_id}/")
    assert page.status_code == 200
    assert "Three visits" in page.content.decode()
