"""What follows in the ledger from what happens to members."""

from __future__ import annotations

from loyalty.ledger.holders import forfeit_balances
from loyalty.outbox.subscriptions import Happened, subscriber


@subscriber("member.erased")
def forfeit_what_is_left(event: Happened) -> None:
    """Nobody can spend it any more, so it is no liability either."""
    forfeit_balances(event.call("forfeit-balances"), member=event.subject)
