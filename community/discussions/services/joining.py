"""Two cards of one person became one: so do their votes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.discussions.models import Topic, Vote
from loyalty.commands.decorator import Context, command
from members.moderation.selectors import cards_of
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@dataclass(frozen=True, kw_only=True)
class VotesJoined:
    """How many votes of a person were one too many."""

    member: str
    dropped: int


@command(
    "discussions.join_votes",
    label=_("Votes of merged cards joined"),
    permission="discussions:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def join_votes(ctx: Context, *, member: str) -> VotesJoined:
    """Keep one vote of a person for an idea, and none for their own. Raises ``NotFound``."""
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    mine, seen, dropped = cards_of(owner), set[int](), 0
    for vote in Vote.objects.filter(member__in=mine).select_related("topic").order_by("pk"):
        if vote.topic_id in seen or vote.topic.member_id in mine:
            Topic.objects.filter(pk=vote.topic_id).update(votes=F("votes") - 1)
            vote.delete()
            dropped += 1
        seen.add(vote.topic_id)
    ctx.about(owner.public_id, dropped=dropped)
    return VotesJoined(member=owner.public_id, dropped=dropped)
