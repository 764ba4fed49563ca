"""Reads about contests. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from community.contests.models import Contest, Entry, Vote
from community.contests.rules import ContestTerms, Standing
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.conditions import parse
from loyalty.engine.facts import Facts
from members.moderation.models import Case, Photo
from members.moderation.selectors import blocked_by, photos_of
from members.profiles.models import Member

# What counts against the entries one member may have.
COUNTS = (Entry.State.PENDING, Entry.State.SHOWN)
MOST_SHOWN = 200


def contests(*, state: str = "") -> QuerySet[Contest]:
    """All contests, unordered; of one state where asked for."""
    rows: QuerySet[Contest] = Contest.objects.all()
    return rows.filter(state=state) if state else rows


def access_contest(public_id: str) -> Contest:
    """The contest of a public id. Raises ``NotFound``."""
    row: Contest | None = Contest.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotFound("contest_not_found", _("There is no such contest."), field="contest")
    return row


def pictures_of(rows: Iterable[Contest]) -> dict[str, Photo]:
    """Their own pictures, by the contest's public id; those of drafts too. One query."""
    found = photos_of([one.public_id for one in rows], everything=True)
    return {subject: photos[0] for subject, photos in found.items()}


def access_shown(public_id: str) -> Contest:
    """The same for members' eyes: a draft is not found."""
    row = access_contest(public_id)
    if row.state == Contest.State.DRAFT:
        raise NotFound("contest_not_found", _("There is no such contest."), field="contest")
    return row


def open_contests(*, at: datetime | None = None) -> list[Contest]:
    """Published contests that are still open to entries or votes, the one that closes first ahead."""
    at = at or clock_now()
    rows = Contest.objects.filter(state=Contest.State.LIVE, opens_at__lte=at, votes_until__gt=at)
    return list(rows.order_by("votes_until", "pk")[:50])


def decided_contests() -> list[Contest]:
    """Those with winners, the newest first."""
    rows = Contest.objects.filter(state=Contest.State.DECIDED)
    return list(rows.order_by("-decided_at")[:10])


def terms_of_contests() -> list[ContestTerms]:
    """What is promised about published contests. One query."""
    return [
        ContestTerms(
            public_id=row.public_id,
            name=row.title_vi or row.title_en,
            name_en=row.title_en or row.title_vi,
            starts_at=row.opens_at,
            ends_at=row.votes_until,
            audience=parse(row.audience),
            judging=str(row.judging),
            entries_until=row.entries_until,
            votes_until=row.votes_until,
            votes_per_member=row.votes_per_member,
            winners=len(row.prizes),
        )
        for row in Contest.objects.filter(state=Contest.State.LIVE).order_by("votes_until")[:50]
    ]


def is_for(contest: Contest, facts: Facts) -> bool:
    """May the member of these facts enter?"""
    return all(one.holds(facts.__getitem__) for one in parse(contest.audience))


# --- entries and votes --------------------------------------------------------------------------------


def owned_by(member: Member) -> Q:
    """What a member entered or voted, and what the cards merged into theirs did."""
    return Q(member=member) | Q(member__merged_into=member)


def owner_of(entry: Entry) -> Member:
    """Whose card it is on now."""
    row: Member = entry.member
    while row.merged_into is not None:
        row = row.merged_into
    return row


def entries() -> QuerySet[Entry]:
    """All entries, with contest, member and whether there is a photo."""
    return Entry.objects.select_related("contest", "member", "member__merged_into")


def access_entry(public_id: str) -> Entry:
    """The entry of a public id. Raises ``NotFound``."""
    row = entries().filter(public_id=public_id).first()
    if row is None:
        raise NotFound("entry_not_found", _("There is no such entry."), field="entry")
    return row


def entries_of(contest: Contest, *, state: str = "") -> QuerySet[Entry]:
    """What was entered, unordered; of one state where asked for."""
    rows = entries().filter(contest=contest)
    return rows.filter(state=state) if state else rows


def gallery(contest: Contest, *, reader: Member | None = None) -> list[Entry]:
    """What everybody sees: winners first, then the best; while members vote, the newest first.

    Without what people entered whom the reader does not want to read.
    """
    rows = entries_of(contest, state=Entry.State.SHOWN).exclude(member__in=blocked_by(reader))
    if contest.state == Contest.State.DECIDED:
        found = list(rows.order_by("-votes", "entered_at")[:MOST_SHOWN])
        return sorted(found, key=lambda one: one.rank or MOST_SHOWN)
    return list(rows.order_by("-entered_at", "-pk")[:MOST_SHOWN])


def photos(rows: Iterable[Entry]) -> dict[str, Photo]:
    """The photo of each entry that has one, by the entry's public id; held ones too. One query."""
    found = photos_of([one.public_id for one in rows], everything=True)
    return {entry: first for entry, (first, *_rest) in found.items()}


def reported(entries: Iterable[str]) -> set[str]:
    """Which of these entries wait for staff because somebody reported them. One query."""
    rows = Case.objects.filter(subject__in=list(entries), state=Case.State.OPEN, reports__gt=0)
    return set(rows.values_list("subject", flat=True))


def own_entries(contest: Contest, member: Member) -> list[Entry]:
    """What a member entered, the newest first."""
    return list(entries_of(contest).filter(owned_by(member)).order_by("-pk"))


def voted_for(contest: Contest, member: Member) -> set[int]:
    """The keys of the entries a member voted for."""
    rows = Vote.objects.filter(owned_by(member), entry__contest=contest)
    return set(rows.values_list("entry_id", flat=True))


def standings(contest: Contest) -> list[Standing]:
    """The entries as they are ranked."""
    rows = Entry.objects.filter(contest=contest, state=Entry.State.SHOWN)
    return [
        Standing(entry=row.public_id, votes=row.votes, entered_at=row.entered_at) for row in rows
    ]


def unpaid_wins(member: str) -> list[str]:
    """Entries of a member (by public id) that won and whose prize was not given yet."""
    mine = Q(member__public_id=member) | Q(member__merged_into__public_id=member)
    rows = Entry.objects.filter(mine, rank__isnull=False, award="")
    return list(rows.values_list("public_id", flat=True))


def waiting_count() -> int:
    """How many entries wait to be looked at."""
    return Entry.objects.filter(
        state=Entry.State.PENDING, contest__state=Contest.State.LIVE
    ).count()
