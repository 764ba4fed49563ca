"""The owner writes, previews, publishes and changes rules in the dashboard."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django import forms
from django.db import models
from django.test import Client

from loyalty.common.errors import Invalid, Several
from loyalty.engine.publishing import create_rule, rule_view
from loyalty.engine.rules_forms import RuleForm, blank_values
from loyalty.engine.selectors import get_rule, rule_kinds, rules
from loyalty.tenancy.scope import in_programme
from loyalty.web.navigation import menu_items
from tests.forms import form_values
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client


def test_from_the_form_to_the_till(shop: Shop, ben: Client) -> None:
    page = ben.get("/dashboard/cafe/rules/new/points.earning_rule/")
    assert page.status_code == 200
    values = form_values(page.content.decode())
    values |= {
        "name": "Giờ vàng",
        "points": "2",
        "per_minor": "10000",
        "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
        "categories": "",
        "minimum_minor": "20000",
        "limits-0-maximum": "15",
    }
    sent = ben.post("/dashboard/cafe/rules/new/points.earning_rule/", values)
    assert sent.status_code == 302, re.findall(r"invalid-feedback.*", sent.content.decode())
    with in_programme(shop.programme):
        row = rules()[0]
    assert (row.name, row.weekdays, row.minute_to) == ("Giờ vàng", [1, 2, 3, 4, 5, 6, 7], 1440)
    assert row.limits[0] == {
        "maximum": 15,
        "measure": "amount",
        "period": "day",
        "by_all": False,
        "rejects": False,
    }
    shown = ben.get(sent["Location"])
    assert "Giờ vàng" in shown.content.decode()
    assert ben.get(f"{sent['Location']}preview/").status_code == 200
    ben.post(f"{sent['Location']}do/publish/", {})
    assert points(buy(shop, 10_000)) == 0
    assert points(buy(shop, 100_000)) == 15


def test_points_for_a_birthday_are_a_fixed_number(shop: Shop, ben: Client) -> None:
    """Nothing is spent on a birthday: the form does not ask per how much, nor does the rule."""
    new = "/dashboard/cafe/rules/new/points.earning_rule/"
    page = ben.get(new).content.decode()
    (counted,) = re.findall(r'<select[^>]*name="basis"[^>]*>', page)
    assert re.search(r'data-when="activity=[^"]*\bpurchase\b', counted)
    assert "member.birthday" not in counted
    typed = form_values(page) | {"name": "Sinh nhật", "activity": "member.birthday", "points": "50"}
    told = ben.post(new, {**typed, "basis": "units"}).context["form"].errors
    assert list(told) == ["basis"] and len(told["basis"]) == 1, "chosen all the same"
    made = ben.post(new, typed)
    assert made.status_code == 302
    with in_programme(shop.programme):
        row = rules()[0]
    assert (row.basis, row.points) == ("fixed", 50)
    said = ben.get(made["Location"], headers={"accept-language": "en"}).content.decode()
    assert "per amount spent" not in said


def test_changing_a_published_rule_writes_a_draft(shop: Shop, ben: Client) -> None:
    rule = earning(shop).rule
    address = f"/dashboard/cafe/rules/{rule}/"
    values = form_values(ben.get(f"{address}edit/").content.decode()) | {"points": "5"}
    sent = ben.post(f"{address}edit/", values)
    assert sent.status_code == 302 and sent["Location"] != address
    assert points(buy(shop, 100_000)) == 10
    assert (
        "waiting to replace" in ben.get(address, headers={"accept-language": "en"}).content.decode()
    )
    assert ben.get("/dashboard/cafe/rules/").status_code == 200


def test_faults_stand_on_their_fields(shop: Shop, ben: Client) -> None:
    page = ben.get("/dashboard/cafe/rules/new/points.multiplier_rule/")
    values = form_values(page.content.decode()) | {
        "name": "<script>alert(1)</script>",
        "factor_bp": "0.5",
    }
    sent = ben.post("/dashboard/cafe/rules/new/points.multiplier_rule/", values)
    assert sent.status_code == 422
    assert "<script>alert(1)" not in sent.content.decode()


RICH: dict[str, Any] = {
    "audience": [
        {"fact": "member.tags", "op": "contains", "value": "30"},
        {"fact": "member.days", "op": "gte", "value": 30},
        {"fact": "sale.skus", "op": "contains", "value": "true"},
        {"fact": "location", "op": "in", "value": ["a, b", 'c "d"', "7"]},
        {"fact": "at.weekday", "op": "in", "value": [6, 7]},
        {"fact": "member.birthday_month", "op": "eq", "value": True},
        {"fact": "member.days", "op": "ne", "value": "12"},
    ],
    "limits": [
        {"maximum": 10, "period": "day"},
        {"maximum": 50, "period": "week", "rejects": True},
        {"maximum": 3, "period": "month", "measure": "times"},
        {"maximum": 900, "period": "ever", "by_all": True},
        {"maximum": 500, "period": "year"},
    ],
    "skus": ["plain", "with, comma", "0042"],
    "starts_at": "2026-01-31T08:15:42.123456+07:00",
}


def test_what_the_api_wrote_survives_theform_values(shop: Shop, ben: Client) -> None:
    """Seven conditions, five limits, codes with commas, seconds: only what was changed changes."""
    draft = create_rule(
        shop.call(),
        kind="points.earning_rule",
        values={"name": "Rich", "points": 1, "per_minor": 10_000, **RICH},
    )
    with in_programme(shop.programme):
        before = rule_view(get_rule(draft.rule)).values
    address = f"/dashboard/cafe/rules/{draft.rule}/edit/"
    values = form_values(ben.get(address).content.decode()) | {"name": "Richer"}
    assert ben.post(address, values).status_code == 302
    with in_programme(shop.programme):
        assert rule_view(get_rule(draft.rule)).values == before | {"name": "Richer"}

    values = form_values(ben.get(address).content.decode())
    values |= {
        "audience-0-op": "lacks",  # its value stays the text "30"
        "audience-1-fact": "",  # taken away
        "audience-4-value": "5, 6",
        "audience-7-fact": "sale.total_minor",
        "audience-7-op": "gte",
        "audience-7-value": "100.000",
        "audience-11-fact": "member.tags",  # a row added in the browser
        "audience-11-op": "in",
        "audience-11-value": 'vip, "a, b", 12',
        "limits-1-maximum": "60",
        "limits-3-maximum": "",
    }
    assert ben.post(address, values).status_code == 302
    with in_programme(shop.programme):
        after = rule_view(get_rule(draft.rule)).values
    wrote: Any = RICH["audience"]
    assert after["audience"] == [
        {"fact": "member.tags", "op": "lacks", "value": "30"},
        wrote[2],
        wrote[3],
        {"fact": "at.weekday", "op": "in", "value": [5, 6]},
        *wrote[5:],
        {"fact": "sale.total_minor", "op": "gte", "value": 100_000},
        {"fact": "member.tags", "op": "in", "value": ["vip", "a, b", "12"]},
    ]
    assert [one["maximum"] for one in after["limits"]] == [10, 60, 3, 500]
    assert after["limits"][1]["rejects"] is True and after["limits"][2]["measure"] == "times"
    assert after["skus"] == RICH["skus"]


def test_a_row_half_filled_in_is_told(shop: Shop, ben: Client) -> None:
    page = "/dashboard/cafe/rules/new/points.earning_rule/"
    values = form_values(ben.get(page).content.decode())
    values |= {"name": "Half", "points": "1", "per_minor": "10000", "audience-0-value": "gold"}
    sent = ben.post(page, values, headers={"accept-language": "en"})
    assert sent.status_code == 422 and "Choose what is compared" in sent.content.decode()


def test_a_draft_says_what_keeps_it_from_being_published(shop: Shop, ben: Client) -> None:
    draft = create_rule(
        shop.call(),
        kind="points.earning_rule",
        values={
            "name": "Elsewhere",
            "points": 1,
            "per_minor": 10_000,
            "audience": [{"fact": "location", "op": "eq", "value": "loc_gone"}],
        },
    )
    address = f"/dashboard/cafe/rules/{draft.rule}/"
    english = {"accept-language": "en"}
    page = ben.get(address, headers=english).content.decode()
    assert "Before it can be published" in page and "loc_gone” is unknown here" in unescape(page)
    came_from = {**english, "referer": f"http://testserver{address}"}
    refused = ben.post(f"{address}do/publish/", {}, headers=came_from, follow=True)
    assert "is unknown here" in unescape(refused.content.decode())
    with in_programme(shop.programme):
        assert get_rule(draft.rule).state == "draft"


def test_whoever_errs_twice_is_told_at_once(shop: Shop, ben: Client) -> None:
    """What cannot be read and what is out of range, each at its field; nobody is sent round twice."""
    page = "/dashboard/cafe/rules/new/discounts.discount_rule/"
    values = form_values(ben.get(page).content.decode())
    values |= {"name": "", "off_bp": "120", "minimum_minor": "many", "limits-0-maximum": "-3"}
    sent = ben.post(page, values, headers={"accept-language": "en"})
    assert sent.status_code == 422
    at_fault = {str(name) for name in sent.context["form"].errors}
    assert at_fault == {"name", "off_bp", "minimum_minor", "limits-0-maximum"}
    with pytest.raises(Several) as told:
        create_rule(
            shop.call(),
            kind="discounts.discount_rule",
            values={"name": "Twice", "off_bp": 12_000, "minimum_minor": "many", "weekdays": [9]},
        )
    assert {one.field for one in told.value.errors} == {"off_bp", "minimum_minor", "weekdays"}
    # What depends on a choice that could not be read is not guessed at.
    with pytest.raises(Invalid) as one:
        create_rule(
            shop.call(),
            kind="discounts.discount_rule",
            values={"name": "Unclear", "discount": "nonsense", "off_bp": 12_000},
        )
    assert one.value.field == "discount"


def test_a_rule_says_nothing_its_choices_do_away_with(shop: Shop, ben: Client) -> None:
    """A fixed number of points speaks neither of amounts nor of units, on its form and on its page."""
    form = ben.get("/dashboard/cafe/rules/new/points.earning_rule/").content.decode()
    assert re.search(r'name="per_minor"[^>]*data-when="basis=money"', form)
    assert re.search(r'name="per_units"[^>]*data-when="basis=units"', form)
    values = {"name": "Welcome", "activity": "member.joined", "basis": "fixed", "points": 50}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    page = ben.get(f"/dashboard/cafe/rules/{draft.rule}/", headers={"accept-language": "en"})
    labels = {fact["label"]: fact["value"] for fact in page.context["facts"]}
    assert labels["for"] == "joining" and labels["what is earned"] == "points"
    assert not {"for each", "for each so many units", "fractions", "after"} & labels.keys()


def test_bounds_of_an_amount_are_money(shop: Shop, ben: Client) -> None:
    cause = create_rule(shop.call(), kind="donations.cause", values={"name": "School lunches"})
    page = "/dashboard/cafe/rules/new/donations.donation/"
    values = form_values(ben.get(page).content.decode())
    values |= {"name": "Whole", "way": "round_up", "cause": cause.rule}
    sent = ben.post(page, values, headers={"accept-language": "en"}).content.decode()
    assert "Give at least ₫1." in sent and "100000000000000" not in sent


def test_no_kind_asks_an_owner_for_raw_lists(shop: Shop) -> None:
    with in_programme(shop.programme):
        for kind in rule_kinds().values():
            form = RuleForm(None, kind=kind, currency="VND", initial=blank_values(kind))
            typed = {
                name for name, one in form.fields.items() if isinstance(one.widget, forms.Textarea)
            }
            assert all(isinstance(kind.fields[name], models.TextField) for name in typed), kind.name


def test_what_has_pages_of_its_own_is_written_there(shop: Shop, ben: Client) -> None:
    begun = ben.get("/dashboard/cafe/rules/new/levels.ladder/")
    assert (begun.status_code, begun["Location"]) == (302, "/dashboard/cafe/levels/new/")
    levels = [{"code": "green", "name_vi": "Xanh"}]
    draft = create_rule(
        shop.call(), kind="levels.ladder", values={"name": "Hạng", "levels": levels}
    ).rule
    page = ben.get(f"/dashboard/cafe/rules/{draft}/").content.decode()
    assert f'href="/dashboard/cafe/levels/{draft}/edit/"' in page
    # The form for all kinds is for the rest of it, and leaves the levels alone.
    address = f"/dashboard/cafe/rules/{draft}/edit/"
    values = form_values(ben.get(address).content.decode()) | {"weekdays": ["6", "7"]}
    assert "levels" not in values
    assert ben.post(address, values).status_code == 302
    with in_programme(shop.programme):
        kept = rule_view(get_rule(draft)).values
    assert (kept["levels"], kept["weekdays"]) == (levels, [6, 7])


def test_every_kind_leads_back_to_a_room_there_is() -> None:
    routes = {item.route for item in menu_items("dashboard")}
    rooms = {kind.name: kind.model.room for kind in rule_kinds().values()}
    assert set(rooms.values()) <= routes, rooms
