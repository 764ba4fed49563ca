"""What happens elsewhere and concerns the club: somebody agreed or no longer does; letters to send."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from loyalty.common.errors import DomainError
from loyalty.outbox.subscriptions import Happened, subscriber
from members.messaging import selectors
from members.messaging.gateways.letters import send_confirmation
from members.messaging.rules import MARKETING, TOPIC_NAMES, Asked
from members.messaging.services import ask, leave
from members.profiles.selectors import has_agreed


@subscriber("club.asked")
def send_letter(event: Happened) -> None:
    """The letter that asks to confirm, to the address that is on the card now."""
    member = selectors.living(event.subject)
    known = selectors.subscription_of(member) if member else None
    if member is None or known is None or known.state != "asked":
        return
    asked = Asked(
        programme=event.programme.public_id,
        address=known.address,
        member=member.public_id,
        topics=tuple(event.data["topics"]),
        language=member.language,
        source=event.data["source"],
        network=event.data["network"],
        at=datetime.fromisoformat(event.recorded_at.isoformat()),
    )
    send_confirmation(event.programme, asked)


@subscriber("consent.given")
def ask_who_agreed(event: Happened) -> None:
    """A tick at the till or on joining is a wish; the address is asked before anything is sent."""
    if event.data["purpose"] == MARKETING and _agrees(event.subject):
        with suppress(DomainError):  # no address on the card, or a card on hold
            ask(event.call("ask-who-agreed"), member=event.subject, topics=TOPIC_NAMES)


@subscriber("consent.withdrawn")
def leave_with_the_consent(event: Happened) -> None:
    """Who no longer agrees has left the club, wherever they said so; not who is back, or asks anew."""
    member = selectors.living(event.subject)
    known = selectors.subscription_of(member) if member else None
    if known is None or known.state != "confirmed":
        return
    if event.data["purpose"] == MARKETING and not _agrees(event.subject):
        leave(event.call("leave-with-the-consent"), member=event.subject, source="consent")


def _agrees(member: str) -> bool:
    """Their last word, not that of the event: it may come late."""
    found = selectors.living(member)
    return found is not None and has_agreed(found, MARKETING)
