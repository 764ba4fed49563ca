"""Votes of members, and what the winners get."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Contest, Entry, Vote
from community.contests.services.keeping import (
    BY_BOTH,
    WON,
    EntryResult,
    active,
    entry_result,
    entry_to_lock,
    kept,
    no_entry,
    the_entry,
    told,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Conflict, Refused
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.effects import Accrue, Effect, GrantReward
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity
from members.moderation.selectors import cards_of
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@command(
    "contests.vote",
    label=_("Vote given"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def vote(ctx: Context, *, member: str, entry: str) -> EntryResult:
    """Vote for an entry of somebody else, each once.

    Raises ``NotFound``, ``Conflict`` (``voted_already``), ``Refused`` (``no_votes_here``, ``votes_over``,
    ``own_entry``, ``votes_used``, ``member_not_active``).
    """
    owner = active(ctx.the_locked(Member, code="member_not_found", field="member"))
    row = _votable(ctx, entry)
    if selectors.owner_of(row).pk == owner.pk:
        raise Refused("own_entry", _("Nobody votes for their own entry."), field="entry")
    given = selectors.voted_for(row.contest, owner)
    if row.pk in given:
        raise Conflict("voted_already", _("They voted for it already."), field="entry")
    if len(given) >= row.contest.votes_per_member:
        told = _("All %(most)s votes are given. Take one back first.")
        most = row.contest.votes_per_member
        raise Refused("votes_used", told % {"most": most}, field="entry")
    counted = Entry.objects.filter(pk=row.pk, state=Entry.State.SHOWN)
    if not counted.update(votes=F("votes") + 1):
        raise no_entry()
    Vote.objects.create(programme=ctx.programme, entry=row, member=owner, voted_at=ctx.now)
    row.refresh_from_db()
    ctx.about(row.public_id, contest=row.contest.public_id)
    return entry_result(row)


@command(
    "contests.take_vote_back",
    label=_("Vote taken back"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def take_vote_back(ctx: Context, *, member: str, entry: str) -> EntryResult:
    """Free a vote for another entry. Raises ``NotFound``, ``Refused`` (``not_voted``, ``votes_over``)."""
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    row = _votable(ctx, entry)
    gone, _kinds = Vote.objects.filter(selectors.owned_by(owner), entry=row).delete()
    if not gone:
        raise Refused("not_voted", _("They did not vote for it."), field="entry")
    Entry.objects.filter(pk=row.pk).update(votes=F("votes") - gone)
    row.refresh_from_db()
    ctx.about(row.public_id, contest=row.contest.public_id)
    return entry_result(row)


@command(
    "contests.drop_doubled_votes",
    label=_("Second votes of a merged card dropped"),
    permission="contests:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def drop_doubled_votes(ctx: Context, *, member: str, loser: str) -> int:
    """Two cards that are one person vote once in an open contest, and not for their own entries.

    Of two ballots that of the card which stays counts.
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    mine, cards = Vote.objects.filter(member=owner).values("entry__contest"), cards_of(owner)
    second = Q(member__public_id=loser, entry__contest__in=mine)
    own = Q(member__in=cards, entry__member__in=cards)
    rows = Vote.objects.filter(second | own, entry__contest__state=Contest.State.LIVE)
    doubled = list(rows)
    for one in doubled:
        Entry.objects.filter(pk=one.entry_id).update(votes=F("votes") - 1)
        one.delete()
    ctx.about(owner.public_id, dropped=len(doubled))
    return len(doubled)


def _votable(ctx: Context, entry: str) -> Entry:
    row = selectors.access_entry(entry)
    if row.state != Entry.State.SHOWN:
        raise no_entry()
    contest = row.contest
    if contest.judging != Contest.Judging.VOTES:
        raise Refused("no_votes_here", _("Here a jury decides."), field="entry")
    is_open = contest.state == Contest.State.LIVE
    if not is_open or not contest.opens_at <= ctx.now < contest.votes_until:
        raise Refused("votes_over", _("Voting is over."), field="entry")
    return row


@command(
    "contests.award_prize",
    label=_("Prize of a contest given"),
    permission="contests:write",
    lock=lambda *, entry: entry_to_lock(entry),
)
def award_prize(ctx: Context, *, entry: str) -> EntryResult:
    """Give a winner what their place is worth, once; rules that listen to winning give theirs too."""
    row = the_entry(ctx, entry)
    owner = selectors.owner_of(row)
    if row.award or row.rank is None or owner.state != Member.State.ACTIVE:
        return entry_result(row)
    done = record_activity.within(
        ctx, member=owner.public_id, type=WON, key=row.public_id, data=told(row)
    )
    row.award = done.activity
    _give(ctx, owner, row)
    return kept(ctx, row, "contest.won")


def _give(ctx: Context, owner: Member, row: Entry) -> None:
    assert row.rank is not None
    prize, contest = row.contest.prize(row.rank), row.contest
    why: dict[str, Any] = {
        "mechanic": "contests",
        "rule": contest.public_id,
        "rule_name": contest.title_vi or contest.title_en,
        "reason": "contest_won",
        "details": {"contest": contest.title_vi or contest.title_en, "place": row.rank},
    }
    effects: list[Effect] = []
    if prize.points:
        effects.append(Accrue(asset="points", amount=prize.points, **why))
    if prize.reward:
        effects.append(GrantReward(reward=prize.reward, **why))
    world = DatabaseWorld.within(ctx, owner)
    world.row = Activity.objects.get(public_id=row.award)
    world.about(row.award, ctx.now)
    for effect in effects:
        world.note(effect.apply(world), at=ctx.now)
    world.write(ctx)
