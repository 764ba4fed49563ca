"""Who comes into the dashboard and the till, and who does not."""

from __future__ import annotations

from django.test import Client

from loyalty.tenancy.models import Programme, Staff, User
from loyalty.tenancy.scope import in_programme
from tests.world import Shop


def test_a_stranger_is_sent_to_the_log_in(shop: Shop, client: Client) -> None:
    response = client.get("/dashboard/cafe/")
    assert response.status_code == 302
    assert "next=/dashboard/cafe/" in response["Location"]


def test_staff_of_another_programme_finds_nothing(
    shop: Shop, other_shop: Shop, client: Client
) -> None:
    client.force_login(other_shop.staff.user)
    assert client.get("/dashboard/cafe/").status_code == 404
    assert client.get("/dashboard/no-such/").status_code == 404
    assert client.get("/dashboard/other/").status_code == 200


def test_the_only_programme_opens_by_itself(shop: Shop, client: Client) -> None:
    client.force_login(shop.staff.user)
    assert client.get("/dashboard/")["Location"] == "/dashboard/cafe/"
    assert client.get("/till/")["Location"] == "/till/cafe/"
    assert client.get("/dashboard/?choose").status_code == 200


def test_another_programme_of_the_same_name_is_a_click_away(
    shop: Shop, other_shop: Shop, client: Client
) -> None:
    with in_programme(other_shop.programme):
        Staff.objects.create(user=shop.staff.user, merchant=other_shop.merchant, role="owner")
    Programme.objects.filter(pk=other_shop.programme.pk).update(name=shop.programme.name)
    client.force_login(shop.staff.user)
    for page in ("", "referrals/"):
        menu = client.get(f"/dashboard/cafe/{page}").content.decode().split('class="than-switch"')
        switcher = menu[1].split("</details>")[0]
        assert 'href="/dashboard/other/"' in switcher, page
        assert 'href="/dashboard/cafe/"' not in switcher, page


def test_a_cashier_is_led_to_the_till(shop: Shop, client: Client) -> None:
    user = User.objects.create_user("tu@example.com", None)
    with in_programme(shop.programme):
        Staff.objects.create(user=user, merchant=shop.merchant, role="cashier")
    client.force_login(user)
    assert client.get("/dashboard/cafe/")["Location"] == "/till/cafe/"
    menu = client.get("/dashboard/cafe/members/").content.decode()
    assert 'href="/dashboard/cafe/"' not in menu.split("<main")[0]
