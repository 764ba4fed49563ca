"""One button or field does one thing to a subscription: the same on the member's page and the staff's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from loyalty.commands.decorator import Call
from loyalty.common.errors import Invalid
from loyalty.web import formats
from tiers.subscriptions import services
from tiers.subscriptions.models import Subscription
from tiers.subscriptions.results import SubscriptionView
from tiers.subscriptions.rules.terms import DELIVER
from tiers.subscriptions.rules.words import rhythm_text


class Sent:
    """What was sent, by name."""

    def __init__(self, data: QueryDict) -> None:
        self._data = data

    def word(self, name: str, *, maximum: int = 60) -> str:
        """A text; empty where there is none."""
        return self._data.get(name, "")[:maximum]

    def number(self, name: str) -> int:
        """A whole number; 0 where it is none."""
        text = self.word(name, maximum=9)
        return int(text) if text.isascii() and text.isdigit() else 0

    def day(self, name: str) -> date:
        """A day. Raises ``Invalid``."""
        try:
            found = parse_date(self.word(name))
        except ValueError:
            found = None
        if found is None:
            raise Invalid("required", _("Choose a day."), field=name)
        return found


Done = tuple[SubscriptionView, str]
Act = Callable[[Call, Subscription, Sent], Done]


def act(call: Call, row: Subscription, data: QueryDict) -> str:
    """Do what was asked; answers what to say. Raises ``Invalid`` for what no button sends."""
    sent = Sent(data)
    found = _ACTS.get(sent.word("act"))
    if found is None:
        raise Invalid("unknown_action", _("This page has no such button."))
    done, text = found(call, row, sent)
    return f"{text} {_closed(done)}".strip()


def _closed(done: SubscriptionView) -> str:
    """Say what a change does not reach."""
    if not done.closed_on:
        return ""
    if not done.next_on:
        day = formats.day_text(done.closed_on)
        return _("The delivery of %(day)s still comes.") % {"day": day}
    return _("The delivery of %(closed)s is closed already: it counts from %(next)s.") % {
        "closed": formats.day_text(done.closed_on),
        "next": formats.day_text(done.next_on),
    }


def _put(call: Call, row: Subscription, sent: Sent) -> Done:
    sku, quantity = sent.word("sku"), sent.number("quantity")
    if sent.word("quantity") == "0":
        done = services.remove_item(call, subscription=row.public_id, sku=sku)
    else:
        done = services.put_item(call, subscription=row.public_id, sku=sku, quantity=quantity)
    return done, _("The basket is changed.")


def _swap(call: Call, row: Subscription, sent: Sent) -> Done:
    done = services.swap_item(
        call, subscription=row.public_id, sku=sent.word("sku"), to=sent.word("to")
    )
    return done, _("Swapped.")


def _skip(call: Call, row: Subscription, sent: Sent) -> Done:
    return services.skip_order(call, order=sent.word("order")), _("It is left out.")


def _unskip(call: Call, row: Subscription, sent: Sent) -> Done:
    return services.unskip_order(call, order=sent.word("order")), _("It comes after all.")


def _move(call: Call, row: Subscription, sent: Sent) -> Done:
    done = services.reschedule_order(
        call,
        order=sent.word("order"),
        to=sent.day("to"),
        and_later=sent.word("and_later") == "1",
    )
    return done, _("It comes on another day.")


def _rhythm(call: Call, row: Subscription, sent: Sent) -> Done:
    unit, _colon, every = sent.word("rhythm").partition(":")
    done = services.change_subscription(
        call,
        subscription=row.public_id,
        every=int(every) if every.isascii() and every.isdigit() and len(every) < 4 else 0,
        unit=unit,
    )
    return done, _("It comes %(rhythm)s.") % {"rhythm": rhythm_text(done.every, done.unit)}


def _place(call: Call, row: Subscription, sent: Sent) -> Done:
    done = services.change_subscription(
        call,
        subscription=row.public_id,
        address=sent.word("address", maximum=400) if row.way == DELIVER else None,
        note=sent.word("note", maximum=400),
    )
    return done, _("Saved.")


def _pause(call: Call, row: Subscription, sent: Sent) -> Done:
    until = sent.day("until")
    done = services.pause_subscription(call, subscription=row.public_id, until=until)
    text = _("Paused. It goes on by itself on %(day)s.") % {"day": formats.day_text(until)}
    return done, text


def _resume(call: Call, row: Subscription, sent: Sent) -> Done:
    return services.resume_subscription(call, subscription=row.public_id), _("It goes on.")


def _cancel(call: Call, row: Subscription, sent: Sent) -> Done:
    at_end = sent.word("at_end") == "1"
    done = services.cancel_subscription(call, subscription=row.public_id, at_end=at_end)
    if done.stops_on:
        day = formats.day_text(done.stops_on)
        return done, _("It ends by itself on %(day)s.") % {"day": day}
    return done, _("It has ended.")


def _keep(call: Call, row: Subscription, sent: Sent) -> Done:
    return services.keep_subscription(call, subscription=row.public_id), _("It goes on.")


_ACTS: dict[str, Act] = {
    "put": _put,
    "swap": _swap,
    "skip": _skip,
    "unskip": _unskip,
    "move": _move,
    "rhythm": _rhythm,
    "place": _place,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "keep": _keep,
}
