"""The pages: the ladder and its editor, who moves, a level by hand, the portal, the till, the terms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from loyalty.common.clock import now
from loyalty.engine.models import MemberStatus
from loyalty.insight.preview import preview
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.tiers.levels.ladder_of import Ladder, gold, night, on
from tests.world import Shop
from tiers.levels.models import Ladder as LadderRow

RICH = gold(
    [{"spend_minor": 1_000_000}],
    keep=[{"spend_minor": 500_000}],
    factor_bp=15_000,
    discount_bp=500,
    free_delivery=True,
)


@pytest.fixture
def browser(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


def _home(shop: Shop) -> str:
    return f"/dashboard/{shop.programme.slug}"


def _read(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def _typed(**more: Any) -> dict[str, Any]:
    return {
        "name": "Our levels",
        "window_kind": "calendar",
        "rise": "at_once",
        "fall": "earned",
        "after_refund": "at_once",
        "grace_count": "0",
        "grace_unit": "month",
        "visits_a_day": "1",
        "counts_bonus": "on",
        "asset": "points",
        "levels-0-name_vi": "Thành viên",
        "levels-0-name_en": "Member",
        "levels-1-name_vi": "Vàng",
        "levels-1-name_en": "Gold",
        "levels-1-enter0_spend_minor": "1000000",
        "levels-1-enter1_visits": "20",
        "levels-1-keep0_spend_minor": "500000",
        "levels-1-keep1_visits": "10",
        "levels-1-factor_bp": "1.5",
        "levels-1-discount_bp": "5",
        "levels-1-early_access": "on",
        "levels-2-name_vi": "",
        **more,
    }


def test_an_owner_writes_changes_and_publishes_a_ladder(browser: Client, shop: Shop) -> None:
    home = _home(shop)
    assert "New ladder" in _read(browser.get(f"{home}/levels/new/"))
    done = browser.post(f"{home}/levels/new/", _typed(), follow=True)
    page = _read(done)
    assert "Who moves when this is published" in page
    assert "₫1,000,000 spent or 20 visits" in page
    with in_programme(shop.programme):
        row = LadderRow.objects.get()
    assert row.levels == [
        {"code": "member", "name_vi": "Thành viên", "name_en": "Member", "enter": []},
        {
            "code": "gold",
            "name_vi": "Vàng",
            "name_en": "Gold",
            "enter": [{"spend_minor": 1_000_000}, {"visits": 20}],
            "keep": [{"spend_minor": 500_000}, {"visits": 10}],
            "factor_bp": 15_000,
            "discount_bp": 500,
            "early_access": True,
        },
    ]
    address = f"{home}/levels/{row.public_id}/"
    assert "live" in _read(browser.post(address, {"act": "publish"}, follow=True)).lower()
    edit = _read(browser.get(f"{address}edit/"))
    assert 'value="1000000"' in edit or "1,000,000" in edit or "1000000" in edit
    wrong = browser.post(
        f"{address}edit/",
        _typed(
            **{"levels-1-code": "gold", "levels-1-keep0_spend_minor": "2000000", "revision": "2"}
        ),
    )
    assert wrong.status_code == 422
    assert "Staying may not ask for more" in wrong.content.decode()
    third = {
        "levels-1-code": "gold",
        "levels-2-name_vi": "Vàng",
        "levels-2-enter0_spend_minor": "3000000",
        "levels-2-enter1_visits": "40",
        "revision": "2",
    }
    _read(browser.post(f"{address}edit/", _typed(**third), follow=True))
    with in_programme(shop.programme):
        draft = LadderRow.objects.get(state="draft")
    assert [one["code"] for one in draft.levels] == ["member", "gold", "vang"]
    for act in ("pause", "resume", "end"):
        assert browser.post(address, {"act": act}, follow=True).status_code == 200
    assert "draft is gone" in _read(
        browser.post(f"{home}/levels/{draft.public_id}/", {"act": "discard"}, follow=True)
    )


def test_errors_stand_at_their_fields(browser: Client, shop: Shop) -> None:
    typed = _typed(**{"levels-2-name_vi": "Bạc", "levels-2-enter0_spend_minor": "500000"})
    answer = browser.post(f"{_home(shop)}/levels/new/", typed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert "levels-2-enter0_spend_minor" in form.errors


def test_who_stands_where_and_a_level_by_hand(browser: Client, shop: Shop, ladder: Ladder) -> None:
    ladder.levels(RICH)
    home, member = _home(shop), shop.member.public_id
    panel = _read(browser.get(f"{home}/members/{member}/"))
    assert "₫1,000,000 more spent to reach “Gold”" in panel
    given = browser.post(
        f"{home}/members/{member}/level/",
        {"level": "gold", "until": "2099-01-31", "reason": "Press"},
        follow=True,
    )
    page = _read(given)
    assert "A gift of the shop, until 31 Jan 2099" in page
    assert "Press" in page
    listed = _read(browser.get(f"{home}/levels/?level=gold"))
    assert "Ana" in listed
    assert "1 member" in listed
    back = browser.post(f"{home}/members/{member}/level/", {"act": "end"}, follow=True)
    assert "Taken back." in _read(back)
    refused = browser.post(
        f"{home}/members/{member}/level/", {"level": "gold", "until": "31.1.2099", "reason": "x"}
    )
    assert refused.status_code in (302, 400, 422)
    assert ladder.level(member) == "green"


def test_the_draft_says_who_moves_also_on_the_rules_page(
    browser: Client, shop: Shop, ladder: Ladder
) -> None:
    rule = ladder.levels(RICH)
    ladder.buy(shop.member.public_id, 600_000)
    tag = ladder.api.get(f"rules/{rule}/").headers["ETag"]
    easier = {"levels": [{"code": "green", "name_vi": "Xanh"}, gold([{"spend_minor": 500_000}])]}
    draft = ladder.did(ladder.api.patch(f"rules/{rule}/", {"values": easier}, match=tag))["rule"]
    for page in (f"levels/{draft}/", f"rules/{draft}/"):
        text = _read(browser.get(f"{_home(shop)}/{page}"))
        assert "Who moves when this is published" in text
        assert "Ana" in text


def test_the_portal_the_till_and_the_terms(shop: Shop, ladder: Ladder, browser: Client) -> None:
    ladder.levels(RICH)
    with on(2025, 3, 1):
        ladder.buy(shop.member.public_id, 1_200_000)
    with on(2026, 2, 1):
        night()
        with in_programme(shop.programme):
            user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
            Member.objects.filter(pk=shop.member.pk).update(user=user)
        portal = Client(headers={"accept-language": "en"})
        portal.force_login(user)
        site = f"/p/{shop.programme.slug}"
        first = _read(portal.get(f"{site}/"))
        assert "Gold" in first
        assert "₫500,000 more spent by 31 Dec 2026 to stay" in first
        page = _read(portal.get(f"{site}/levels/"))
        assert "You are here" in page
        assert "Reviewed on 1 Jan 2027" in page
        assert "Level “Gold” reached" in page
        assert "level_spend" not in _read(portal.get(f"{site}/history/"))
        terms = _read(portal.get(f"{site}/terms/"))
        assert "Level “Gold”: from ₫1,000,000 spent in a calendar year." in terms
        assert "Points ×1.5, 5% off all goods, free delivery." in terms
        till = _read(browser.get(f"/till/{shop.programme.slug}/members/{shop.member.public_id}/"))
        assert "Gold" in till
        vietnamese = Client(headers={"accept-language": "vi"})
        assert "Hạng “Vàng”: khi chi tiêu" in _read(vietnamese.get(f"{site}/terms/"))


def test_the_perks_of_a_level_price_a_sale(shop: Shop, ladder: Ladder) -> None:
    ladder.levels(RICH)
    ladder.points(points=1, per_minor=1_000)
    member = ladder.join()
    ladder.buy(member, 1_000_000)
    before = ladder.has(member)
    lines = [
        {"sku": "beans", "net_minor": 100_000},
        {"name": "Delivery", "kind": "shipping", "net_minor": 30_000},
    ]
    sold = ladder.did(ladder.api.post("purchases/", {"member": member, "lines": lines}))
    assert sold["to_pay_minor"] == 95_000
    assert ladder.has(member) - before == 142, "95 points, and half as many again"


def test_the_till_says_it_when_a_sale_reaches_the_level(
    shop: Shop, ladder: Ladder, browser: Client
) -> None:
    ladder.levels(RICH)
    for total, said in ((900_000, False), (100_000, True)):
        sold = ladder.buy(shop.member.public_id, total)
        page = _read(browser.get(f"/till/{shop.programme.slug}/sales/{sold['purchase']}/"))
        assert ("reached just now" in page) is said


def test_a_draft_is_tried_on_past_sales_with_its_perks(
    shop: Shop, ladder: Ladder, browser: Client
) -> None:
    ladder.points(points=1, per_minor=1_000)
    for total in (1_000_000, 100_000):
        ladder.buy(shop.member.public_id, total)
    values = {"name": "Levels", "levels": [{"code": "green", "name_vi": "Xanh"}, RICH]}
    body = {"kind": "levels.ladder", "values": values}
    draft = ladder.did(ladder.api.post("rules/", body))["rule"]
    with in_programme(shop.programme):
        found = preview(shop.programme, rule=draft)
    points = next(one for one in found.assets if one.asset == "points")
    assert (points.before, points.after) == (1_100, 1_150)
    assert browser.get(f"{_home(shop)}/rules/{draft}/preview/").status_code == 200


def test_more_people_than_a_page_has_room_for(shop: Shop, ladder: Ladder, browser: Client) -> None:
    ladder.levels(RICH)
    with in_programme(shop.programme):
        people = Member.objects.bulk_create(
            Member(
                programme=shop.programme,
                holder=Holder.objects.create(),
                name=f"Guest {number:02d}",
                joined_at=now(),
            )
            for number in range(60)
        )
        MemberStatus.objects.bulk_create(
            MemberStatus(
                programme=shop.programme,
                member=one,
                name="level",
                value="gold",
                since=now(),
                changed_at=now(),
            )
            for one in people
        )
    first = _read(browser.get(f"{_home(shop)}/levels/"))
    assert "Guest 59" in first and "Guest 09" not in first
    (older,) = re.findall(r'href="([^"]*before=[^"]*)"', first)
    second = _read(browser.get(unescape(older)))
    assert "Guest 09" in second and "Guest 10" not in second


def test_whom_a_plan_protects_reads_both_the_plan_and_what_is_missing(
    shop: Shop, ladder: Ladder
) -> None:
    ladder.levels(RICH)
    free = {"price_minor": 0, "renews": False, "period_count": 24}
    ladder.rule("memberships.plan", code="prime", protects_tier=True, **free)
    with on(2025, 6, 1):
        ladder.buy(shop.member.public_id, 1_000_000)
        plan = {"member": shop.member.public_id, "plan": "prime"}
        ladder.did(ladder.api.post("memberships/", plan))
    with on(2026, 6, 1):
        night()
        user = User.objects.create_user("ana@example.com", "a long pass phrase")
        with in_programme(shop.programme):
            Member.objects.filter(pk=shop.member.pk).update(user=user)
        portal = Client(headers={"accept-language": "en"})
        portal.force_login(user)
        page = _read(portal.get(f"/p/{shop.programme.slug}/levels/"))
    both = "Your plan keeps your level. Without it: ₫500,000 more spent by 31 Dec 2026 to stay"
    assert both in page
