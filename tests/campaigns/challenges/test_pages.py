"""Challenges as pages: the member's own, a badge for everybody, the member's page in the dashboard."""

from __future__ import annotations

import re

from django.test import Client

from campaigns.challenges.models import Badge, Streak
from campaigns.challenges.rules.codes import code_at
from campaigns.challenges.services import create_badge
from loyalty.common.clock import now
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from rewards.points.services.settings import change_settings
from tests.campaigns.challenges.challenges_of import badges, balance, buy, mission, status, streak
from tests.forms import form_values
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
    assert 'value="check_in"' in client.get(page).content.decode()
    for _twice in range(2):
        answer = client.post(page, {"act": "check_in", "form_key": f"k{_twice}"})
        assert answer.status_code == 302
    assert balance(shop) == 1
    checked = client.get(page).content.decode()
    assert 'value="check_in"' not in checked, "once a day is all there is"
    award = status(shop, f"badge:{badge}")
    assert award
    with in_programme(shop.programme):
        held = shop.member.statuses.get(name=f"badge:{badge}").value
    visitor, address = Client(), f"/p/cafe/badges/{badge}/{held}/"
    assert visitor.get(address).status_code == 200
    assert "earned on" not in visitor.get(address).content.decode(), "initials alone, no day"
    mine = client.get(address).content.decode()
    assert "earned on" in mine and f'data-share-link="http://testserver{address}"' in mine
    client.post(page, {"act": "name", "name": "Ana B.", "form_key": "name"})
    told = visitor.get(address).content.decode()
    assert "Ana B." in told and "earned on" in told and "data-share" not in told
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


def test_the_owner_sets_a_streak_up_in_rows(shop: Shop) -> None:
    badge = create_badge(shop.call(), name_vi="Bảy ngày").id
    client = Client()
    client.force_login(shop.staff.user)
    page = "/dashboard/cafe/rules/new/challenges.streak/"
    asked = client.get(page).content.decode()
    assert 'name="steps-0-badge"' in asked
    offered = set(re.findall(r'name="activity_types" value="([^"]+)"', asked))
    assert {"purchase", "check_in", "visit", "event.attended"} <= offered
    by_itself = {"member.birthday", "member.joined", "referral.qualified", "contest.won"}
    assert not offered & by_itself, "nobody has a birthday by will"
    typed = {
        "name": "Mỗi ngày",
        "unit": "day",
        "activity_types": ["check_in", "purchase"],
        "activity_types_more": "run",
        **dict.fromkeys(("points_each", "points_days", "cycle"), "0"),
        **dict.fromkeys(("freezes_first", "freeze_every", "freezes_most"), "0"),
        "steps-0-at": "3",
        "steps-0-points": "5",
        "steps-1-at": "",
        "steps-2-at": "7",
        "steps-2-badge": badge,
        "priority": "0",
        "holdout_bp": "0",
    }
    answer = client.post(page, typed)
    assert answer.status_code == 302, answer.content.decode()
    with in_programme(shop.programme):
        row = Streak.objects.get()
        assert row.activity_types == ["check_in", "purchase", "run"]
        assert row.steps == [{"at": 3, "points": 5}, {"at": 7, "badge": badge}]
    edit = f"/dashboard/cafe/rules/{row.public_id}/edit/"
    again = client.post(edit, {**typed, "steps-0-points": "6", "revision": str(row.revision)})
    assert again.status_code == 302, again.content.decode()
    with in_programme(shop.programme):
        row.refresh_from_db()
        assert row.steps == [{"at": 3, "points": 6}, {"at": 7, "badge": badge}]
    # Its page says it in words, and leads back to the challenges.
    english = {"accept-language": "en"}
    said = client.get(f"/dashboard/cafe/rules/{row.public_id}/", headers=english).content.decode()
    assert "a check-in, a purchase, run" in said
    assert "so many in a row 3, points 6; so many in a row 7, badge Bảy ngày" in said
    assert 'href="/dashboard/cafe/challenges/"><svg' in said.split("<h1")[0]
    empty = {**typed, "activity_types": [], "activity_types_more": ""}
    nothing = client.post(page, empty, headers=english)
    assert "Say which activities count." in nothing.content.decode()


def test_a_streak_of_birthdays_stays_one(shop: Shop) -> None:
    """Written over the API, it is kept by whoever changes something else of it."""
    kept = streak(shop, activity_types=["member.birthday"], points_each=1).rule
    client = Client()
    client.force_login(shop.staff.user)
    edit = f"/dashboard/cafe/rules/{kept}/edit/"
    typed = form_values(client.get(edit).content.decode()) | {"points_each": "2"}
    assert client.post(edit, typed).status_code == 302
    with in_programme(shop.programme):
        newest = Streak.objects.get(points_each=2)
    assert newest.activity_types == ["member.birthday"]


