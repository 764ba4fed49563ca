"""Reads about segments: who is in one, how many, and who asks for it. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.segments.models import Segment, SegmentVersion
from campaigns.segments.results import Counted, Moved
from campaigns.segments.rules import FACT, SegmentTerms, list_name, named
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.audience import asked, holding, narrowed
from loyalty.engine.conditions import Condition, parse
from loyalty.engine.matching import NOBODY, Moment
from loyalty.engine.models import MemberStatus, Rule
from loyalty.engine.plug import Reserved, mechanics
from loyalty.engine.selectors import rules
from loyalty.tenancy.models import Programme
from members.profiles.models import Member

# Of an audience that only Python can tell, a page looks at so many members; the list takes them all.
LOOK = 500
_USING = (Rule.State.DRAFT, Rule.State.PILOT, Rule.State.LIVE, Rule.State.PAUSED)


def segments(*, with_archived: bool = False) -> QuerySet[Segment]:
    """Segments, unordered."""
    rows: QuerySet[Segment] = Segment.objects.all()
    return rows if with_archived else rows.filter(state=Segment.State.ACTIVE)


def access_segment(segment: str) -> Segment:
    """A segment by its public id or its code. Raises ``NotFound``."""
    found: Segment | None = Segment.objects.filter(Q(public_id=segment) | Q(code=segment)).first()
    if found is None:
        raise NotFound("segment_not_found", _("There is no such segment."), field="segment")
    return found


def code_of(segment: str) -> str:
    """The code of a segment given by its public id or code; a code nobody has stays what it is."""
    found = Segment.objects.filter(public_id=segment).values_list("code", flat=True).first()
    return found or segment


def segment_names() -> list[tuple[str, str]]:
    """The segments in use by code, with their names. One query."""
    return list(segments().order_by("name", "id").values_list("code", "name"))


def segment_terms() -> list[SegmentTerms]:
    """Every segment as rules ask for it; what is put away still speaks for old receipts. Two queries."""
    versions: dict[int, list[Any]] = {}
    for row in SegmentVersion.objects.order_by("segment", "number"):
        versions.setdefault(row.segment_id, []).append((row.since, parse(row.conditions)))
    return [
        SegmentTerms(
            public_id=row.public_id,
            code=row.code,
            told_vi=row.told_vi,
            told_en=row.told_en,
            is_frozen=row.kind == Segment.Kind.FROZEN,
            taking=row.taking,
            versions=tuple(versions[row.pk]),
        )
        for row in Segment.objects.order_by("id")
    ]


def members_in(code: str, moment: Moment) -> Q | None:
    """Members who are in a segment now; ``None`` where the database alone cannot tell."""
    row = Segment.objects.filter(code=code).first()
    if row is None:
        return NOBODY
    if row.kind == Segment.Kind.FROZEN:
        return on_list(row)
    found = Q()
    for one in parse(row.conditions):
        question = asked(one, moment)
        if question is None:
            return None
        found &= question
    return found


def on_list(row: Segment) -> Q:
    """Members on the list in force, and those a taking under way has found by now."""
    if not row.taking:
        return NOBODY
    lists = [str(row.taking), str(row.taking + 1)]
    rows = MemberStatus.objects.filter(
        member=OuterRef("pk"), name=list_name(row.public_id), value__in=lists
    )
    return Q(Exists(rows))


def told(op: str, value: Any) -> str | None:
    """What members read of a condition on segments; ``None`` where it is not for their eyes."""
    if op not in ("eq", "in", "contains"):
        return None
    codes = value if isinstance(value, list) else [value]
    names = [row.told for row in Segment.objects.filter(code__in=codes).order_by("name", "id")]
    return ", ".join(names) if names and all(names) else None


def counted(
    conditions: Sequence[Condition], *, programme: Programme, moment: Moment | None = None
) -> Counted:
    """How many members an audience has: exactly where the database can tell or few may be in it, else
    by what part of the newest ``LOOK`` of them is.
    """
    moment = moment or moment_of(programme)
    rows, rest = narrowed(conditions, moment)
    everybody = Member.objects.filter(state=Member.State.ACTIVE).count()
    may_be = rows.count()
    if not rest:
        return Counted(members=may_be, of_members=everybody, is_exact=True, looked_at=may_be)
    newest = list(rows.order_by("-pk")[:LOOK])
    found = sum(1 for _one in holding(newest, rest, programme=programme, at=moment.at))
    is_exact = may_be <= LOOK
    members = found if is_exact else found * may_be // LOOK
    return Counted(members=members, of_members=everybody, is_exact=is_exact, looked_at=len(newest))


def sample(
    conditions: Sequence[Condition], *, programme: Programme, limit: int = 8
) -> list[Member]:
    """The newest members of an audience."""
    moment = moment_of(programme)
    rows, rest = narrowed(conditions, moment)
    if not rest:
        return list(rows.order_by("-pk")[:limit])
    newest = list(rows.order_by("-pk")[:LOOK])
    return list(holding(newest, rest, programme=programme, at=moment.at))[:limit]


def moved(
    before: Sequence[Condition], after: Sequence[Condition], *, programme: Programme
) -> Moved:
    """Who comes in and who goes when conditions take the place of others."""
    moment = moment_of(programme)
    (old, old_rest), (new, new_rest) = narrowed(before, moment), narrowed(after, moment)
    if not old_rest and not new_rest:
        return Moved(
            entering=new.exclude(pk__in=old.values("pk")).count(),
            leaving=old.exclude(pk__in=new.values("pk")).count(),
            is_exact=True,
        )
    may_be = Member.objects.filter(Q(pk__in=old.values("pk")) | Q(pk__in=new.values("pk")))
    newest, all_of_them = list(may_be.order_by("-pk")[:LOOK]), may_be.count()
    was, is_in = (
        {one.pk for one in holding(newest, each, programme=programme, at=moment.at)}
        for each in (before, after)
    )
    scale = max(all_of_them, 1), max(len(newest), 1)
    return Moved(
        entering=len(is_in - was) * scale[0] // scale[1],
        leaving=len(was - is_in) * scale[0] // scale[1],
        is_exact=all_of_them <= LOOK,
    )


def moved_by(row: Segment, after: Sequence[Condition], *, programme: Programme) -> Moved:
    """Who comes in and who goes when a segment asks for something else; of a frozen one, when its
    list is taken anew.
    """
    if row.kind != Segment.Kind.FROZEN:
        return moved(parse(row.conditions), after, programme=programme)
    return moved((Condition(FACT, "eq", row.code),), after, programme=programme)


def members_of(row: Segment, *, programme: Programme) -> QuerySet[Member]:
    """The active members of a segment, to be paged: as they are now where the database can tell, else
    those on its list.

    Raises ``Refused`` (``list_not_taken``) where there is no list yet.
    """
    active = Member.objects.filter(state=Member.State.ACTIVE)
    question = members_in(row.code, moment_of(programme))
    if question is not None:
        return active.filter(question)
    if not row.taking:
        raise Refused(
            "list_not_taken",
            _("Take the list of this segment first: it cannot be told at a glance."),
            field="segment",
        )
    return active.filter(on_list(row))


def moment_of(programme: Programme) -> Moment:
    """Now, as this programme counts days."""
    return Moment(clock_now(), programme.timezone)


def leanings(*, apart: str = "") -> dict[str, list[str]]:
    """For each segment the others it asks for; one may be left out. One query."""
    rows = segments(with_archived=True).exclude(code=apart).values_list("code", "conditions")
    return {code: named(parse(conditions)) for code, conditions in rows}


def rules_asking_for(code: str) -> list[Rule]:
    """Rules that are not over and ask for a segment, newest first. A query for each kind of rule."""
    return [
        row
        for row in rules(states=_USING)
        if code in named([*parse(row.audience), *parse(row.pilot_audience)])
    ]


def reserved_for(code: str) -> list[Reserved]:
    """What else is for a segment now, such as rewards. A query for each mechanic that has some."""
    return [
        one
        for mechanic in mechanics()
        for one in mechanic.reserved()
        if code in named(one.conditions)
    ]


def is_asked_for(code: str) -> bool:
    """Does an edit of a segment change who is meant by anything?"""
    return bool(rules_asking_for(code) or reserved_for(code))


def segments_asking_for(code: str) -> list[Segment]:
    """Segments in use that lean on another."""
    return [row for row in segments().order_by("name") if code in named(parse(row.conditions))]


def under_way() -> list[Segment]:
    """Segments whose list is being taken."""
    return list(Segment.objects.filter(after__isnull=False).order_by("id"))


def count_of(row: Segment, *, programme: Programme) -> Counted:
    """How many members a segment has now; of a frozen one, how many of its list are still there."""
    if row.kind != Segment.Kind.FROZEN:
        return counted(parse(row.conditions), programme=programme)
    active = Member.objects.filter(state=Member.State.ACTIVE)
    found = active.filter(on_list(row)).count()
    return Counted(members=found, of_members=active.count(), is_exact=True, looked_at=found)
