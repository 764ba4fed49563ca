"""Everybody wants in at once: never more people than places, the rest in one line."""

from __future__ import annotations

from typing import Any

import pytest

from community.events.models import Seat
from community.events.services import answer_event, cancel_seat, check_in
from loyalty.commands.actor import staff_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import played_at
from loyalty.common.errors import Refused
from loyalty.tenancy.scope import in_programme
from tests.community.events.events_of import published, relay, row_of, says_yes, someone
from tests.loyalty.commands.test_races import at_once
from tests.world import make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def test_twelve_at_once_for_five_places() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    event = published(shop, capacity=5)
    people = [someone(shop) for _n in range(12)]

    def yes(number: int) -> Any:
        call = Call(staff_actor(shop.staff), f"yes-{number}")
        return answer_event(call, member=people[number].public_id, event=event)

    answers = at_once(12, yes)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert sorted(one.state for one in answers) == ["going"] * 5 + ["waiting"] * 7
    relay()
    row = row_of(shop, event)
    assert (row.taken, row.waiting) == (5, 7)
    with in_programme(shop.programme):
        line = Seat.objects.filter(state="waiting").order_by("number")
        assert [one.number for one in line] == list(range(1, 8))


def test_parties_at_once_never_exceed_the_room() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    event = published(shop, capacity=7, guests_most=2)
    people = [someone(shop) for _n in range(6)]

    def yes(number: int) -> Any:
        call = Call(staff_actor(shop.staff), f"yes-{number}")
        member = people[number].public_id
        return answer_event(call, member=member, event=event, guests=number % 3)

    answers = at_once(6, yes)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    relay()
    with in_programme(shop.programme):
        inside = sum(one.party for one in Seat.objects.filter(state="going"))
    assert inside == row_of(shop, event).taken <= 7


def test_places_freed_at_once_go_to_the_first_in_line() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    event = published(shop, capacity=4)
    going = [says_yes(shop, event, someone(shop)) for _n in range(4)]
    waiting = [says_yes(shop, event, someone(shop)) for _n in range(4)]

    def back(number: int) -> Any:
        call = Call(staff_actor(shop.staff), f"back-{number}")
        done = cancel_seat(call, seat=going[number].seat)
        relay()
        return done

    answers = at_once(3, back)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    relay()
    with in_programme(shop.programme):
        states = {one.public_id: one.state for one in Seat.objects.all()}
    assert [states[one.seat] for one in waiting] == ["going"] * 3 + ["waiting"]
    assert (row_of(shop, event).taken, row_of(shop, event).waiting) == (4, 1)


def test_one_ticket_at_two_doors_lets_one_in() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    event = published(shop)
    seat = says_yes(shop, event)

    def scan(number: int) -> Any:
        with played_at(row_of(shop, event).starts_at):
            return check_in(Call(staff_actor(shop.staff), f"door-{number}"), code=seat.code)

    answers = at_once(3, scan)
    refused = [one for one in answers if isinstance(one, Refused)]
    assert len(refused) == 2 and {one.code for one in refused} == {"in_already"}, answers
