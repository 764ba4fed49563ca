"""What follows for levels: an edited ladder lifts, cards that count together stand together."""

from __future__ import annotations

from contextlib import suppress

from loyalty.common.errors import NotFound
from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.levels import selectors
from tiers.levels.models import ReviewWalk
from tiers.levels.services import look_again
from tiers.levels.services.walks import open_over_all


@subscriber("rule.published", "rule.resumed")
def lift_by_new_thresholds(event: Happened) -> None:
    """Whoever reaches more by the thresholds that were published goes up with the next walk; before
    the first ladder that walk counts what everybody bought so far.
    """
    if event.data.get("kind") != "levels.ladder":
        return
    first = event.type == "rule.published" and selectors.ladder_of(event.subject).version == 1
    open_over_all(
        event.programme,
        kind=ReviewWalk.Kind.PAST if first else ReviewWalk.Kind.EDIT,
        rule=event.subject,
        at=event.recorded_at,
        total=selectors.member_count(),
    )


@subscriber("member.merged")
def bring_the_level_along(event: Happened) -> None:
    """What two cards brought counts for one level now; the better level of both stays."""
    with suppress(NotFound):  # erased meanwhile
        call = event.call("look-again")
        look_again(call, member=event.subject, other=str(event.data.get("loser", "")))


@subscriber("household.joined", "level.changed")
def stand_together(event: Happened) -> None:
    """A household counts in one account: what lifts one of them lifts the others."""
    guest = [event.subject] if event.type == "household.joined" else []
    for mate in guest + selectors.housemates(event.subject):
        with suppress(NotFound):
            look_again(event.call(f"look-again:{mate}"), member=mate)
