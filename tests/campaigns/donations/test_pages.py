"""Good causes on every face: anyone reads the total, a member gives, staff pay out."""

from __future__ import annotations

from django.test import Client

from campaigns.donations import selectors
from campaigns.donations.models import Payout
from campaigns.donations.selectors import given_sums
from campaigns.donations.services import choose
from loyalty.engine.publishing import pause_rule
from loyalty.ledger.holders import merge_members, unmerge_members
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from rewards.points.services import change_settings
from tests.campaigns.donations.causes_of import cause, gives
from tests.world import Shop


def _given(shop: Shop) -> str:
    library = cause(shop, goal_minor=1_000_000)
    gives(shop, library, "percent", share_bp=1_000)
    gives(shop, library, "round_up", round_to_minor=1_000)
    choose(shop.call(), member=shop.member.public_id, round_up=True)
    sale = SaleInput(total_minor=12_345)
    record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    return library


def test_anyone_reads_what_was_given(shop: Shop) -> None:
    library = _given(shop)
    for page in ("causes/", f"causes/{library}/"):
        body = Client().get(f"/p/{shop.programme.slug}/{page}").content.decode()
        assert "1.889" in body or "1,889" in body


def _ana(shop: Shop) -> Client:
    with in_programme(shop.programme):
        user = User.objects.create_user("ana@x.example", "a long pass phrase", name="Ana")
        shop.member.user = user
        shop.member.save()
    browser = Client()
    browser.force_login(user)
    return browser


def test_who_gave_nothing_yet_is_told_so(shop: Shop) -> None:
    browser, page = _ana(shop), f"/p/{shop.programme.slug}/causes/given/"
    shown = browser.get(page, headers={"Accept-Language": "en"}).content.decode()
    assert "Nothing was given yet." in shown
    assert "<table" not in shown
    assert browser.get(f"{page}file/")["Content-Type"] == "application/pdf"


def test_a_member_sees_and_takes_their_receipt(shop: Shop) -> None:
    _given(shop)
    browser = _ana(shop)
    home = f"/p/{shop.programme.slug}/"
    assert browser.get(home).status_code == 200
    assert (
        "1.234"
        in browser.get(f"{home}causes/given/", headers={"Accept-Language": "vi"}).content.decode()
    )
    file = browser.get(f"{home}causes/given/file/")
    assert file["Content-Type"] == "application/pdf"
    done = browser.post(f"{home}causes/wish/", {"act": "stop"}, follow=True)
    assert done.status_code == 200


def test_points_worth_nothing_are_not_asked_for(shop: Shop) -> None:
    browser, library = _ana(shop), cause(shop)
    page = f"/p/{shop.programme.slug}/causes/{library}/"
    change_settings(shop.call(), values={"value_minor": 0})
    assert 'name="points"' not in browser.get(page).content.decode()
    change_settings(shop.call(), values={"value_minor": 100})
    assert 'name="points"' in browser.get(page).content.decode()


def test_staff_round_up_and_pay_out(shop: Shop) -> None:
    library = _given(shop)
    browser = Client()
    browser.force_login(shop.staff.user)
    till = f"/till/{shop.programme.slug}/members/{shop.member.public_id}/"
    assert "round-up" in browser.get(till).content.decode()
    assert browser.post(f"{till}round-up/", {"round_up": "1"}).status_code == 302
    quoted = browser.post(f"{till}quote/", {"amount_minor": "12345"}).content.decode()
    assert "13.000" in quoted or "13,000" in quoted
    pages = f"/dashboard/{shop.programme.slug}/causes/"
    assert browser.get(pages).status_code == 200
    paid = browser.post(f"{pages}{library}/", {"reference": "VCB 1"}, follow=True)
    assert "VCB 1" in paid.content.decode()
    with in_programme(shop.programme):
        assert Payout.objects.get().amount_minor == 1_234 + 655


def test_what_was_given_with_a_card_is_told_after_it_was_merged(shop: Shop) -> None:
    _given(shop)
    moved = SaleInput(total_minor=50_000)
    with in_programme(shop.programme):
        second, third = (
            Member.objects.create(
                holder=Holder.objects.create(), name="Ana", joined_at=shop.member.joined_at
            )
            for _card in range(2)
        )
    record_purchase(shop.call(), member=second.public_id, sale=moved)

    def told(member: Member) -> int:
        with in_programme(shop.programme):
            member.refresh_from_db()
            page = selectors.given_by(member)
            assert sum(one.amount for one in page.lines) == given_sums(member)["money"]
            return sum(one.amount for one in page.lines)

    assert (told(shop.member), told(second), told(third)) == (1_889, 5_000, 0)
    merge_members(shop.call(), survivor=second.public_id, loser=shop.member.public_id)
    into = merge_members(shop.call(), survivor=third.public_id, loser=second.public_id)
    assert told(third) == 6_889, "of every card that came into it"
    unmerge_members(shop.call(), merge=into.merge)
    assert (told(second), told(third)) == (6_889, 0)


def test_staff_pay_out_what_a_closed_cause_was_given(shop: Shop) -> None:
    library = _given(shop)
    pause_rule(shop.call(), rule=library)
    browser = Client()
    browser.force_login(shop.staff.user)
    page = f"/dashboard/{shop.programme.slug}/causes/{library}/"
    told = browser.post(page, {"reference": "VCB 1"})
    with in_programme(shop.programme):
        assert (told.status_code, Payout.objects.count()) == (422, 0)
    browser.post(page, {"reference": "VCB 1", "although_closed": "on"})
    with in_programme(shop.programme):
        assert Payout.objects.get().amount_minor == 1_234 + 655
