"""Ana's own pages, and Ben's till: rewards, vouchers, cards."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from rewards.catalog.services import use_voucher
from tests.rewards.catalog.rewards_of import give, redeem, reward, the_voucher
from tests.rewards.punchcards.cards_of import buy, card, coffees
from tests.world import Shop


@pytest.fixture
def ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    client.cookies["django_language"] = "en"
    return client


def test_ana_sees_what_is_missing_gets_a_reward_and_shows_its_code(shop: Shop, ana: Client) -> None:
    cheap = reward(shop, cost=100)
    reward(shop, cost=250, name_vi="Bánh", name_en="Cake")
    give(shop, 150)
    card(shop)
    buy(shop, coffees(4))
    home = ana.get("/p/cafe/").content.decode()
    assert "Coffee card" in home and "100 points to go" in home and "Cake" in home
    page = ana.get("/p/cafe/rewards/").content.decode()
    assert "Get it for 100 points" in page and "100 points to go" in page
    got = ana.post("/p/cafe/rewards/", {"reward": cheap, "asset": "points"})
    shown = ana.get(got["Location"]).content.decode()
    assert "than-qr" in shown and "counts once" in shown
    use_voucher(shop.call(), code=the_voucher(shop).code)
    assert "than-qr" not in ana.get(got["Location"]).content.decode()
    assert ana.post("/p/cafe/rewards/", {"reward": cheap}).status_code == 302
    assert the_voucher(shop).state == "used", "fifty points are too few for a second one"


def test_anothers_voucher_is_not_found(shop: Shop, other_shop: Shop, ana: Client) -> None:
    give(other_shop, 100)
    theirs = redeem(other_shop, reward(other_shop))
    assert ana.get(f"/p/cafe/vouchers/{theirs.voucher}/").status_code == 404


def test_the_till_redeems_and_takes_the_voucher(shop: Shop, ben: Client) -> None:
    wanted = reward(shop, kind="amount_off", value_minor=20_000, skus=(), name_en="20 off")
    gift = reward(shop, kind="gift", skus=(), name_en="Mug")
    give(shop, 200)
    card(shop)
    till = f"/till/cafe/members/{shop.member.public_id}/"
    page = ben.get(till).content.decode()
    assert "20 off" in page and "Coffee card" in page and "uses.vouchers" not in page
    ben.post(f"{till}redeem/", {"reward": wanted, "asset": "points"})
    code = the_voucher(shop).code
    assert f'value="{code}"' in ben.get(till).content.decode()
    sold = ben.post(till, {"amount_minor": "50000", "uses.vouchers": code, "checked": "1"})
    assert sold.status_code == 302
    assert "30,000" in ben.get(sold["Location"]).content.decode()
    ben.post(f"{till}redeem/", {"reward": gift, "asset": "points"})
    assert the_voucher(shop).state == "used", "a gift is handed over at once"


def test_a_gift_from_a_card_is_handed_over_at_the_till(shop: Shop, ben: Client) -> None:
    mug = reward(shop, kind="gift", skus=(), cost=None, name_en="Mug")
    card(shop, reward=mug, stamps_needed=2)
    buy(shop, coffees(2))
    till = f"/till/cafe/members/{shop.member.public_id}/"
    assert "Mug" in ben.get(till).content.decode()
    ben.post("/till/cafe/vouchers/", {"code": the_voucher(shop).code})
    assert the_voucher(shop).state == "used"
    again = ben.post("/till/cafe/vouchers/", {"code": the_voucher(shop).code})
    assert "was used already" in again.content.decode()


def test_support_sees_vouchers_and_no_whole_code(shop: Shop) -> None:
    give(shop, 100)
    redeem(shop, reward(shop))
    card(shop)
    support = User.objects.create_superuser("support@example.com", "a long pass phrase")
    client = Client()
    client.force_login(support)
    voucher = the_voucher(shop)
    for path in (
        "rewards_catalog/reward/",
        "rewards_catalog/voucher/",
        f"rewards_catalog/voucher/{voucher.pk}/change/",
        "rewards_catalog/externalcode/",
        "rewards_punchcards/punchcard/",
    ):
        page = client.get(f"/admin/{path}")
        assert page.status_code == 200, path
        assert voucher.code not in page.content.decode()
