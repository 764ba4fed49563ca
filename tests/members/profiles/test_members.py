"""Joining, being found, changing one's mind, being forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.common.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from loyalty.outbox.models import Event
from loyalty.tenancy.scope import in_programme
from members.profiles import services
from members.profiles.models import Consent, Identifier, Member, Note
from members.profiles.rules import cards
from members.profiles.selectors import (
    consents_now,
    filter_members,
    find_member,
    has_agreed,
    identifier_value,
    masked_contact,
    personal_data,
    search_members,
)
from members.profiles.services import ConsentGiven, NewMember, ProfileChanges
from tests.world import Shop

NASTY = "<script>alert(1)</script>'; DROP TABLE members;--"


def enrol(shop: Shop, **person: object) -> Member:
    done = services.enrol_member(shop.call(), person=NewMember(**person))  # type: ignore[arg-type]
    with in_programme(shop.programme):
        return Member.objects.get(public_id=done.member)


def as_member(shop: Shop, member: Member) -> Call:
    actor = Actor(
        programme=shop.programme,
        kind="member",
        id=member.public_id,
        label=member.public_id,
        permissions=frozenset({"self:*"}),
    )
    return Call(actor, shop.call().key)


def test_a_member_joins_at_the_till_and_is_found_again(shop: Shop) -> None:
    hoa = enrol(
        shop,
        name="Nguyễn Thị Hoa",
        phone="0912 345 678",
        email="Hoa@Example.com",
        consents=(ConsentGiven(purpose="terms"),),
        location=shop.location.public_id,
    )
    with in_programme(shop.programme):
        number = identifier_value(hoa, "card")
        for text in ("+84912345678", "84 912.345.678", "HOA@example.com", cards.spaced(number)):
            found = find_member(text)
            assert found is not None
            assert (found.member, found.trust) == (hoa, "named")
        assert search_members("nguyen hoa") == [hoa]
        assert search_members("345678") == [hoa]
        assert search_members(NASTY) == []
        assert find_member("\x00") is None
        assert masked_contact(hoa) == "091•••678"
        assert (hoa.joined_location, hoa.joined_merchant) == (shop.location, shop.merchant)
        assert Event.objects.filter(type="member.joined", subject=hoa.public_id).exists()


@pytest.mark.parametrize("typed", ["0701234567", "+84 70 123 4567", "0120 123 4567"])
def test_the_same_phone_in_three_spellings_is_one_member(shop: Shop, typed: str) -> None:
    first = enrol(shop, name="Nguyễn Thị Hoa", phone="0120.123.4567")
    with pytest.raises(Conflict, match="already_a_member") as caught:
        enrol(shop, name="Somebody", phone=typed)
    error = caught.value
    assert error.field == "phone"
    assert error.params == {"member": first.public_id, "hint": "070•••567"}
    assert "N. T. Hoa" in str(error.message)
    assert "1234567" not in str(error.message)


def test_a_phone_may_be_a_member_of_two_programmes(shop: Shop, other_shop: Shop) -> None:
    hoa = enrol(shop, phone="0912345678")
    dan = enrol(other_shop, phone="0912345678")
    with in_programme(other_shop.programme):
        found = find_member("0912345678")
        assert found is not None
        assert found.member == dan
    with pytest.raises(NotFound):
        services.update_member(
            other_shop.call(), member=hoa.public_id, changes=ProfileChanges(name="Mine")
        )


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"card": "8412009355261234"}, "card"),
        ({"name": "a" * 10_000}, "name"),
        ({"name": "a\x07"}, "name"),
        ({"language": "xx"}, "language"),
        ({"gender": "robot"}, "gender"),
        ({"tags": ("x" * 41,)}, "tags.0"),
        ({"consents": (ConsentGiven(purpose="everything"),)}, "consents"),
    ],
)
def test_what_cannot_be_is_refused_by_field(shop: Shop, person: dict, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        enrol(shop, **person)
    assert caught.value.field == field


def test_names_with_code_in_them_are_kept_as_text(shop: Shop) -> None:
    row = enrol(shop, name=NASTY, phone="0912345678", tags=(NASTY[:30],))
    services.add_note(shop.call(), member=row.public_id, text=NASTY)
    with in_programme(shop.programme):
        assert Member.objects.get(pk=row.pk).name == NASTY
        assert Note.objects.get().text == NASTY


def test_two_people_editing_do_not_undo_each_other(shop: Shop) -> None:
    row = enrol(shop, name="Hoa", phone="0912345678")
    services.update_member(
        shop.call(), member=row.public_id, changes=ProfileChanges(name="Hoa N."), revision=1
    )
    with pytest.raises(Conflict, match="changed_meanwhile"):
        services.update_member(
            shop.call(), member=row.public_id, changes=ProfileChanges(name="H."), revision=1
        )
    with in_programme(shop.programme):
        assert Member.objects.get(pk=row.pk).search_name == "hoa n."


def test_the_audit_trail_says_what_changed_but_not_to_what(shop: Shop) -> None:
    row = enrol(shop, name="Nguyễn Thị Hoa", phone="0912345678")
    services.update_member(
        shop.call(), member=row.public_id, changes=ProfileChanges(name="Trần Hoa")
    )
    with in_programme(shop.programme):
        trail = json.dumps(list(Command.objects.values("changes", "result", "actor_label")))
        events = json.dumps(list(Event.objects.values("data")))
    assert "name" in trail
    for personal in ("Hoa", "912345678"):
        assert personal not in trail + events


def test_consents_are_appended_never_changed(shop: Shop) -> None:
    row = enrol(shop, phone="0912345678", consents=(ConsentGiven(purpose="terms"),))
    give = {"member": row.public_id, "purpose": "marketing_email"}
    services.give_consent(shop.call(), **give)
    services.give_consent(shop.call(), **give)
    services.withdraw_consent(shop.call(), **give)
    with in_programme(shop.programme):
        assert not has_agreed(row, "marketing_email")
        assert has_agreed(row, "terms")
        said = Consent.objects.filter(member=row, purpose="marketing_email").order_by("pk")
        assert [one.granted for one in said] == [True, False]
        assert shop.programme.name in said[0].text
        assert set(consents_now(row)) == {"terms", "marketing_email"}
    with pytest.raises(Refused, match="needed_to_be_a_member"):
        services.withdraw_consent(shop.call(), member=row.public_id, purpose="terms")


def test_a_member_changes_their_own_card_only(shop: Shop) -> None:
    hoa, lan = enrol(shop, phone="0912345678"), enrol(shop, phone="0912345679")
    services.update_member(
        as_member(shop, hoa), member=hoa.public_id, changes=ProfileChanges(name="Hoa")
    )
    with pytest.raises(NotFound):
        services.update_member(
            as_member(shop, hoa), member=lan.public_id, changes=ProfileChanges(name="Mine")
        )
    with pytest.raises(Forbidden):
        services.hold_member(as_member(shop, hoa), member=hoa.public_id)
    with pytest.raises(Refused, match="not_proven"):
        services.add_identifier(
            as_member(shop, hoa), member=hoa.public_id, kind="phone", value="0987654321"
        )


def test_identifiers_come_and_go_but_one_stays(shop: Shop) -> None:
    shop.programme.card_policy = "by_hand"
    shop.programme.save()
    hoa, lan = enrol(shop, phone="0912345678"), enrol(shop, phone="0912345679")
    with pytest.raises(Conflict, match="identifier_taken"):
        services.add_identifier(
            shop.call(), member=hoa.public_id, kind="phone", value="+84 912345679"
        )
    with pytest.raises(Refused, match="last_identifier"):
        services.remove_identifier(
            shop.call(), member=lan.public_id, kind="phone", value="+84912345679"
        )
    services.issue_card(shop.call(), member=lan.public_id)
    services.remove_identifier(
        shop.call(), member=lan.public_id, kind="phone", value="+84912345679"
    )
    services.add_identifier(shop.call(), member=hoa.public_id, kind="phone", value="0912345679")
    with in_programme(shop.programme):
        found = find_member("0912345679")
        assert found is not None
        assert found.member == hoa


def test_a_card_on_hold_is_told_apart_and_lifted(shop: Shop) -> None:
    hoa = enrol(shop, phone="0912345678")
    assert services.hold_member(shop.call(), member=hoa.public_id, reason="odd").state == "held"
    assert services.activate_member(shop.call(), member=hoa.public_id).state == "active"


def test_tags_filter_members(shop: Shop) -> None:
    hoa = enrol(shop, phone="0912345678", tags=("Khách quen",))
    enrol(shop, phone="0912345679", tags=("khách quen cũ",))
    with in_programme(shop.programme):
        assert list(filter_members(tag="khách quen")) == [hoa]
    services.tag_member(shop.call(), member=hoa.public_id, add=("VIP",), remove=("khách quen",))
    with in_programme(shop.programme):
        assert Member.objects.get(pk=hoa.pk).tags == ["vip"]


def test_a_code_on_the_screen_is_taken_once(shop: Shop, other_shop: Shop) -> None:
    hoa = enrol(shop, phone="0912345678")
    token = cards.make_token(member=hoa.public_id, secret=hoa.card_secret, now=now())
    with in_programme(shop.programme):
        found = find_member(token)
        assert found is not None
        assert found.trust == "present"
    assert services.scan_card(shop.call(), token=token).member == hoa.public_id
    # The same till may read it twice; another one may not.
    services.scan_card(shop.call(), token=token)
    rest = Actor(
        programme=shop.programme,
        kind="staff",
        id="stf_other",
        label="Other till",
        permissions=frozenset({"members:read"}),
    )
    with pytest.raises(Refused, match="code_used"):
        services.scan_card(Call(rest, "other-till"), token=token)
    with pytest.raises(NotFound):
        services.scan_card(other_shop.call(), token=token)
    with pytest.raises(NotFound):
        services.scan_card(shop.call(), token="THAN1.nonsense")
    old = cards.make_token(
        member=hoa.public_id, secret=hoa.card_secret, now=now() - timedelta(minutes=5)
    )
    with pytest.raises(Refused, match="code_expired"):
        services.scan_card(shop.call(), token=old)
    services.renew_card_secret(shop.call(), member=hoa.public_id)
    with pytest.raises(Refused, match="code_expired"):
        services.scan_card(shop.call(), token=token)


def test_being_forgotten_leaves_no_person_behind(shop: Shop) -> None:
    hoa = enrol(
        shop,
        name="Nguyễn Thị Hoa",
        phone="0912345678",
        email="hoa@example.com",
        tags=("vip",),
        consents=(ConsentGiven(purpose="terms"),),
    )
    services.add_note(shop.call(), member=hoa.public_id, text="likes oat milk")
    services.export_member_data(shop.call(), member=hoa.public_id)
    with in_programme(shop.programme):
        copy = json.dumps(personal_data(hoa), ensure_ascii=False)
    for mine in ("Nguyễn Thị Hoa", "+84912345678", "oat milk", "terms"):
        assert mine in copy
    services.erase_member(shop.call(), member=hoa.public_id)
    with in_programme(shop.programme):
        row = Member.objects.get(pk=hoa.pk)
        assert (row.state, row.name, row.search_name, row.tags) == ("erased", "", "", [])
        assert not Identifier.objects.filter(member=row).exists()
        assert not Note.objects.filter(member=row).exists()
        assert find_member("0912345678") is None
        everything = json.dumps(
            [list(model.objects.values()) for model in (Command, Event, Member, Consent)],
            default=str,
        )
    for mine in ("Hoa", "912345678", "hoa@", "oat milk"):
        assert mine not in everything
    with pytest.raises(Conflict, match="already_erased"):
        services.erase_member(shop.call(), member=hoa.public_id)
    with pytest.raises(Refused):
        services.update_member(
            shop.call(), member=hoa.public_id, changes=ProfileChanges(name="Back")
        )
    assert enrol(shop, phone="0912345678").pk != hoa.pk
