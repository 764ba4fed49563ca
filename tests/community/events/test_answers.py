"""Yes, no, the waiting list, tickets paid with points: what members do about an event."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.events.services import (
    accept_place,
    answer_event,
    cancel_event,
    cancel_seat,
    edit_event,
    publish_event,
)
from community.events.services.authoring import create_event
from community.events.tasks import look_after_events
from loyalty.commands.actor import member_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Conflict, DomainError, Invalid, NotFound, Refused
from loyalty.engine.models import Activity
from loyalty.ledger.verification import verify
from loyalty.outbox.models import Event as Told
from loyalty.tenancy.scope import in_programme
from tests.community.events.events_of import (
    evening,
    give_points,
    points_of,
    published,
    relay,
    row_of,
    says_yes,
    seat_of,
    someone,
)
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _code(error: pytest.ExceptionInfo[DomainError]) -> tuple[str, str]:
    return error.value.code, error.value.field


def told(shop: Shop, type: str) -> list[dict]:
    with in_programme(shop.programme):
        return [row.data for row in Told.objects.filter(type=type).order_by("pk")]


def test_a_yes_takes_places_and_gives_a_ticket_nobody_can_guess(shop: Shop) -> None:
    event = published(shop, capacity=10, guests_most=2)
    seat = says_yes(shop, event, guests=2)
    assert (seat.state, seat.guests, seat.place_in_line) == ("going", 2, 0)
    assert len(seat.code) == 19
    assert row_of(shop, event).taken == 3
    assert told(shop, "seat.taken")[0]["member"] == shop.member.public_id
    with in_programme(shop.programme):
        assert Activity.objects.filter(type="event.rsvp", member=shop.member).count() == 1


def test_a_no_takes_nothing_and_can_become_a_yes(shop: Shop) -> None:
    event = published(shop, capacity=1)
    assert says_yes(shop, event, coming=False).state == "declined"
    assert row_of(shop, event).taken == 0
    with pytest.raises(Conflict):
        says_yes(shop, event, coming=False)
    assert says_yes(shop, event).state == "going"


def test_the_same_yes_twice_is_refused_and_takes_one_place(shop: Shop) -> None:
    event = published(shop, capacity=10)
    says_yes(shop, event)
    with pytest.raises(Conflict) as error:
        says_yes(shop, event)
    assert _code(error) == ("answered_already", "event")
    assert row_of(shop, event).taken == 1


def test_no_more_guests_than_the_event_allows(shop: Shop) -> None:
    event = published(shop, guests_most=1)
    for guests in (2, -1, 10**9):
        with pytest.raises(Invalid) as error:
            says_yes(shop, event, guests=guests)
        assert _code(error) == ("too_many_guests", "guests")


def test_nobody_answers_a_draft_a_cancelled_or_a_started_event(shop: Shop) -> None:
    draft = create_event(shop.call(), event=evening())
    with pytest.raises(NotFound):
        says_yes(shop, draft.event)
    event = published(shop)
    with played_at(row_of(shop, event).starts_at), pytest.raises(Refused) as error:
        says_yes(shop, event)
    assert _code(error) == ("event_started", "event")
    cancel_event(shop.call(), event=event)
    with pytest.raises(Refused) as error:
        says_yes(shop, event)
    assert _code(error) == ("event_cancelled", "event")


def test_an_event_for_some_is_refused_to_others(shop: Shop) -> None:
    event = published(
        shop, audience=({"fact": "member.tags", "op": "contains", "value": "regular"},)
    )
    with pytest.raises(Refused) as error:
        says_yes(shop, event)
    assert _code(error) == ("not_for_you", "event")
    regular = someone(shop, tags=["regular"])
    assert says_yes(shop, event, regular).state == "going"


def test_who_comes_too_late_waits_in_order_and_moves_up_by_themselves(shop: Shop) -> None:
    event = published(shop, capacity=2, guests_most=1)
    first = says_yes(shop, event)
    second = says_yes(shop, event, someone(shop))
    waiting = [says_yes(shop, event, someone(shop)) for _n in range(3)]
    relay()
    assert [one.place_in_line for one in waiting] == [1, 2, 3]
    assert (row_of(shop, event).taken, row_of(shop, event).waiting) == (2, 3)

    cancel_seat(shop.call(), seat=first.seat)
    # Somebody new does not overtake who waits, though a place is free at this instant.
    late = says_yes(shop, event, someone(shop))
    assert (late.state, late.place_in_line) == ("waiting", 4)
    relay()
    assert [seat_of(shop, one.seat).state for one in waiting] == ["going", "waiting", "waiting"]
    assert told(shop, "seat.moved_up")[0]["seat"] == waiting[0].seat
    assert seat_of(shop, waiting[0].seat).code
    cancel_seat(shop.call(), seat=second.seat)
    relay()
    assert [seat_of(shop, one.seat).state for one in waiting] == ["going", "going", "waiting"]
    assert (row_of(shop, event).taken, row_of(shop, event).waiting) == (2, 2)


def test_an_empty_place_goes_to_the_first_party_that_fits(shop: Shop) -> None:
    event = published(shop, capacity=2, guests_most=1)
    says_yes(shop, event)
    one = says_yes(shop, event, someone(shop))
    pair = says_yes(shop, event, someone(shop), guests=1)
    single = says_yes(shop, event, someone(shop))
    cancel_seat(shop.call(), seat=one.seat)
    relay()
    assert seat_of(shop, pair.seat).state == "waiting"
    assert seat_of(shop, single.seat).state == "going"


def test_an_offered_place_is_accepted_or_lapses_for_the_next(shop: Shop) -> None:
    event = published(shop, capacity=1, offer_hours=4)
    first = says_yes(shop, event)
    second, third = (says_yes(shop, event, someone(shop)) for _n in range(2))
    cancel_seat(shop.call(), seat=first.seat)
    relay()
    offered = seat_of(shop, second.seat)
    assert offered.state == "offered" and not offered.code
    with pytest.raises(Refused) as error:
        accept_place(shop.call(), seat=third.seat)
    assert _code(error) == ("no_offer", "seat")
    with played_at(now() + timedelta(hours=5)):
        with pytest.raises(Refused):
            accept_place(shop.call(), seat=second.seat)
        look_after_events()
        relay()
        assert seat_of(shop, second.seat).state == "lapsed"
        assert seat_of(shop, third.seat).state == "offered"
        assert accept_place(shop.call(), seat=third.seat).state == "going"
    assert row_of(shop, event).taken == 1


def test_more_places_let_people_in_and_too_few_throw_nobody_out(shop: Shop) -> None:
    event = published(shop, capacity=1)
    says_yes(shop, event)
    mai = says_yes(shop, event, someone(shop, "Mai"))
    edit_event(shop.call(), event=event, values=evening(capacity=2))
    relay()
    assert seat_of(shop, mai.seat).state == "going"
    with pytest.raises(Refused) as error:
        edit_event(shop.call(), event=event, values=evening(capacity=1))
    assert _code(error) == ("capacity_below_taken", "capacity")
    assert "Mai" in str(error.value.message)
    assert error.value.params["seats"] == [mai.seat]
    assert row_of(shop, event).capacity == 2


# --- points ----------------------------------------------------------------------------------------


def test_a_ticket_is_paid_with_points_and_given_back_before_the_deadline(shop: Shop) -> None:
    give_points(shop, 100)
    event = published(shop, price_points=30, guests_most=1, refund_hours=24)
    seat = says_yes(shop, event, guests=1)
    assert (seat.cost_points, points_of(shop)) == (60, 40)
    done = cancel_seat(shop.call(), seat=seat.seat)
    assert (done.points_back, points_of(shop)) == (60, 100)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_after_the_deadline_the_share_comes_back_that_was_promised(shop: Shop) -> None:
    give_points(shop, 100)
    event = published(shop, price_points=33, refund_hours=24, late_refund_bp=5_000)
    seat = says_yes(shop, event)
    with played_at(row_of(shop, event).starts_at - timedelta(hours=23)):
        done = cancel_seat(shop.call(), seat=seat.seat)
        assert (done.points_back, points_of(shop)) == (16, 83)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_staff_may_give_all_back_at_any_hour_and_members_may_not(shop: Shop) -> None:
    give_points(shop, 100)
    event = published(shop, price_points=30)
    seat = says_yes(shop, event)
    me = Call(member_actor(shop.programme, shop.member.public_id), "mine")
    with pytest.raises(Invalid):
        cancel_seat(me, seat=seat.seat, for_free=True)
    with played_at(row_of(shop, event).starts_at + timedelta(hours=1)):
        with pytest.raises(Refused):
            cancel_seat(shop.call(), seat=seat.seat)
        assert cancel_seat(shop.call(), seat=seat.seat, for_free=True).points_back == 30


def test_points_that_are_short_take_no_place_and_no_place_in_the_line(shop: Shop) -> None:
    event = published(shop, price_points=30, capacity=1)
    event_for_two = published(shop, price_points=20, guests_most=1)
    give_points(shop, 29)
    with pytest.raises(Refused) as error:
        says_yes(shop, event)
    assert (error.value.code, error.value.field) == ("insufficient_balance", "event")
    with pytest.raises(Refused) as error:
        says_yes(shop, event_for_two, guests=1)
    assert error.value.field == "guests", "alone there would be enough"
    assert row_of(shop, event).taken == 0
    rich = someone(shop)
    give_points(shop, 30, rich)
    says_yes(shop, event, rich)
    with pytest.raises(Refused) as error:
        says_yes(shop, event)
    assert error.value.field == "event"
    assert row_of(shop, event).waiting == 0


def test_who_cannot_pay_when_a_place_is_free_leaves_it_to_the_next(shop: Shop) -> None:
    event = published(shop, price_points=30, capacity=1)
    cheaper = published(shop, price_points=20)
    people = [someone(shop) for _n in range(3)]
    for one in people:
        give_points(shop, 30, one)
    first, poor, third = (says_yes(shop, event, one) for one in people)
    says_yes(shop, cheaper, people[1])
    cancel_seat(shop.call(), seat=first.seat)
    relay()
    assert seat_of(shop, poor.seat).state == "lapsed"
    assert seat_of(shop, third.seat).state == "going"
    assert (row_of(shop, event).taken, row_of(shop, event).waiting) == (1, 0)


def test_what_a_yes_earned_is_taken_back_with_it(shop: Shop) -> None:
    earning(shop, activity="event.rsvp", basis="fixed", points=5)
    event = published(shop)
    seat = says_yes(shop, event)
    assert points_of(shop) == 5
    cancel_seat(shop.call(), seat=seat.seat)
    assert points_of(shop) == 0


# --- moved, cancelled --------------------------------------------------------------------------------


def test_a_moved_event_is_told_and_may_be_cancelled_free(shop: Shop) -> None:
    give_points(shop, 100)
    event = published(shop, price_points=30, refund_hours=48)
    seat = says_yes(shop, event)
    starts_at = row_of(shop, event).starts_at
    with played_at(starts_at - timedelta(hours=10)):
        moved = evening(at=starts_at + timedelta(days=1), price_points=30, refund_hours=48)
        edit_event(shop.call(), event=event, values=moved)
        assert told(shop, "seat.event_moved")[0]["seat"] == seat.seat
        assert cancel_seat(shop.call(), seat=seat.seat).points_back == 30


def test_a_cancelled_event_gives_all_back_and_tells_everybody(shop: Shop) -> None:
    give_points(shop, 100)
    event = published(shop, price_points=30, capacity=1, refund_hours=500)
    rich = someone(shop)
    give_points(shop, 30, rich)
    seat, waiting = says_yes(shop, event), says_yes(shop, event, rich)
    cancel_event(shop.call(), event=event, reason="Trời bão")
    relay()
    assert seat_of(shop, seat.seat).state == seat_of(shop, waiting.seat).state == "void"
    assert points_of(shop) == 100
    assert {one["member"] for one in told(shop, "seat.voided")} == {
        shop.member.public_id,
        rich.public_id,
    }
    assert (row_of(shop, event).taken, row_of(shop, event).waiting) == (0, 0)
    with pytest.raises(Conflict):
        cancel_event(shop.call(), event=event)
    with pytest.raises(Conflict):
        cancel_seat(shop.call(), seat=seat.seat)


# --- bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"title_vi": "", "title_en": " "}, "required", "title_vi"),
        ({"place": ""}, "required", "place"),
        ({"link": "javascript:alert(1)"}, "bad_link", "link"),
        ({"capacity": 0}, "out_of_range", "capacity"),
        ({"capacity": 10**12}, "out_of_range", "capacity"),
        ({"guests_most": 21}, "out_of_range", "guests_most"),
        ({"capacity": 2, "guests_most": 2}, "more_guests_than_places", "guests_most"),
        ({"price_points": -1}, "out_of_range", "price_points"),
        ({"late_refund_bp": 10_001}, "out_of_range", "late_refund_bp"),
        ({"reward": "rwd_unknown"}, "unknown_reward", "reward"),
        ({"title_vi": "Đêm\x00"}, "bad_characters", "title_vi"),
        (
            {"audience": ({"fact": "at.weekday", "op": "eq", "value": 1},)},
            "not_of_members",
            "audience.0",
        ),
        (
            {"audience": ({"fact": "no.such", "op": "eq", "value": 1},)},
            "unknown_fact",
            "audience.0.fact",
        ),
    ],
)
def test_what_an_event_cannot_be(shop: Shop, values: dict, code: str, field: str) -> None:
    with pytest.raises(Invalid) as error:
        create_event(shop.call(), event=evening(**values))
    assert _code(error) == (code, field)


def test_an_event_does_not_start_in_the_past_or_end_before_it_starts(shop: Shop) -> None:
    for values, code in (
        ({"at": now() - timedelta(hours=1)}, "in_the_past"),
        ({"at": now() + timedelta(days=365 * 6)}, "too_far"),
        ({"ends_at": now()}, "end_before_start"),
        ({"ends_at": now() + timedelta(days=90)}, "too_long"),
    ):
        with pytest.raises(Invalid) as error:
            create_event(shop.call(), event=evening(**values))
        assert error.value.code == code
    draft = create_event(shop.call(), event=evening())
    with played_at(now() + timedelta(days=11)), pytest.raises(Invalid):
        publish_event(shop.call(), event=draft.event)


def test_an_event_of_another_programme_is_not_there(shop: Shop, other_shop: Shop) -> None:
    event = published(other_shop)
    with pytest.raises(NotFound):
        says_yes(shop, event)
    with pytest.raises(NotFound):
        cancel_event(shop.call(), event=event)
    with pytest.raises(NotFound):
        answer_event(other_shop.call(), member=shop.member.public_id, event=event)


def test_a_member_answers_for_nobody_else(shop: Shop) -> None:
    event = published(shop)
    other = someone(shop)
    seat = says_yes(shop, event, other)
    me = member_actor(shop.programme, shop.member.public_id)
    with pytest.raises(NotFound):
        answer_event(Call(me, "a"), member=other.public_id, event=event)
    with pytest.raises(NotFound):
        cancel_seat(Call(me, "b"), seat=seat.seat)
    with pytest.raises(DomainError):
        cancel_event(Call(me, "c"), event=event)
