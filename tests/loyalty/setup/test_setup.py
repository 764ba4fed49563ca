"""A shop starts its programme, invites its people, and is never left without an owner."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from loyalty.common.errors import Conflict, Invalid, Outdated, Refused
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.setup import services
from loyalty.setup.services.programmes import short_name
from loyalty.tenancy.models import Location, Programme, Staff, User
from loyalty.tenancy.scope import in_programme
from tests.world import Shop

SETTINGS = {
    "name": "Cafe",
    "currency": "VND",
    "timezone": "Asia/Ho_Chi_Minh",
    "language": "vi",
    "theme": "#6f4e37",
    "contact_email": "",
    "refund_policy": "debt",
    "spent_points_policy": "none",
    "partial_refund_policy": "recount",
    "multiplier_stacking": "sum",
    "earn_on_tax": True,
    "adjust_limit": 500,
    "is_open": True,
    "minimum_age": 16,
    "card_policy": "by_hand",
    "card_after_visits": 3,
    "card_within_days": 90,
}


def _changes(**values: object) -> services.Settings:
    return services.Settings(**(SETTINGS | values))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_programme_is_started_once_however_often_the_form_is_sent(client: Client) -> None:
    user = User.objects.create_user("new@example.com", None)
    client.force_login(user)
    sent = {
        "name": "Cà phê Mộc Miên",
        "kind": "cafe",
        "unit": "stars",
        "currency": "VND",
        "idempotency_key": "w1",
    }
    for _twice in range(2):
        done = client.post("/dashboard/start/", sent)
        assert done["Location"] == "/dashboard/ca-phe-moc-mien/"
    assert client.get(done["Location"]).status_code == 200
    assert client.get("/till/ca-phe-moc-mien/").status_code == 200
    other = client.post("/dashboard/start/", sent | {"idempotency_key": "w2"})
    assert other["Location"] == "/dashboard/ca-phe-moc-mien-2/"
    programme = Programme.objects.get(slug="ca-phe-moc-mien")
    with in_programme(programme):
        assert Staff.objects.get().role == "owner"
        assert Location.objects.get().name == "Cà phê Mộc Miên"


def test_short_names_are_plain() -> None:
    assert short_name("Tiệm Đồ Ngọt & Trà!") == "tiem-do-ngot-tra"
    assert short_name("☕") == "shop"


def test_settings_know_when_somebody_was_quicker(shop: Shop) -> None:
    services.change_settings(shop.call(), changes=_changes(), revision=1)
    with pytest.raises(Outdated):
        services.change_settings(shop.call(), changes=_changes(name="Late"), revision=1)
    shop.programme.refresh_from_db()
    assert (shop.programme.multiplier_stacking, shop.programme.revision) == ("sum", 2)


def test_the_currency_is_fixed_once_something_was_sold(shop: Shop) -> None:
    services.change_settings(shop.call(), changes=_changes(currency="USD"), revision=1)
    shop.programme.refresh_from_db()
    record_purchase(shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=1))
    with pytest.raises(Refused, match="currency_is_fixed"):
        services.change_settings(shop.call(), changes=_changes(), revision=2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("theme", "red; }"),
        ("currency", "XXQ"),
        ("refund_policy", "never"),
        ("name", " "),
        ("minimum_age", -1),
    ],
)
def test_absurd_settings_are_refused_by_name(shop: Shop, field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        services.change_settings(shop.call(), changes=_changes(**{field: value}), revision=1)
    assert caught.value.field == field


def test_who_is_invited_hears_of_it_and_gets_in(shop: Shop, client: Client) -> None:
    client.force_login(shop.staff.user)
    sent = {"email": "Lan@Example.com", "role": "cashier", "name": "Lan", "idempotency_key": "i"}
    for _twice in range(2):
        assert client.post("/dashboard/cafe/team/", sent).status_code == 302
    again = client.post("/dashboard/cafe/team/", sent | {"idempotency_key": "i2"})
    assert again.status_code == 422
    relay_due()
    assert [letter.to for letter in mail.outbox] == [["lan@example.com"]]
    assert "/till/cafe/" in mail.outbox[0].body
    lan = Client()
    lan.force_login(User.objects.get(email="lan@example.com"))
    assert lan.get("/till/cafe/").status_code == 200
    assert lan.get("/dashboard/cafe/team/").status_code == 403
    with in_programme(shop.programme):
        row = Staff.objects.get(user__email="lan@example.com")
    client.post(f"/dashboard/cafe/team/{row.public_id}/close/", {"idempotency_key": "c"})
    assert lan.get("/till/cafe/").status_code == 404


def test_the_last_owner_stays(shop: Shop) -> None:
    with pytest.raises(Refused, match="last_owner"):
        services.close_role(shop.call(), staff=shop.staff.public_id)
    with pytest.raises(Refused, match="last_owner"):
        services.change_role(shop.call(), staff=shop.staff.public_id, role="manager")
    with pytest.raises(Conflict, match="already_staff"):
        services.invite_staff(shop.call(), email=shop.staff.user.email, role="cashier")


def test_the_last_open_location_stays_open(shop: Shop) -> None:
    closed = services.LocationInput(name="Main street", is_active=False)
    with pytest.raises(Refused, match="last_location"):
        services.change_location(shop.call(), target=shop.location.public_id, location=closed)
    services.add_location(shop.call(), location=services.LocationInput(name="Second"))
    services.change_location(shop.call(), target=shop.location.public_id, location=closed)


def test_the_audit_trail_says_who_did_what(shop: Shop, client: Client) -> None:
    record_purchase(shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=5))
    client.force_login(shop.staff.user)
    client.cookies["django_language"] = "vi"
    for words in ("record_purchase", "bán hàng"):
        page = client.get("/dashboard/cafe/audit/", {"q": words}).content.decode()
        assert "Đã ghi bán hàng" in page and "Hoàn hàng" not in page
    assert "/dashboard/cafe/sales/pur_" in page
