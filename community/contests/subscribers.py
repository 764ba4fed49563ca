"""What follows for contests: winners get their prizes, merged cards vote once."""

from __future__ import annotations

from contextlib import suppress

from community.contests import selectors
from community.contests.services import award_prize, drop_doubled_votes
from loyalty.common.errors import DomainError
from loyalty.outbox.subscriptions import Happened, subscriber


@subscriber("contest.decided")
def give_prizes(event: Happened) -> None:
    """Each winner by a command of their own, once."""
    for entry in event.data["winners"]:
        with suppress(DomainError):
            award_prize(event.call(f"award:{entry}"), entry=entry)


@subscriber("member.activated")
def give_prizes_that_waited(event: Happened) -> None:
    """Who won while their card was on hold gets the prize once it is active again."""
    for entry in selectors.unpaid_wins(event.subject):
        award_prize(event.call(f"award:{entry}"), entry=entry)


@subscriber("member.merged")
def vote_once(event: Happened) -> None:
    """One person, one ballot."""
    with suppress(DomainError):
        drop_doubled_votes(
            event.call("drop-doubled-votes"),
            member=event.subject,
            loser=str(event.data.get("loser", "")),
        )
