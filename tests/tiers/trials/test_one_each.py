"""One for each person, whatever card, phone or mailbox they show."""

from __future__ import annotations

import pytest

from loyalty.common.errors import Conflict
from loyalty.ledger.holders import merge_members
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Identifier, Member
from members.profiles.services import add_identifier, erase_member, remove_identifier
from tests.tiers.trials.trials_of import (
    buy,
    person,
    results,
    settle,
    take,
    trial,
)
from tests.world import Shop
from tiers.trials import selectors
from tiers.trials.models import Sign, Taking
from tiers.trials.rules import one_mailbox
from tiers.trials.services import (
    give_feedback,
    hand_over_trial,
    return_trial,
)


def test_a_second_card_of_the_household_gets_none(shop: Shop) -> None:
    trial(shop)
    take(shop)
    twin = person(shop, "Ana's second phone", holder=shop.member.holder)
    with pytest.raises(Conflict, match="trial_taken"):
        take(shop, twin)
    assert results(shop).left == 1


def test_a_phone_or_mailbox_that_had_it_gets_none(shop: Shop) -> None:
    trial(shop)
    contacts = ("phone", "0912 345 678"), ("email", "ana.tran@gmail.com")
    for kind, value in (*contacts, ("external", "crm-1")):
        add_identifier(shop.call(), member=shop.member.public_id, kind=kind, value=value)
    take(shop, hand_over=True)
    for kind, value in (("phone", "+84912345678"), ("email", "ana.tran@gmail.com")):
        remove_identifier(shop.call(), member=shop.member.public_id, kind=kind, value=value)
    same_phone, same_box = person(shop, "Dan"), person(shop, "Eve")
    add_identifier(shop.call(), member=same_phone.public_id, kind="phone", value="0912345678")
    add_identifier(
        shop.call(), member=same_box.public_id, kind="email", value="anatran+cafe@googlemail.com"
    )
    for other in (same_phone, same_box):
        with pytest.raises(Conflict, match="trial_taken"):
            take(shop, other)
    with in_programme(shop.programme):
        values = list(Sign.objects.values_list("value", flat=True))
        assert not any("912345678" in one or "ana" in one for one in values)
        assert Identifier.objects.count() == 3


def test_a_phone_that_came_after_the_trial_is_the_same_persons(shop: Shop) -> None:
    trial(shop)
    add_identifier(shop.call(), member=shop.member.public_id, kind="phone", value="0912345678")
    take(shop, hand_over=True)
    second = {"kind": "phone", "value": "+84987654321"}
    add_identifier(shop.call(), member=shop.member.public_id, **second)
    settle()
    remove_identifier(shop.call(), member=shop.member.public_id, **second)
    settle()
    other = person(shop, "Ana again")
    add_identifier(shop.call(), member=other.public_id, **second)
    settle()
    with pytest.raises(Conflict, match="trial_taken"):
        take(shop, other)
    assert results(shop).left == 1


def test_addresses_of_one_mailbox() -> None:
    assert one_mailbox("A.na+cafe@Gmail.com") == one_mailbox("ana@googlemail.com")
    assert one_mailbox("a.na@example.com") != one_mailbox("ana@example.com")
    assert one_mailbox("+@example.com") == "+@example.com"


def test_a_forgotten_person_leaves_no_sign(shop: Shop) -> None:
    trial(shop)
    taken = take(shop, hand_over=True)
    give_feedback(shop.call(), taking=taken.id, stars=1, comment="Call me: 0912345678")
    erase_member(shop.call(), member=shop.member.public_id)
    settle()
    with in_programme(shop.programme):
        assert not Sign.objects.exists()
        assert Taking.objects.get().comment == ""
    assert results(shop).stars_tenths == 10, "what they thought still counts, without their words"


def test_a_merged_card_keeps_what_waits_and_gets_no_second(shop: Shop) -> None:
    trial(shop)
    loser = person(shop, "Ana, old card")
    waiting = take(shop, loser)
    merge_members(shop.call(), survivor=shop.member.public_id, loser=loser.public_id)
    settle()
    with in_programme(shop.programme):
        mine = selectors.takings_of(Member.objects.get(pk=shop.member.pk))
        assert [one.public_id for one in mine] == [waiting.id]
    with pytest.raises(Conflict, match="trial_taken"):
        take(shop)
    assert hand_over_trial(shop.call(), taking=waiting.id).state == "given"
    assert [one.reason for one in buy(shop).effects] == ["bought_after_trial"]
    return_trial(shop.call(), taking=waiting.id)
    assert take(shop).state == "accepted"
