"""Stamps given at the counter, without a sale."""

from __future__ import annotations

import pytest

from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.engine.publishing import pause_rule
from loyalty.ledger.holders import merge_members
from loyalty.outbox.relay import relay_due
from members.profiles.services import NewMember, enrol_member
from rewards.punchcards.services import give_stamps, take_stamps_back
from tests.rewards.punchcards.cards_of import buy, card, coffees, is_sound, stamps, vouchers
from tests.world import Shop


def test_a_stamp_by_hand_and_back(shop: Shop) -> None:
    coffee_card = card(shop)
    other = card(shop, name="Beside")
    buy(shop, coffees(7))
    done = give_stamps(
        shop.call(), member=shop.member.public_id, card=coffee_card.rule, stamps=2, text="sorry"
    )
    assert (done.stamps, done.filled, len(done.rewards)) == (2, 0, 1)
    assert (stamps(shop, coffee_card), stamps(shop, other)) == (0, 7)
    back = take_stamps_back(shop.call(), given=done.given)
    assert (back.stamps, back.filled, vouchers(shop)) == (-2, 7, ["void"])
    with pytest.raises(Refused, match="already_taken_back"):
        take_stamps_back(shop.call(), given=done.given)
    assert is_sound(shop)


def test_what_cannot_be_given(shop: Shop, other_shop: Shop) -> None:
    coffee_card = card(shop, limits=[{"maximum": 1, "period": "day"}])
    arguments = {"member": shop.member.public_id, "card": coffee_card.rule}
    for wrong in (0, 10, -1, 2**70, True):
        with pytest.raises(Invalid):
            give_stamps(shop.call(), **arguments, stamps=wrong)
    done = give_stamps(shop.call(), **arguments, stamps=3)
    assert done.stamps == 1, "the card's daily limit"
    with pytest.raises(Refused, match="no_stamp"):
        give_stamps(shop.call(), **arguments)
    with pytest.raises(NotFound):
        give_stamps(other_shop.call(), member=other_shop.member.public_id, card=coffee_card.rule)
    with pytest.raises(NotFound):
        take_stamps_back(other_shop.call(), given=done.given)


def test_a_paused_card_takes_no_stamp(shop: Shop) -> None:
    coffee_card = card(shop)
    pause_rule(shop.call(), rule=coffee_card.rule)
    shop.programme.refresh_from_db()
    with pytest.raises(Refused, match="no_stamp"):
        give_stamps(shop.call(), member=shop.member.public_id, card=coffee_card.rule)


def test_two_half_cards_made_one_are_a_full_one(shop: Shop) -> None:
    coffee_card = card(shop)
    buy(shop, coffees(5))
    person = NewMember(name="Hoa", phone="0987654321")
    twin = enrol_member(shop.call(), person=person).member
    give_stamps(shop.call(), member=twin, card=coffee_card.rule, stamps=6)
    merge_members(shop.call(), survivor=shop.member.public_id, loser=twin)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (11, [])
    while relay_due():
        pass
    assert (stamps(shop, coffee_card), vouchers(shop)) == (2, ["issued"])
    while relay_due():
        pass
    buy(shop, coffees(7))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued", "issued"])
    assert is_sound(shop)
