"""Taking a segment's list: all members who may be in it, some hundreds at a time.

Each stretch is a command of its own, so a taking shows how far it is, blocks nobody and goes on
where it stopped. Until it is done the list before it stays in force; who is found is in at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.segments import selectors
from campaigns.segments.models import Segment
from campaigns.segments.results import SegmentView, view_of
from campaigns.segments.services.authoring import refuse_while_taking, the_segment
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Refused
from loyalty.engine.audience import holding, narrowed
from loyalty.engine.conditions import parse
from loyalty.engine.status import Status
from loyalty.engine.statuses import forget_statuses, write_statuses
from loyalty.outbox.services import publish

STRETCH = 1_000


def _segment_to_lock(*, segment: str) -> Lock:
    return Lock(rows=Segment.objects.filter(Q(public_id=segment) | Q(code=segment)))


@command(
    "segments.take_list",
    label=_("List of a segment taken"),
    permission="segments:write",
    lock=_segment_to_lock,
)
def take_list(ctx: Context, *, segment: str) -> SegmentView:
    """Take the list of a segment anew: who fits now. The first thousand at once, the rest follows.

    Raises ``NotFound``, ``Refused`` (``segment_archived``, ``taking_under_way``).
    """
    row = the_segment(ctx, segment)
    if row.state == Segment.State.ARCHIVED:
        raise Refused(
            "segment_archived", _("It is put away. Bring it back first."), field="segment"
        )
    refuse_while_taking(row)
    rows, _rest = narrowed(parse(row.conditions), selectors.moment_of(ctx.programme))
    row.after, row.looked_at, row.found, row.to_look_at = 0, 0, 0, rows.count()
    _look_on(ctx, row)
    return view_of(row)


@command(
    "segments.go_on_taking",
    label=_("List of a segment taken on"),
    permission="segments:settle",
    lock=_segment_to_lock,
)
def go_on_taking(ctx: Context, *, segment: str) -> SegmentView:
    """The next stretch of a taking under way; nothing where there is none."""
    row = the_segment(ctx, segment)
    if row.after is not None:
        _look_on(ctx, row)
    return view_of(row)


@command(
    "segments.count_segment",
    label=_("Segment counted"),
    permission="segments:settle",
    lock=_segment_to_lock,
)
def count_segment(ctx: Context, *, segment: str) -> SegmentView:
    """Count a live segment that the database can tell; of another, take the list."""
    row = the_segment(ctx, segment)
    if row.kind != Segment.Kind.LIVE or row.after is not None:
        return view_of(row)
    if selectors.members_in(row.code, selectors.moment_of(ctx.programme)) is None:
        return take_list.within(ctx, segment=segment)
    found = selectors.count_of(row, programme=ctx.programme)
    row.counted_at, row.counted_members = ctx.now, found.members
    row.save(update_fields=["counted_at", "counted_members"])
    ctx.about(row.public_id, members=found.members)
    return view_of(row)


def _look_on(ctx: Context, row: Segment) -> None:
    moment = selectors.moment_of(ctx.programme)
    rows, rest = narrowed(parse(row.conditions), moment)
    members = list(rows.filter(pk__gt=row.after).order_by("pk")[:STRETCH])
    found = members
    if rest:
        found = list(holding(members, rest, programme=ctx.programme, at=moment.at))
    status = Status(value=str(row.taking + 1), since=ctx.now)
    write_statuses([(member, {row.list_of: status}) for member in found], at=ctx.now)
    row.looked_at += len(members)
    row.found += len(found)
    row.after = members[-1].pk if members else row.after
    if len(members) < STRETCH:
        _put_in_force(ctx, row, at=ctx.now)
    row.save()
    ctx.about(row.public_id, code=row.code, looked_at=row.looked_at, found=row.found)


def _put_in_force(ctx: Context, row: Segment, *, at: datetime) -> None:
    row.taking += 1
    row.after = None
    row.counted_at, row.counted_members = at, row.found
    forget_statuses(row.list_of, apart=str(row.taking))
    ctx.rules_changed()
    data = {"segment": row.public_id, "code": row.code, "members": row.found}
    publish(ctx, "segment.taken", subject=row.public_id, data=data)
