"""What follows for punch cards where the stamps of two members come together."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from rewards.punchcards.services import fill_cards


@subscriber("member.merged", "household.joined")
def exchange_what_is_full(event: Happened) -> None:
    """Two half cards may be a full one: its reward is there at once, not with the next stamp."""
    fill_cards(event.call("fill-cards"), member=event.subject)