def test_a_mission_says_which_of_its_fields_may_stay_empty(shop: Shop) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    page = client.get("/dashboard/cafe/rules/new/challenges.mission/").content.decode()
    (activity,) = re.findall(r'<input[^>]*name="activity_type"[^>]*>', page)
    assert 'data-when="counts=visits places times amount things"' in activity
    assert 'data-needed="counts=times amount things"' in activity
    label = page.split('for="id_activity_type"')[1].split("</label>")[0]
    assert "optional" in label, "the script takes the word away where it must be given"


def test_staff_see_who_stands_where_and_draw_badges(shop: Shop) -> None:
    visits = mission(shop)
    days = streak(shop, freezes_most=2)
    for _twice in range(2):
        buy(shop)
    client = Client()
    client.force_login(shop.staff.user)
    home = "/dashboard/cafe/challenges/"
    assert "Three visits" in client.get(home).content.decode()
    standing = client.get(f"{home}{visits.rule}/").content.decode()
    assert shop.member.name in standing
    assert "2 / 3" in standing
    assert shop.member.name in client.get(f"{home}{days.rule}/").content.decode()
    badge = {"name_vi": "Sành cà phê", "shape": "cup", "colour": "#b45309"}
    client.post(f"{home}badges/new/", badge)
    with in_programme(shop.programme):
        made = Badge.objects.get()
    changed = {**badge, "shape": "leaf", "is_retired": "on"}
    assert client.post(f"{home}badges/{made.public_id}/", changed).status_code == 302
    with in_programme(shop.programme):
        made.refresh_from_db()
        assert (made.shape, made.is_retired, made.revision) == ("leaf", True, 2)
    assert Client().get(f"/p/cafe/medals/{made.public_id}.png").content[:4] == b"\x89PNG"
    freezes = f"/dashboard/cafe/members/{shop.member.public_id}/freezes/"
    given = {"streak": days.rule, "freezes": "2", "reason": "Mất điện cả ngày"}
    assert client.post(freezes, given).status_code == 302
    assert status(shop, f"streak:{days.rule}")["freezes"] == 2
    client.post(freezes, given)
    assert status(shop, f"streak:{days.rule}")["freezes"] == 2, "never more than one may have"


def test_a_customer_scans_the_code_at_the_counter(shop: Shop) -> None:
    streak(shop, activity_types=["check_in"], points_each=1, only_at_shop=True)
    with in_programme(shop.programme):
        shop.staff.location = shop.location
        shop.staff.save()
    till = Client()
    till.force_login(shop.staff.user)
    assert "check-in" in till.get("/till/cafe/").content.decode()
    code = code_at(shop.location.public_id, now())
    assert code in till.get("/till/cafe/check-in/").content.decode()
    ana = _ana(shop)
    ana.post("/p/cafe/challenges/", {"act": "check_in", "form_key": "a"})
    assert balance(shop) == 0, "from the sofa nothing counts"
    here = f"/p/cafe/check-in/{shop.location.public_id}/"
    ana.post(f"{here}000000/", {"form_key": "b"})
    assert balance(shop) == 0
    assert shop.location.name in ana.get(f"{here}{code}/").content.decode()
    for key in ("c", "d"):
        assert ana.post(f"{here}{code}/", {"form_key": key}).status_code == 302
    assert balance(shop) == 1
    assert ana.get("/p/cafe/check-in/loc_nowhere/1/").status_code == 404


def test_money_reads_as_money_and_a_name_is_asked_for_once(shop: Shop) -> None:
    change_settings(shop.call(), values={"name_vi": "sao", "name_en": "stars"})
    mission(shop, name="Spend", counts="spend", target=300_000, leaderboard=True, points=40)
    mission(shop, name="Come by", counts="visits", target=9, leaderboard=True)
    buy(shop, minor=165_000)
    page = _ana(shop).get("/p/cafe/challenges/").content.decode()
    assert "₫165,000 / ₫300,000" in page
    assert "40 stars" in page, "as the shop calls them"
    assert page.count("₫165,000") == 2, "in the mission and on its board"
    assert page.count('name="act" value="name"') == 1


def test_the_rules_promise_points_by_the_shops_own_word(shop: Shop) -> None:
    change_settings(shop.call(), values={"name_vi": "sao", "name_en": "stars"})
    mission(shop, name="Come by", target=3, points=40)
    mission(shop, name="Taste", counts="products", target=5, points_each=7)
    steps = [{"at": 3, "points": 25}]
    streak(shop, name="Every day", points_each=2, steps=steps)

    def read(language: str) -> str:
        answer = Client().get("/p/cafe/terms/", headers={"accept-language": language})
        return answer.content.decode()

    english, vietnamese = read("en"), read("vi")
    for points in (40, 7, 2, 25):
        assert f"{points} stars" in english
        assert f"{points} sao" in vietnamese
    assert "points more" not in english and "điểm nữa" not in vietnamese
