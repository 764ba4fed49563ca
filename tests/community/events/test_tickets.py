"""Tickets that are rewards, people who were there, cards that become one or are forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from community.events import selectors
from community.events.personal_data import export
from community.events.services import cancel_event, cancel_seat, check_in, undo_check_in
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Refused
from loyalty.engine.audience import narrowed
from loyalty.engine.conditions import parse
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.matching import Moment
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.holders import merge_members, unmerge_members
from loyalty.ledger.verification import verify
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.messaging.services import ask, stop_address
from members.profiles.models import Member
from members.profiles.services.personal import erase_member
from rewards.catalog.models import Voucher
from tests.community.events.events_of import (
    give_points,
    points_of,
    published,
    relay,
    row_of,
    says_yes,
    seat_of,
    someone,
)
from tests.rewards.catalog.rewards_of import redeem, reward
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def attended(shop: Shop, member: Member | None = None) -> int:
    who = member or shop.member
    with in_programme(shop.programme):
        who.refresh_from_db()
        world = DatabaseWorld(programme=shop.programme, member=who, now=now())
        return int(Facts(world)["events.attended"])


def vouchers(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return [row.state for row in Voucher.objects.order_by("pk")]


def seats(shop: Shop, event: str) -> list[str]:
    with in_programme(shop.programme):
        return [row.state for row in row_of(shop, event).seats.order_by("pk")]


def _ticket_reward(shop: Shop) -> str:
    return reward(
        shop, name_vi="Vé đêm nhạc", name_en="Concert ticket", kind="event_ticket", skus=()
    )


# --- a ticket as a reward -----------------------------------------------------------------------------


def test_a_reward_redeemed_is_the_ticket_of_the_one_event_that_takes_it(shop: Shop) -> None:
    give_points(shop, 100)
    wanted = _ticket_reward(shop)
    event = published(shop, reward=wanted, capacity=5)
    redeem(shop, wanted)
    relay()
    assert (seats(shop, event), vouchers(shop)) == (["going"], ["used"])
    with in_programme(shop.programme):
        seat = row_of(shop, event).seats.get()
    cancel_seat(shop.call(), seat=seat.public_id)
    assert vouchers(shop) == ["issued"]
    assert says_yes(shop, event).state == "going"


def test_of_two_days_the_member_chooses(shop: Shop) -> None:
    give_points(shop, 100)
    wanted = _ticket_reward(shop)
    first, second = published(shop, reward=wanted), published(shop, reward=wanted)
    redeem(shop, wanted)
    relay()
    assert seats(shop, first) == seats(shop, second) == []
    says_yes(shop, second)
    with pytest.raises(Refused) as error:
        says_yes(shop, first)
    assert error.value.code == "ticket_needed"


def test_a_rule_that_grants_the_reward_gives_the_ticket_and_a_refund_takes_it(shop: Shop) -> None:
    wanted = _ticket_reward(shop)
    event = published(shop, reward=wanted)
    card = create_rule(
        shop.call(),
        kind="punchcards.punch_card",
        values={"name": "Two sales", "stamp_per": "visit", "stamps_needed": 2, "reward": wanted},
    )
    publish_rule(shop.call(), rule=card.rule)
    shop.programme.refresh_from_db()
    bought = [_buy(shop) for _n in range(2)]
    relay()
    assert seats(shop, event) == ["going"]
    refund_purchase(shop.call(), purchase=bought[1])
    relay()
    assert (seats(shop, event), vouchers(shop)) == (["cancelled"], ["void"])
    assert row_of(shop, event).taken == 0


def _buy(shop: Shop) -> str:
    sale = SaleInput(total_minor=50_000)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def test_a_voucher_pays_for_the_member_and_points_for_the_guests(shop: Shop) -> None:
    give_points(shop, 150)
    wanted = _ticket_reward(shop)
    event, _other = (
        published(shop, reward=wanted, price_points=20, guests_most=2) for _n in range(2)
    )
    redeem(shop, wanted)
    seat = says_yes(shop, event, guests=2)
    assert (seat.cost_points, points_of(shop), vouchers(shop)) == (40, 10, ["used"])
    with played_at(row_of(shop, event).starts_at - timedelta(hours=1)):
        late = cancel_seat(shop.call(), seat=seat.seat)
    assert (late.points_back, vouchers(shop)) == (0, ["used"])


def test_a_full_event_holds_the_voucher_until_there_is_a_place(shop: Shop) -> None:
    give_points(shop, 100)
    wanted = _ticket_reward(shop)
    event = published(shop, reward=wanted, price_points=5, capacity=1)
    guest = someone(shop)
    give_points(shop, 5, guest)
    first = says_yes(shop, event, guest)
    redeem(shop, wanted)
    relay()
    assert (seats(shop, event), vouchers(shop)) == (["going", "waiting"], ["issued"])
    cancel_seat(shop.call(), seat=first.seat)
    relay()
    assert (seats(shop, event), vouchers(shop)) == (["cancelled", "going"], ["used"])


# --- being there -----------------------------------------------------------------------------------------


def test_being_there_is_rewarded_by_any_rule_and_taken_back_when_undone(shop: Shop) -> None:
    earning(shop, activity="event.attended", basis="fixed", points=15)
    event = published(shop)
    seat = says_yes(shop, event)
    with played_at(row_of(shop, event).starts_at):
        check_in(shop.call(), code=seat.code)
        assert (points_of(shop), attended(shop)) == (15, 1)
        undo_check_in(shop.call(), seat=seat.seat)
        assert (points_of(shop), attended(shop)) == (0, 0)
        with pytest.raises(Refused):
            undo_check_in(shop.call(), seat=seat.seat)
        check_in(shop.call(), code=seat.code)
        assert (points_of(shop), attended(shop)) == (15, 1)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_the_third_event_is_what_a_rule_may_wait_for(shop: Shop) -> None:
    earning(
        shop,
        activity="event.attended",
        basis="fixed",
        points=50,
        audience=[{"fact": "events.attended", "op": "gte", "value": 3}],
    )
    for number in range(3):
        event = published(shop)
        seat = says_yes(shop, event)
        with played_at(row_of(shop, event).starts_at):
            check_in(shop.call(), seat=seat.seat)
        assert points_of(shop) == (50 if number == 2 else 0)


@pytest.mark.parametrize("op", ["eq", "gte", "lte", "ne", "gt", "lt", "in"])
def test_an_audience_is_counted_by_the_database_as_by_the_fact(shop: Shop, op: str) -> None:
    event, guest, nobody = published(shop), someone(shop), someone(shop)
    seat = says_yes(shop, event, guest)
    with played_at(row_of(shop, event).starts_at):
        check_in(shop.call(), seat=seat.seat)
    value: Any = [1] if op == "in" else 1
    asked = parse([{"fact": "events.attended", "op": op, "value": value}])
    with in_programme(shop.programme):
        rows, rest = narrowed(asked, Moment(at=now(), zone=shop.programme.timezone))
        assert rest == ()
        found = {row.pk for row in rows}
        for member in (shop.member, guest, nobody):
            world = DatabaseWorld(programme=shop.programme, member=member, now=now())
            holds = asked[0].holds(Facts(world).__getitem__)
            assert (member.pk in found) == holds, (op, member.name)


def test_the_door_is_closed_long_before_and_long_after(shop: Shop) -> None:
    event = published(shop)
    seat = says_yes(shop, event)
    for at in (
        row_of(shop, event).starts_at - timedelta(hours=13),
        row_of(shop, event).ends_at + timedelta(hours=13),
    ):
        with played_at(at), pytest.raises(Refused) as error:
            check_in(shop.call(), code=seat.code)
        assert error.value.code == "door_closed"


# --- cards that become one, people who leave -----------------------------------------------------------


def test_two_cards_of_one_person_share_their_tickets_and_come_apart_again(shop: Shop) -> None:
    earlier, both = published(shop), published(shop, capacity=2)
    twin = someone(shop, "Ana too")
    old = says_yes(shop, earlier, twin)
    with played_at(row_of(shop, earlier).starts_at):
        check_in(shop.call(), seat=old.seat)
    mine, theirs = says_yes(shop, both), says_yes(shop, both, twin)
    done = merge_members(shop.call(), survivor=shop.member.public_id, loser=twin.public_id)
    relay()
    assert attended(shop) == 1
    assert {seat_of(shop, one.seat).state for one in (mine, theirs)} == {"going", "cancelled"}
    assert row_of(shop, both).taken == 1
    with in_programme(shop.programme):
        assert len(export(shop.member)["events"]) == 3
    unmerge_members(shop.call(), merge=done.merge)
    relay()
    assert (attended(shop), attended(shop, twin)) == (0, 1)


def test_who_is_forgotten_keeps_nobody_waiting(shop: Shop) -> None:
    give_points(shop, 30)
    event = published(shop, capacity=1, price_points=10)
    seat = says_yes(shop, event)
    guest = someone(shop)
    give_points(shop, 10, guest)
    waiting = says_yes(shop, event, guest)
    erase_member(shop.call(), member=shop.member.public_id)
    relay()
    assert seat_of(shop, seat.seat).state == "cancelled"
    assert seat_of(shop, waiting.seat).state == "going"
    assert points_of(shop) == 0  # what they held is forfeited, and nothing comes after it
    with in_programme(shop.programme):
        assert verify().findings == []


def test_a_card_on_hold_leaves_its_turn_to_the_next(shop: Shop) -> None:
    event = published(shop, capacity=1)
    first, held, third = (says_yes(shop, event, someone(shop)) for _n in range(3))
    with in_programme(shop.programme):
        Member.objects.filter(public_id=held.member).update(state="held")
    cancel_seat(shop.call(), seat=first.seat)
    relay()
    assert seat_of(shop, held.seat).state == "lapsed"
    assert seat_of(shop, third.seat).state == "going"


def test_my_answers_are_in_my_copy_of_everything(shop: Shop) -> None:
    event = published(shop, guests_most=1)
    says_yes(shop, event, guests=1)
    with in_programme(shop.programme):
        (told,) = export(shop.member)["events"]
        assert selectors.my_tickets(shop.member)[0].event.public_id == event
    assert (told["guests"], told["checked_in_at"]) == (1, None)


def test_who_moves_up_and_whose_event_is_called_off_gets_a_letter(
    shop: Shop, mailoutbox: list[EmailMessage]
) -> None:
    event = published(shop, capacity=1)
    guest = someone(shop, language="en")
    with in_programme(shop.programme):
        guest.identifiers.create(kind="email", value="mai@example.com", created_at=now())
    first = says_yes(shop, event)
    says_yes(shop, event, guest)
    cancel_seat(shop.call(), seat=first.seat)
    relay()
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["mai@example.com"], "You have a place: Coffee tasting")
    assert f"/p/cafe/events/{event}/" in letter.body
    assert letter.from_email.startswith("Cafe <") or shop.programme.name in letter.from_email
    ((html, kind),) = letter.alternatives
    assert kind == "text/html" and f"/p/cafe/events/{event}/" in html
    cancel_event(shop.call(), event=event)
    relay()
    assert mailoutbox[1].subject == "Called off: Coffee tasting"


def test_an_address_that_takes_no_letters_gets_none(
    shop: Shop, mailoutbox: list[EmailMessage]
) -> None:
    event = published(shop)
    with in_programme(shop.programme):
        shop.member.identifiers.create(kind="email", value="mai@example.com", created_at=now())
    says_yes(shop, event)
    ask(shop.call(), member=shop.member.public_id)
    stop_address(shop.call(), address="mai@example.com", kind="bounce")
    relay()
    mailoutbox.clear()
    cancel_event(shop.call(), event=event)
    relay()
    assert mailoutbox == []
