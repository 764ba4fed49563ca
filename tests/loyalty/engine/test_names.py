"""A rule's name in both languages: who reads which, on every page, and in what was kept long before."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from loyalty.blueprints.export import export_programme
from loyalty.common.naming import InBoth, told
from loyalty.engine.publishing import create_rule, edit_rule, publish_rule
from loyalty.engine.selectors import get_rule
from loyalty.payments.selectors import open_charges_of
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from rewards.catalog.rules import Cost, TermsInput
from rewards.catalog.services import create_reward, publish_reward, redeem_reward
from rewards.points.services.adjustments import adjust_points
from tests.api import Api, make_key
from tests.forms import form_values
from tests.rewards.points.rules_of import buy
from tests.world import Shop
from tiers.memberships.services import join_plan

BOTH = {"name": "Giờ vàng", "name_en": "Happy hour"}
OFF: dict[str, Any] = {"discount": "percent", "off_bp": 1_000}


def _live(shop: Shop, kind: str, **values: Any) -> str:
    draft = create_rule(shop.call(), kind=kind, values=values)
    rule = publish_rule(shop.call(), rule=draft.rule).rule
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return rule


@pytest.fixture
def read(shop: Shop) -> Any:
    """A page of Ana's, or of the shop, as somebody of a language reads it."""
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)

    def page(url: str, language: str, *, staff: bool = False) -> str:
        client = Client(headers={"accept-language": language})
        client.force_login(shop.staff.user if staff else user)
        found = client.get(url, follow=True)
        assert found.status_code == 200, url
        return unescape(found.content.decode())

    return page


def test_everybody_reads_the_name_in_their_language(shop: Shop, read: Any) -> None:
    """Terms, prices, plans, history, till and the bill; the books keep the one name."""
    _live(shop, "discounts.discount_rule", **BOTH, **OFF)
    _live(
        shop, "points.earning_rule", name="Tích điểm", name_en="Collect", points=1, per_minor=1_000
    )
    plan = {"code": "plus", "price_minor": 90_000, "name": "Hội viên", "name_en": "Insider"}
    _live(shop, "memberships.plan", **plan)
    sold = buy(shop, 50_000)
    assert {one.rule_name for one in sold.effects} == {"Giờ vàng", "Tích điểm"}
    join_plan(shop.call(), member=shop.member.public_id, plan="plus")
    desk, portal = f"/dashboard/{shop.programme.slug}", f"/p/{shop.programme.slug}"
    for language, yes, no in (
        ("en", ("Happy hour", "Collect", "Insider"), ("Giờ vàng", "Tích điểm", "Hội viên")),
        ("vi", ("Giờ vàng", "Tích điểm", "Hội viên"), ("Happy hour", "Collect", "Insider")),
    ):
        for url, names in (
            (f"{portal}/terms/", (0, 1)),
            (f"{portal}/savings/", (0,)),
            (f"{portal}/history/", (1,)),
            (f"{portal}/memberships/", (2,)),
            (f"{portal}/", (0, 2)),
        ):
            shown = read(url, language)
            assert all(yes[n] in shown for n in names), (url, language)
            assert [one for one in no if one in shown] == [], (url, language)
        for url in (f"{desk}/sales/{sold.purchase}/", f"/till/{shop.programme.slug}/"):
            assert not any(one in read(url, language, staff=True) for one in no), (url, language)
    with in_programme(shop.programme):
        bill = open_charges_of(shop.member)[0]
    assert (bill.text_vi, bill.text_en) == ("Thẻ thành viên “Hội viên”", "Membership “Insider”")


def test_a_name_given_later_is_read_in_what_was_kept_before(shop: Shop, read: Any) -> None:
    rule = _live(shop, "discounts.discount_rule", name="Giờ vàng", **OFF)
    buy(shop, 50_000)
    savings = f"/p/{shop.programme.slug}/savings/"
    assert "Giờ vàng" in read(savings, "en")
    draft = edit_rule(shop.call(), rule=rule, values={"name_en": "Happy hour"})
    publish_rule(shop.call(), rule=draft.rule)
    assert "Happy hour" in read(savings, "en") and "Giờ vàng" not in read(savings, "en")
    assert "Giờ vàng" in read(savings, "vi")


