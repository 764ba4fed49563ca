"""What follows for events: the line moves up, people are told, tickets come and go with their cause."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from community.events import selectors
from community.events.models import Seat
from community.events.services import (
    answer_event,
    end_doubled_seat,
    end_ungranted_seat,
    move_up,
    recount_attended,
    void_seat,
)
from loyalty.common.errors import DomainError
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.web import formats
from members.messaging.gateways.letters import absolute, send_service_letter
from members.profiles.selectors import member_of_id

# More than this at once is left to the periodic task: a reaction is not slow.
MOST_AT_ONCE = 100


@subscriber("seat.cancelled", "seat.lapsed", "seat.waiting", "event.changed")
def fill_free_places(event: Happened) -> None:
    """Whoever waits and fits moves up, in the order they began to wait."""
    row = selectors.access_event(event.data["event"])
    for _turn in range(MOST_AT_ONCE):
        row.refresh_from_db()
        seat = selectors.next_in_line(row)
        if seat is None:
            return
        done = move_up(event.call(f"move-up:{seat.public_id}"), seat=seat.public_id)
        if done.state == Seat.State.WAITING:
            return  # somebody else was quicker


@subscriber("event.cancelled")
def void_tickets(event: Happened) -> None:
    """Everybody gets back what they paid, and hears of it."""
    for seat in selectors.left_over(event=event.subject, limit=MOST_AT_ONCE):
        void_seat(event.call(f"void:{seat.public_id}"), seat=seat.public_id)


@subscriber("voucher.issued", "reward.redeemed", "reward.captured")
def make_ticket_of_reward(event: Happened) -> None:
    """A reward that is the ticket of one coming event gives that ticket at once.

    Of several (days to choose from) the member chooses; where nothing is to be had the voucher waits.
    """
    found = selectors.events_for_reward(event.data["reward"], at=event.recorded_at)
    if len(found) == 1:
        with suppress(DomainError):
            answer_event(
                event.call("ticket-of-reward"),
                member=event.data.get("member") or event.subject,
                event=found[0].public_id,
            )


@subscriber("purchase.refunded", "voucher.void", "stamps.taken_back")
def end_tickets_with_their_cause(event: Happened) -> None:
    """What a ticket was granted for came back: the ticket goes with it, unless it was used."""
    _end_ungranted(event, str(event.data.get("member") or event.subject))


@subscriber("member.erased")
def free_places_of_the_gone(event: Happened) -> None:
    """Who is forgotten keeps nobody waiting."""
    _end_ungranted(event, event.subject)


def _end_ungranted(event: Happened, member: str) -> None:
    with suppress(DomainError):
        owner = member_of_id(member)
        rows = selectors.seats_of(owner).filter(
            state__in=selectors.STANDS, event__ends_at__gt=event.recorded_at
        )
        if owner.state != "erased":
            rows = rows.exclude(voucher="")
        for seat in rows:
            end_ungranted_seat(event.call(f"end:{seat.public_id}"), seat=seat.public_id)


@subscriber("member.merged", "member.unmerged")
def count_both_cards(event: Happened) -> None:
    """Two cards that are one person have one seat at an event, and what both attended counts."""
    survivor = str(event.data.get("survivor") or event.subject)
    loser = str(event.data.get("loser", ""))
    with suppress(DomainError):
        recount_attended(event.call("recount-attended"), member=survivor)
        if event.type == "member.unmerged":
            recount_attended(event.call("recount-attended-loser"), member=loser)
            return
        owner = member_of_id(survivor)
        for seat in selectors.seats_of(owner).filter(state__in=selectors.STANDS).order_by("-pk"):
            end_doubled_seat(event.call(f"doubled:{seat.public_id}"), seat=seat.public_id)


@subscriber("seat.moved_up", "seat.offered", "seat.lapsed", "seat.voided", "seat.event_moved")
def tell_the_member(event: Happened) -> None:
    """What happens to a ticket without its member is told to them by mail, in their language."""
    seat = selectors.access_seat(event.data["seat"])
    owner = selectors.owner_of(seat)
    programme = event.programme
    with translation.override(owner.language), timezone.override(programme.timezone):
        when = formats.instant_text(seat.event.starts_at)
        place = seat.event.place or _("online")
        values = {"event": seat.event.title, "when": when, "place": place}
        subject, text = _letter(event.type, seat)
        send_service_letter(
            event,
            owner,
            subject=subject % values,
            text=text % values,
            url=absolute(programme, "event", seat.event.public_id),
            label=_("To the event"),
        )


def _letter(type: str, seat: Seat) -> tuple[str, str]:
    if type == "seat.moved_up":
        return _("You have a place: %(event)s"), _(
            "A place became free and it is yours: %(event)s, %(when)s, %(place)s. Your ticket is on its page."
        )
    if type == "seat.offered":
        until = formats.instant_text(seat.offer_until) if seat.offer_until else ""
        text = _("A place became free for you: %(event)s, %(when)s. Say yes until {until}.")
        return _("A place is free: %(event)s"), text.replace("{until}", until)
    if type == "seat.lapsed":
        return _("Your turn has passed: %(event)s"), _(
            "The place held for you at %(event)s, %(when)s, went to the next one."
        )
    if type == "seat.voided":
        return _("Called off: %(event)s"), _(
            "We are sorry: %(event)s, %(when)s, does not take place. What you paid is yours again."
        )
    return _("Another time or place: %(event)s"), _(
        "%(event)s has moved: %(when)s, %(place)s. If that does not suit you, you may cancel free."
    )
