"""The plug of events: what rules may ask and reward, what the terms page says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.rules import STATUS, EventTerms
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.matching import as_number
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import for_whom, promised
from loyalty.engine.world import World
from loyalty.ledger.assets import asset_view_of
from loyalty.web import formats

RSVP, ATTENDED = "event.rsvp", "event.attended"


def _attended(world: World) -> int:
    status = world.status(STATUS)
    return int(status.data.get("attended", 0)) if status else 0


class Events(Mechanic):
    """Offers facts only: who comes to an event is rewarded by any rule that listens."""

    name = "events"
    title: ClassVar = _("Events")
    phase = Phase.STATUS
    activity_types: ClassVar = frozenset({RSVP, ATTENDED})
    own_activities: ClassVar = frozenset({RSVP, ATTENDED})
    activity_words: ClassVar = {
        ATTENDED: _("an event attended"),
        RSVP: _("a yes to an event"),
    }
    facts: ClassVar = {"events.attended": _attended}
    fact_info: ClassVar = {
        "events.attended": FactInfo(label=_("events attended"), where=as_number(selectors.attended))
    }
    reasons: ClassVar = {
        "event_ticket": _("Ticket: %(event)s"),
        "event_ticket_back": _("Ticket given back: %(event)s"),
    }

    def load(self, programme_id: int) -> Sequence[EventTerms]:
        return selectors.terms_of_events()

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [_promise(one) for one in promised(rules)]


def _promise(event: EventTerms) -> str:
    is_english = (get_language() or "vi").startswith("en")
    told = {
        "event": event.name_en if is_english else event.name,
        "when": formats.instant_text(event.begins_at),
    }
    sentences = [_price(event, told)]
    if event.price_points or event.needs_voucher:
        sentences.append(_back(event))
    if event.offer_hours:
        text = ngettext(
            "Who moves up from the waiting list has %(n)s hour to accept.",
            "Who moves up from the waiting list has %(n)s hours to accept.",
            event.offer_hours,
        )
        sentences.append(text % {"n": event.offer_hours})
    return " ".join(sentences)


def _price(event: EventTerms, told: dict[str, str]) -> str:
    whom = for_whom(event)
    if whom:
        told["event"] = gettext("%(event)s (for %(whom)s)") % {**told, "whom": whom}
    if event.price_points:
        unit = asset_view_of("points").name(get_language() or "vi")
        price = formats.points_text(event.price_points, unit=unit)
        text = gettext("%(event)s, %(when)s: a ticket costs %(price)s for each person.")
        return text % {**told, "price": price}
    if event.needs_voucher:
        return gettext("%(event)s, %(when)s: the ticket is a reward.") % told
    return gettext("%(event)s, %(when)s: free.") % told


def _back(event: EventTerms) -> str:
    text = ngettext(
        "Cancelled until %(n)s hour before the start, or when we move it, all comes back.",
        "Cancelled until %(n)s hours before the start, or when we move it, all comes back.",
        event.refund_hours,
    )
    sentence = text % {"n": event.refund_hours}
    if event.price_points and event.late_refund_bp:
        share = formats.percent_text(event.late_refund_bp)
        later = gettext("After that %(share)s of the points come back.") % {"share": share}
    else:
        later = gettext("After that nothing comes back.")
    return f"{sentence} {later}"


MECHANICS = (Events(),)
