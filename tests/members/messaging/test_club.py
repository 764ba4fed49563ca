"""Joining in two steps, leaving in one, and everything that happens in between."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from structlog.testing import capture_logs

from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.selectors import balances
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.messaging.models import Subscription
from members.messaging.rules import Asked, confirm_token, mail_token, read_confirm_token
from members.messaging.services import ask, choose_topics, confirm, leave, stop_address
from members.profiles.models import Consent, Identifier, Member
from members.profiles.rules.consents import address_hash, network_of
from members.profiles.selectors import has_agreed, personal_data
from members.profiles.services import erase_member, give_consent, withdraw_consent
from tests.forms import form_values
from tests.members.messaging.club_of import (
    ADDRESS,
    asked,
    join,
    link,
    logged_in,
    sent,
    state,
    with_address,
)
from tests.world import Shop


@pytest.fixture(autouse=True)
def _address(shop: Shop) -> None:
    with_address(shop)


def _points(shop: Shop, member: Member | None = None) -> int:
    with in_programme(shop.programme):
        row = Member.objects.get(pk=(member or shop.member).pk)
        known = balances(holder_id=row.holder_id)
    return next((one.balance for one in known if one.asset == "points"), 0)


def _welcome(shop: Shop) -> None:
    values = {"name": "Welcome", "activity": "club.joined", "basis": "fixed", "points": 20}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()


def _consents(shop: Shop) -> list[Consent]:
    with in_programme(shop.programme):
        return list(Consent.objects.order_by("id"))


def test_a_scanner_that_opens_the_link_joins_nobody_and_the_button_does(shop: Shop) -> None:
    path = asked(shop)
    assert mail.outbox[0].to == [ADDRESS]
    scanner = Client(enforce_csrf_checks=True)
    for method in (scanner.get, scanner.head, scanner.get):
        assert method(path).status_code == 200
    assert scanner.post(path).status_code == 403, "no button without the page's own token"
    assert state(shop) == "asked"
    assert Client().post(path).status_code == 200
    assert state(shop) == "confirmed"
    with in_programme(shop.programme):
        assert has_agreed(shop.member, "marketing_email")


def test_what_proves_a_consent_is_kept_and_no_address_among_it(shop: Shop) -> None:
    ask(shop.call(), member=shop.member.public_id, source="till", network="203.0.113.77")
    relay_due()
    Client().post(link())
    rows = _consents(shop)
    assert {one.purpose for one in rows} == {
        "marketing_email",
        "email_news",
        "email_offers",
        "email_account",
    }
    for one in rows:
        assert one.text_hash == hashlib.sha256(one.text.encode()).hexdigest()
        assert one.address_hash == address_hash(ADDRESS)
        assert (one.network, one.source, one.channel) == ("203.0.113.0/24", "till", "email")
        assert one.text_version and ADDRESS not in one.text
    assert network_of("2001:db8:aaaa:bbbb::1") == "2001:db8:aaaa::/48"
    assert network_of("not an address") == ""


def test_the_welcome_is_given_once_however_often_one_joins(shop: Shop) -> None:
    _welcome(shop)
    join(shop)
    assert _points(shop) == 20
    leave(shop.call(), member=shop.member.public_id)
    with played_at(now() + timedelta(minutes=11)):
        join(shop)
        assert (state(shop), _points(shop)) == ("confirmed", 20)


def test_an_erased_person_who_comes_back_with_the_address_gets_no_second_welcome(
    shop: Shop,
) -> None:
    _welcome(shop)
    join(shop)
    erase_member(shop.call(), member=shop.member.public_id)
    token = _token(shop, address=ADDRESS)
    back = confirm(programme=shop.programme, token=token)
    relay_due()
    assert back.member != shop.member.public_id
    with in_programme(shop.programme):
        assert _points(shop, Member.objects.get(public_id=back.member)) == 0


def _token(shop: Shop, **values: Any) -> str:
    given: dict[str, Any] = {
        "programme": shop.programme.public_id,
        "address": "new@example.com",
        "member": "",
        "topics": ("news",),
        "language": "en",
        "source": "portal",
        "network": "",
        "at": now(),
    }
    return confirm_token(Asked(**{**given, **values}))


def test_opting_in_twice_and_pressing_twice_is_once(shop: Shop) -> None:
    first = asked(shop)
    ask(shop.call(), member=shop.member.public_id)
    relay_due()
    assert len(mail.outbox) == 1, "no second letter within ten minutes"
    with played_at(now() + timedelta(minutes=11)):
        second = asked(shop)
        assert len(mail.outbox) == 2
        for path in (first, first, second):
            assert Client().post(path).status_code == 200
    with in_programme(shop.programme):
        assert Subscription.objects.count() == 1
        assert Consent.objects.filter(purpose="marketing_email").count() == 1
    ask(shop.call(), member=shop.member.public_id)
    relay_due()
    assert len(mail.outbox) == 2, "who is in the club is not asked again"


def test_forged_and_expired_links_do_nothing(shop: Shop, other_shop: Shop) -> None:
    path = asked(shop)
    token = path.rstrip("/").rsplit("/", 1)[-1]
    for wrong in (token[:-4], token + "x", "x", "a" * 3_000, "%00", token.swapcase()):
        answer = Client().post(f"/p/cafe/club/confirm/{wrong}/")
        assert answer.status_code in (404, 410), wrong
        assert Client().get(f"/p/cafe/club/mail/{wrong}/").status_code in (404, 410)
        assert Client().post(f"/p/cafe/club/mail/{wrong}/").status_code in (404, 410)
    with played_at(now() + timedelta(days=8)):
        assert Client().get(path).status_code == 410
        assert Client().post(path).status_code == 410
    assert state(shop) == "none" or state(shop) == "asked"
    with pytest.raises(DomainError):
        read_confirm_token(
            mail_token(shop.member.public_id), programme=shop.programme.public_id, now=now()
        )
    elsewhere = Client().post(f"/p/other/club/confirm/{token}/")
    assert elsewhere.status_code == 410, "another programme's link is no link here"
    strangers = _token(shop)
    assert Client().get(f"/p/other/club/confirm/{strangers}/").status_code == 410
    assert Client().post(f"/p/other/club/confirm/{strangers}/").status_code == 410
    with in_programme(other_shop.programme):
        assert Subscription.objects.count() == 0
        assert not Identifier.objects.filter(value="new@example.com").exists()


def test_the_request_log_holds_no_token_and_nothing_that_was_searched_for(
    shop: Shop,
) -> None:
    path = asked(shop)
    token = path.rstrip("/").rsplit("/", 1)[-1]
    leave_path = f"/p/cafe/club/mail/{mail_token(shop.member.public_id)}/"
    with capture_logs() as lines:
        Client().get(path)
        Client().get(leave_path)
        Client().get("/p/cafe/club/?from=till&q=0912345678")
    told = [str(one["request"]) for one in lines if "request" in one]
    assert told and not any(token in one or "0912345678" in one for one in told)
    assert f"GET /p/cafe/club/confirm/{token[:6]}…/" in told
    assert "GET /p/cafe/club/?from=…&q=…" in told
    assert not any(mail_token(shop.member.public_id) in one for one in told)


def test_an_address_changed_after_the_consent_is_not_written_to(shop: Shop) -> None:
    join(shop)
    with in_programme(shop.programme):
        Identifier.objects.filter(kind="email").update(value="new@example.com")
    with pytest.raises(DomainError) as nobody:
        sent(shop)
    assert nobody.value.code == "nobody_to_write_to"
    with played_at(now() + timedelta(minutes=11)):
        join(shop)
    assert sent(shop).state == "sent"
    assert mail.outbox[0].to == ["new@example.com"]


def test_a_link_after_the_address_left_the_card_is_void(shop: Shop) -> None:
    path = asked(shop)
    with in_programme(shop.programme):
        Identifier.objects.filter(kind="email").delete()
    assert Client().post(path).status_code == 410
    assert state(shop) == "asked"


def test_a_link_after_an_erasure_is_void_and_makes_no_card(shop: Shop) -> None:
    path = asked(shop)
    erase_member(shop.call(), member=shop.member.public_id)
    with in_programme(shop.programme):
        before = Member.objects.count()
    assert Client().post(path).status_code == 410
    with in_programme(shop.programme):
        assert Member.objects.count() == before
        assert Subscription.objects.get().address == ""


def test_a_link_of_a_card_that_was_merged_joins_the_card_that_has_the_address(
    shop: Shop,
) -> None:
    from members.profiles.models import Holder

    path = asked(shop)
    with in_programme(shop.programme):
        holder = Holder.objects.create()
        survivor = Member.objects.create(holder=holder, name="Ana B", joined_at=now())
        Identifier.objects.filter(kind="email").update(member=survivor)
        Member.objects.filter(pk=shop.member.pk).update(state="merged", merged_into=survivor)
    assert Client().post(path).status_code == 200
    assert state(shop, survivor) == "confirmed"
    token = mail_token(shop.member.public_id)
    assert Client().post(f"/p/cafe/club/mail/{token}/").status_code == 200
    assert state(shop, survivor) == "left", "an old letter's link takes the living card out"


def test_one_click_of_a_mailbox_needs_no_cookie_and_may_come_twice(shop: Shop) -> None:
    join(shop)
    path = f"/p/cafe/club/mail/{mail_token(shop.member.public_id)}/"
    mailbox = Client(enforce_csrf_checks=True)
    assert mailbox.get(path).status_code == 200
    assert state(shop) == "confirmed", "a scanner's look takes nobody out"
    for _twice in range(2):
        answer = mailbox.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert state(shop) == "left"
    assert 'href="/p/cafe/club/"' in mailbox.get(path).content.decode(), "the way back"
    with in_programme(shop.programme):
        assert not has_agreed(shop.member, "marketing_email")
        said = Consent.objects.filter(purpose="marketing_email", granted=False)
        assert said.count() == 1, "said once"


def test_a_link_from_before_one_left_brings_nobody_back(shop: Shop) -> None:
    path = asked(shop)
    Client().post(path)
    leave(shop.call(), member=shop.member.public_id)
    assert Client().post(path).status_code == 410, "nor is the first press told again"
    late = _token(
        shop, address=ADDRESS, member=shop.member.public_id, at=now() - timedelta(hours=1)
    )
    assert Client().post(f"/p/cafe/club/confirm/{late}/").status_code == 410
    assert state(shop) == "left"


def test_topics_are_chosen_without_a_log_in_and_each_change_is_on_record(shop: Shop) -> None:
    join(shop)
    path = f"/p/cafe/club/mail/{mail_token(shop.member.public_id)}/"
    answer = Client().post(path, {"act": "topics", "topics": ["offers", "spam"]})
    assert answer.status_code == 200
    with in_programme(shop.programme):
        assert Subscription.objects.get().topics == ["offers"]
        gone = Consent.objects.filter(granted=False).values_list("purpose", flat=True)
        assert sorted(gone) == ["email_account", "email_news"]
    with pytest.raises(Invalid):
        choose_topics(shop.call(), member=shop.member.public_id, topics=["spam"])


def test_a_tick_at_the_till_asks_and_its_withdrawal_leaves(shop: Shop) -> None:
    give_consent(shop.call(), member=shop.member.public_id, purpose="marketing_email")
    relay_due()
    relay_due()
    assert state(shop) == "asked"
    Client().post(link())
    relay_due()
    assert state(shop) == "confirmed"
    withdraw_consent(shop.call(), member=shop.member.public_id, purpose="marketing_email")
    relay_due()
    assert state(shop) == "left"


def test_a_stranger_joins_by_the_page_and_gets_a_card_with_the_button(shop: Shop) -> None:
    page, visitor = "/p/cafe/club/?from=till", Client(headers={"Accept-Language": "en"})
    values = form_values(visitor.get(page).content.decode()) | {"email": "Moi@Example.com"}
    missing = visitor.post(page, values)
    assert missing.status_code == 422, "nothing is agreed to by itself"
    agreed = {"agree_marketing_email": "on", "agree_terms": "on", "of_age": "on"}
    known = visitor.post(page, values | agreed | {"email": ADDRESS})
    unknown = visitor.post(page, values | agreed)
    assert known.status_code == unknown.status_code == 200
    same = known.content.decode().replace(ADDRESS, "").split("<main")[1]
    other = unknown.content.decode().replace("moi@example.com", "").split("<main")[1]
    assert same == other, "the page tells nobody who is a member"
    assert mail.outbox[-1].to == ["moi@example.com"]
    with in_programme(shop.programme):
        before = Member.objects.count()
    assert Client().post(link()).status_code == 200
    assert Client().post(link()).status_code == 200
    with in_programme(shop.programme):
        assert Member.objects.count() == before + 1
        new = Member.objects.order_by("-id").first()
        assert new is not None
    assert state(shop, new) == "confirmed"


def test_a_closed_programme_takes_no_strangers(shop: Shop) -> None:
    with in_programme(shop.programme):
        Programme.objects.filter(pk=shop.programme.pk).update(is_open=False)
    agreed = {"agree_marketing_email": "on", "agree_terms": "on", "of_age": "on"}
    Client().post("/p/cafe/club/", {"email": "new@example.com", **agreed})
    assert mail.outbox == []
    assert Client().post(f"/p/cafe/club/confirm/{_token(shop)}/").status_code == 410


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nothing",
        "a@b",
        "a@@example.com",
        "a b@example.com",
        "a@example.com\nBcc: all@example.com",
        "a@example.com, b@example.com",
        "x" * 250 + "@example.com",
        "<script>@example.com",
        "a@exa\u0000mple.com",
    ],
)
def test_absurd_addresses_are_written_to_by_nobody(shop: Shop, address: str) -> None:
    agreed = {"agree_marketing_email": "on", "agree_terms": "on", "of_age": "on"}
    answer = Client().post("/p/cafe/club/", {"email": address, **agreed})
    assert answer.status_code == 422
    assert mail.outbox == []


def test_bounces_and_complaints_stop_letters(shop: Shop) -> None:
    join(shop)
    assert stop_address(shop.call(), address=ADDRESS.upper(), kind="bounce").found == 1
    with pytest.raises(DomainError):
        sent(shop)
    assert state(shop) == "confirmed"
    stop_address(shop.call(), address=ADDRESS, kind="complaint")
    assert state(shop) == "left"
    with in_programme(shop.programme):
        assert not has_agreed(shop.member, "marketing_email")


def test_a_member_sees_and_changes_it_on_their_own_pages(shop: Shop) -> None:
    client, page = logged_in(shop), "/p/cafe/club/preferences/"
    assert "You are not in the e-mail club." in client.get("/p/cafe/profile/").content.decode()
    assert client.post(page, {"act": "join"}).status_code == 302
    relay_due()
    client.post(link())
    shown = client.get(page).content.decode()
    assert "I want to read about" in shown
    client.post(page, {"act": "topics", "topics": ["news"]})
    client.post(page, {"act": "leave"})
    assert state(shop) == "left"
    with in_programme(shop.programme):
        copy = personal_data(shop.member)
    assert copy["email_club"][0]["address"] == ADDRESS
