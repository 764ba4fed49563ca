"""Values as a Vietnamese shop and an English reader write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from loyalty.web import formats

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def shown(source: str, language: str = "vi", **values: object) -> str:
    with translation.override(language), timezone.override("Asia/Ho_Chi_Minh"):
        return Template("{% load than %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "text"),
    [
        (125_000, "VND", "vi", "125.000\xa0₫"),
        (125_000, "VND", "en", "₫125,000"),
        (0, "VND", "vi", "0\xa0₫"),
        (-45_000, "VND", "vi", "−45.000\xa0₫"),
        (199_950, "USD", "en", "$1,999.50"),
        (5, "USD", "vi", "0,05\xa0US$"),
        (10**14, "VND", "en", "₫100,000,000,000,000"),
    ],
)
def test_money_is_exact_in_every_currency(
    amount_minor: int, currency: str, language: str, text: str
) -> None:
    assert shown("{{ a|money:c }}", language, a=amount_minor, c=currency) == text


def test_signs_are_true_minus_signs() -> None:
    assert shown("{{ a|signed }} {{ b|signed }} {{ c|signed }}", "vi", a=1250, b=-300, c=0) == (
        "+1.250 −300 0"
    )
    assert shown("{{ a|signed_money:'VND' }}", "vi", a=-1) == "−1\xa0₫"


def test_points_carry_their_own_word() -> None:
    assert shown("{{ 1|points }}", "en") == "1 point"
    assert shown("{{ 1250|points }}", "en") == "1,250 points"
    assert shown("{{ 1250|points }}", "vi") == "1.250 điểm"
    assert shown("{{ 25|points:'sao' }}", "vi") == "25 sao"


def test_rates_in_basis_points() -> None:
    assert shown("{{ 1250|percent_bp }} {{ 10000|percent_bp }} {{ 1|percent_bp }}", "vi") == (
        "12,5% 100% 0,01%"
    )


def test_what_is_missing_is_a_dash_not_an_error() -> None:
    source = "{{ a|money:'VND' }}{{ a|points }}{{ nothing|number }}{{ a|when }}{{ a|day }}"
    assert shown(source, a=None) == "–" * 5


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=-10), "just now"),
        (timedelta(minutes=-12), "12 minutes ago"),
        (timedelta(hours=-20), "yesterday at 19:00"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(days=-400), "19 Oct 2025"),
    ],
)
def test_near_instants_are_told_in_relation_to_now(distance: timedelta, text: str) -> None:
    with translation.override("en"), timezone.override("Asia/Ho_Chi_Minh"):
        assert formats.relative_text(NOW + distance, now=NOW) == text


def test_a_day_is_the_local_day() -> None:
    """23 November 20:00 UTC is already the 24th in Saigon."""
    assert "24 thg 11" in shown("{{ at|day }}", "vi", at=NOW + timedelta(hours=12))


def test_a_card_with_one_point_says_so() -> None:
    card = "{% member_card programme='x' name='x' number='1' balance=n balance_unit='points' %}"
    assert ">point<" in shown(card, "en", n=1) and ">points<" in shown(card, "en", n=2)
    assert ">điểm<" in shown(card.replace("points", "điểm"), "vi", n=1)


def test_text_from_people_is_escaped_everywhere() -> None:
    nasty = "<script>alert(1)</script>"
    for source in (
        "{% badge x %}",
        "{% tag x %}",
        "{% icon 'x' label=x %}",
        "{% stat x x hint=x %}",
        "{% empty x text=x %}",
        "{% copy x x %}",
        "{% secret_once x x %}",
        "{% stamp_card 3 1 title=x note=x rewards=r %}",
        "{% member_card programme=x name=x number=x tier=x balance=1 balance_unit=x %}",
        "{% timeline_entry x at reason=x amount=x meta=x %}",
        "{% qr x x %}",
        "{% spark v x %}",
        "{% card title=x %}{{ x }}{% endcard %}",
        "{% progress 1 2 label=x text=x %}",
        "{% ring 1 2 text=x sub=x label=x %}",
    ):
        page = shown(source, x=nasty, r={2: nasty}, at=NOW, v=[1, 2])
        assert "<script>" not in page, source


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("stars", "star"),
        ("berries", "berry"),
        ("boxes", "box"),
        ("bonus", "bonus"),
        ("stamps Summer drinks", "stamp Summer drinks"),
        ("credit", "credit"),
    ],
)
def test_one_of_something_is_no_plural(unit: str, one: str) -> None:
    with translation.override("en"):
        assert formats.points_text(1, unit=unit) == f"1 {one}"
        assert formats.points_text(-1, unit=unit, signed=True) == f"\u22121 {one}"
        assert formats.points_text(0, unit=unit) == f"0 {unit}"
    with translation.override("vi"):
        assert formats.points_text(1, unit="sao s") == "1 sao s"
