"""Reads about levels: ladders, where members stand, what moved them, how far a review is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.models import AppliedEffect, MemberStatus
from loyalty.engine.selectors import counting_rules
from loyalty.engine.statuses import due_statuses
from loyalty.ledger.assets import asset_view_of, unit_name
from loyalty.ledger.holding import alive
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from tiers.levels.models import Ladder, ReviewWalk
from tiers.levels.rules.counting import credits_of
from tiers.levels.rules.keeping import STATUS
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.outlook import Outlook, outlook
from tiers.levels.rules.presence import in_force, present, shielded
from tiers.levels.rules.standing import Credit, Tally
from tiers.levels.rules.words import Units

MOVED = "move_level"


def counting_ladders() -> list[LadderTerms]:
    """Every version of every ladder that may count, by priority, newest version first."""
    rows = counting_rules(Ladder)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]


def ladders_in_force(*, at: datetime | None = None) -> list[LadderTerms]:
    """The ladders members stand on now, pilots included, by priority."""
    at = at or clock_now()
    return [one for one in counting_ladders() if in_force(one, at)]


def level_names() -> list[tuple[str, str]]:
    """The levels of the ladders in force by code, with their names in the reader's language."""
    language = get_language() or "vi"
    return [
        (one.code, one.name(language)) for ladder in ladders_in_force() for one in ladder.levels
    ]


def told_by(op: str, value: Any) -> str | None:
    """A condition on the level, as members may read it."""
    names = dict(level_names())
    codes = list(value) if op == "in" else [value] if op == "eq" else []
    if not codes or not set(codes) <= set(names):
        return None
    every = list(names)
    if len(codes) > 1 and codes == every[-len(codes) :]:
        return gettext("level “%(level)s” and above") % {"level": names[codes[0]]}
    return gettext("level %(levels)s") % {"levels": ", ".join(f"“{names[one]}”" for one in codes)}


def told_by_rank(op: str, value: Any) -> str | None:
    """A condition on the place of the level, as members may read it."""
    names = [name for _code, name in level_names()]
    if op != "gte" or not isinstance(value, int) or not 1 <= value <= len(names):
        return None
    return gettext("level “%(level)s” and above") % {"level": names[value - 1]}


def units_of(ladder: LadderTerms) -> Units:
    """What a ladder's amounts are told in, in the reader's language."""
    points = asset_view_of(ladder.points_asset).name(get_language() or "vi")
    return Units(currency=current_programme().currency, points=points, multiplied=unit_name())


def ladder_of(rule: str) -> Ladder:
    """A ladder by the id of any of its versions. Raises ``NotFound``."""
    row = Ladder.objects.filter(public_id=rule).first()
    if row is None:
        raise NotFound("ladder_not_found", _("There is no such ladder."), field="ladder")
    return row


def outlook_of(member: Member, *, at: datetime | None = None) -> Outlook | None:
    """Where a member stands and what comes, exact to the instant; ``None`` where no ladder is
    theirs. Two queries, and one for each thing counted where it rolls.
    """
    now = at or clock_now()
    world = DatabaseWorld(programme=current_programme(), member=member, now=now)
    found = present(world)
    if found is None:
        return None
    ladder, zone = found.ladder, world.terms.timezone
    joined_on = local_day(member.joined_at, zone)
    alive_credits: list[Credit] = []
    for basis, asset in ladder.assets.items():
        if ladder.window.is_rolling:
            alive_credits += credits_of(basis, alive(world.book, asset, since=now))
        else:
            # All that counts now dies together: one sum says as much as its lots.
            amount = world.book.available(asset)
            ends = ladder.window.ends_at(now, joined_on=joined_on, zone=zone)
            alive_credits.append(Credit(basis, amount, member.joined_at, ends))
    tally = Tally(credits=alive_credits, joined_on=joined_on, zone=zone)
    safe = shielded(Facts(world))
    return outlook(ladder, found.standing, tally, now=now, shielded=safe)


def holders_of(level: str = "") -> QuerySet[MemberStatus]:
    """Members with a level of their own, and since when; unordered."""
    rows: QuerySet[MemberStatus] = MemberStatus.objects.select_related("member").filter(name=STATUS)
    return rows.filter(value=level) if level else rows.exclude(value="")


def level_counts() -> dict[str, int]:
    """How many members hold each level, by code. Those whom nothing moved yet are not in it."""
    rows = MemberStatus.objects.filter(name=STATUS).order_by().values_list("value")
    return dict(rows.annotate(n=Count("id")))


def moves_of(member: Member) -> QuerySet[AppliedEffect]:
    """What moved a member on a ladder, each with its reason; unordered."""
    rows: QuerySet[AppliedEffect] = AppliedEffect.objects.select_related("activity")
    return rows.filter(member=member, kind=MOVED)


def due_members(*, at: datetime, after: int, limit: int) -> list[MemberStatus]:
    """Members whose level must be looked at, by the id of their status."""
    return list(due_statuses(STATUS, at=at, after=after)[:limit])


def due_count(*, at: datetime) -> int:
    """How many there are."""
    return due_statuses(STATUS, at=at).count()


def review_walks() -> QuerySet[ReviewWalk]:
    """The walks of the review, unordered."""
    rows: QuerySet[ReviewWalk] = ReviewWalk.objects.all()
    return rows


def open_walks(kind: ReviewWalk.Kind) -> list[ReviewWalk]:
    """The walks of a kind that are not done yet, oldest first."""
    open_ones = review_walks().filter(kind=kind, finished_at=None)
    return list(open_ones.select_related("programme").order_by("pk"))


def walk_under_way() -> ReviewWalk | None:
    """The review that is walking now, or the last one that did."""
    return review_walks().filter(kind=ReviewWalk.Kind.REVIEW).order_by("-pk").first()


def member_count() -> int:
    """How many living members there are."""
    gone = (Member.State.MERGED, Member.State.ERASED)
    return Member.objects.exclude(state__in=gone).count()


def housemates(member: str) -> list[str]:
    """The other living members whose balances are this member's too, by public id. One query."""
    gone = (Member.State.MERGED, Member.State.ERASED)
    holder = Member.objects.filter(public_id=member).values("holder")
    rows = Member.objects.filter(holder__in=holder).exclude(public_id=member)
    return list(rows.exclude(state__in=gone).order_by("pk").values_list("public_id", flat=True))


def standing_counts(ladder: LadderTerms) -> dict[str, int]:
    """How many living members stand on each level: who was never moved is on the first."""
    rows = MemberStatus.objects.filter(name=STATUS, data__ladder=ladder.family).order_by()
    rows = rows.exclude(member__state__in=(Member.State.MERGED, Member.State.ERASED))
    found = dict(rows.exclude(value="").values_list("value").annotate(n=Count("id")))
    if ladder.ground:
        first = ladder.code(ladder.ground)
        found[first] = found.get(first, 0) + member_count() - sum(found.values())
    return found


def drafts() -> list[Ladder]:
    """Ladders being written, newest first."""
    return list(Ladder.objects.filter(state=Ladder.State.DRAFT).order_by("-pk"))
