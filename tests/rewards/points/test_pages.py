"""Points in the dashboard and the portal, as people use them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from loyalty.ledger.selectors import balances
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Identifier, Member
from rewards.points.models import Adjustment, PointsSettings
from rewards.points.services import adjust_points, change_settings
from tests.forms import form_values
from tests.rewards.points.rules_of import buy, earning
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client


@pytest.fixture
def ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def _balance(shop: Shop, member: Member) -> int:
    with in_programme(shop.programme):
        return next((one.balance for one in balances(holder_id=member.holder_id)), 0)


def test_settings_are_saved_and_faults_shown(shop: Shop, ben: Client) -> None:
    address = "/dashboard/cafe/points/"
    values = form_values(ben.get(address).content.decode())
    values |= {"pay_enabled": "on", "value_minor": "1000", "pay_cap_bp": "70", "name_vi": "sao"}
    assert ben.post(address, values).status_code == 302
    with in_programme(shop.programme):
        assert PointsSettings.objects.get().pay_cap_bp == 7_000
    assert ben.post(address, values).status_code == 302, "sent twice, done once"
    stale = values | {"idempotency_key": "another-tab"}
    assert ben.post(address, stale).status_code == 422, "somebody changed it meanwhile"
    wrong = form_values(ben.get(address).content.decode()) | {"pay_step": "0"}
    assert ben.post(address, wrong).status_code == 422


def test_adjusting_and_approving(shop: Shop, ben: Client) -> None:
    member = f"/dashboard/cafe/members/{shop.member.public_id}/"
    assert "adjust/" in ben.get(member).content.decode()
    assert ben.post(f"{member}adjust/", {"amount": "50", "text": "Xin lỗi"}).status_code == 302
    assert _balance(shop, shop.member) == 50
    assert ben.post(f"{member}adjust/", {"amount": "-51", "text": "x"}).status_code == 422
    ben.post(f"{member}adjust/", {"amount": "9000", "text": "Thẻ cũ"})
    with in_programme(shop.programme):
        asked = Adjustment.objects.get(state="waiting").public_id
        user = User.objects.create_user("mai@example.com", None, name="Mai")
        Staff.objects.create(user=user, merchant=shop.merchant, role="manager")
    mai = Client()
    mai.force_login(user)
    assert "Thẻ cũ" in mai.get("/dashboard/cafe/adjustments/").content.decode()
    assert mai.post(f"/dashboard/cafe/adjustments/{asked}/approve/").status_code == 302
    assert _balance(shop, shop.member) == 9_050


def test_a_member_reads_and_takes_away_a_statement(shop: Shop, ana: Client) -> None:
    earning(shop, expiry_kind="rolling", expiry_count=20, expiry_unit="day")
    buy(shop, 100_000)
    home = ana.get("/p/cafe/").content.decode()
    assert "statement/" in home
    page = ana.get("/p/cafe/statement/")
    assert page.status_code == 200 and "Points" in page.content.decode()
    file = ana.get("/p/cafe/statement/file/")
    assert file["Content-Type"] == "application/pdf" and file.content.startswith(b"%PDF")


def test_a_busy_card_has_a_statement_in_pages(shop: Shop, ana: Client) -> None:
    earning(shop)
    for receipt in range(1, 26):
        buy(shop, receipt * 10_000)
    address = "/p/cafe/statement/"
    newest = ana.get(address).content.decode()
    assert (newest.count("<tr>") - 1, "+25<" in newest, "+5<" in newest) == (20, True, False)
    older = ana.get(address + re.findall(r'rel="next"\s+href="[^"?]*([^"]+)"', newest)[0])
    text = older.content.decode()
    assert (text.count("<tr>") - 1, "+5<" in text, "+6<" in text) == (5, True, False)
    assert 'rel="next"' not in text and f'href="{address}"' in text, "and back to the newest"
    seals = [re.findall(r"[0-9a-f]{64}", one) for one in (newest, text)]
    assert seals[0] == seals[1], "the seal is that of the whole card"
    for odd in ("x", "-1", "99999999999", "²"):
        assert ana.get(address, {"before": odd}).status_code == 200
    data = ana.get(f"{address}data/").json()
    assert len(data["movements"]) == 25, "what is taken away is whole"


def test_of_a_statement_each_line_goes_on_from_the_one_below(shop: Shop, ana: Client) -> None:
    earning(shop)
    earning(shop, name="A gift for coming", basis="fixed", points=3)
    for _visit in range(2):
        buy(shop, 50_000)
    page = ana.get("/p/cafe/statement/").content.decode()
    cells = re.findall(r'data-label="(?:Points|Balance)">([^<]+)<', page)
    moved, left = (list(map(int, part)) for part in (cells[::2], cells[1::2]))
    assert len(moved) == 4 and left == [sum(moved[place:]) for place in range(4)]


def test_a_member_gives_points_to_a_friend(shop: Shop, ana: Client) -> None:
    change_settings(shop.call(), values={"transfer_enabled": True})
    adjust_points(shop.call(), member=shop.member.public_id, amount=50, text="Start")
    with in_programme(shop.programme):
        eva = Member.objects.create(
            holder=Holder.objects.create(), name="Eva", joined_at=shop.member.joined_at
        )
        Identifier.objects.create(
            member=eva, kind="phone", value="+84912345678", created_at=shop.member.joined_at
        )
    assert ana.get("/p/cafe/gift/").status_code == 200
    wrong = ana.post("/p/cafe/gift/", {"to": "0999999999", "amount": "10"})
    assert wrong.status_code == 422
    sent = ana.post("/p/cafe/gift/", {"to": "0912 345 678", "amount": "20", "message": "Tặng bạn"})
    assert sent.status_code == 302
    while relay_due():
        pass
    assert (_balance(shop, shop.member), _balance(shop, eva)) == (30, 20)