def test_a_level_names_its_price_in_the_readers_language(shop: Shop, read: Any) -> None:
    """Kept in the member's language of that day, read in anybody's."""
    silver = {"code": "silver", "name_vi": "Bạc", "name_en": "Silver", "discount_bp": 500}
    _live(shop, "levels.ladder", name="Hạng", levels=[silver])
    buy(shop, 50_000)
    savings = f"/p/{shop.programme.slug}/savings/"
    assert "Silver" in read(savings, "en") and "Bạc" in read(savings, "vi")


def test_a_reward_out_of_the_books_is_named_for_the_reader(shop: Shop, read: Any) -> None:
    """Bought by somebody who reads Vietnamese, read in the history by who reads English."""
    cake = TermsInput(
        name_vi="Bánh", name_en="Cake", kind="gift", costs=(Cost(asset="points", amount=5),)
    )
    gift = create_reward(shop.call(), terms=cake).reward
    publish_reward(shop.call(), reward=gift)
    adjust_points(shop.call(), member=shop.member.public_id, amount=9, text="A start")
    with override("vi"):
        redeem_reward(shop.call(), member=shop.member.public_id, reward=gift)
    history = f"/p/{shop.programme.slug}/history/"
    assert "Cake" in read(history, "en") and "Bánh" not in read(history, "en")
    assert "Bánh" in read(history, "vi")


def test_the_form_asks_in_the_other_language_and_an_edit_loses_neither(shop: Shop) -> None:
    """Whoever edits reads English and changes something else: the first name stays the first."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    with in_programme(shop.programme):
        gift = create_reward(shop.call(), terms=TermsInput(name_vi="Bánh", kind="gift")).reward
    stamps = {**BOTH, "stamps_needed": 5, "reward": gift}
    for kind, values, page in (
        ("discounts.discount_rule", {**BOTH, **OFF}, "rules/{}/edit/"),
        ("punchcards.punch_card", stamps, "punchcards/{}/edit/"),
        ("subscriptions.offer", {**BOTH, "code": "box"}, "subscription-offers/{}/edit/"),
        ("levels.ladder", {**BOTH, "levels": [{"code": "a", "name_vi": "A"}]}, "levels/{}/edit/"),
    ):
        rule = create_rule(shop.call(), kind=kind, values=values).rule
        url = f"/dashboard/{shop.programme.slug}/{page.format(rule)}"
        html = client.get(url).content.decode()
        typed = form_values(html)
        assert (typed["name"], typed["name_en"]) == ([values["name"]], [values["name_en"]]), kind
        assert "name_vi" not in typed, "it is the programme's own"
        sent = client.post(url, typed | {"name_en": "Another", "idempotency_key": f"k-{kind}"})
        assert sent.status_code == 302, sent.context["form"].errors
        with in_programme(shop.programme):
            row = get_rule(rule)
        assert (row.name, row.name_en) == (values["name"], "Another"), kind


def test_the_api_and_a_file_hold_both(shop: Shop) -> None:
    body = {"kind": "discounts.discount_rule", "values": {**BOTH, **OFF}}
    made = Api(make_key(shop)).post("rules/", body).json()
    assert {name: made["values"][name] for name in ("name", "name_vi", "name_en")} == {
        **BOTH,
        "name_vi": "",
    }
    publish_rule(shop.call(), rule=made["rule"])
    with in_programme(shop.programme):
        (rule,) = export_programme(shop.programme).blueprint["rules"]
    assert rule["values"] | BOTH == rule["values"]


def test_a_name_is_its_text_and_told_in_a_language() -> None:
    name = InBoth("Giờ <vàng>", en="Happy <hour>")
    assert name == "Giờ <vàng>" and f"{name}" == str(name) == "Giờ <vàng>"
    assert (told(name, "en"), told(name, "vi")) == ("Happy <hour>", "Giờ <vàng>")
    assert told("plain", "en") == "plain"
    assert "<" not in name.__html__()
