"""What could this member have now? The same question the engine answers when they take it, unwritten."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.common.clock import now as clock_now
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from tiers.trials import selectors
from tiers.trials.mechanic import taking_activity, why_not
from tiers.trials.models import Trial


@dataclass(frozen=True, kw_only=True)
class TrialOffer:
    """A trial a member can have now; ``is_offered`` by hand."""

    trial: Trial
    is_offered: bool


def trial_offers(member: Member, *, programme: Programme) -> list[TrialOffer]:
    """The trials a member can take now, by priority. A few queries for each trial on offer."""
    if member.state != Member.State.ACTIVE:
        return []
    rows = selectors.trials_on_offer()
    if not rows:
        return []
    at, signs = clock_now(), selectors.signs_of(member)
    facts = Facts(DatabaseWorld(programme=programme, member=member, now=at))
    found = []
    for row in rows:
        if selectors.was_had(member, row.family, signs):
            continue
        is_offered = selectors.offered_to(member, row.family) is not None
        activity = taking_activity(row.public_id, is_offered=is_offered, at=at)
        if not why_not(row.terms(), activity, facts):
            found.append(TrialOffer(trial=row, is_offered=is_offered))
    return found
