"""How segments are written, changed and put away.

What must stay true: rules ask for a segment by its code and a published rule is never edited, so a
changed segment counts for them at once, from its instant on; no segment leans on itself; and what
somebody still asks for is not put away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.segments import selectors
from campaigns.segments.models import Segment, SegmentVersion
from campaigns.segments.results import SegmentView, view_of
from campaigns.segments.services.checking import checked
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Outdated, Refused
from loyalty.engine.conditions import parse
from loyalty.outbox.services import publish
from members.profiles.rules.names import clean_name

_TEXTS = ("name", "told_vi", "told_en")


def _every_segment(**_rest: Any) -> Lock:
    """All of them: two edits at once must not make two segments lean on each other."""
    return Lock(rows=Segment.objects.all())


def the_segment(ctx: Context, segment: str, revision: int | None = None) -> Segment:
    """The locked segment of a public id or code. Raises ``NotFound`` and ``Outdated``."""
    for row in ctx.locked:
        if segment in (row.public_id, row.code):
            if revision is not None and row.revision != revision:
                raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
            assert isinstance(row, Segment)
            return row
    raise NotFound("segment_not_found", _("There is no such segment."), field="segment")


def refuse_while_taking(row: Segment) -> None:
    """Raise ``Refused`` while its list is being taken: half of it by other conditions is no list."""
    if row.after is not None:
        raise Refused(
            "taking_under_way",
            _("Its list is being taken: %(done)s of %(all)s members looked at.")
            % {"done": row.looked_at, "all": row.to_look_at},
            field="segment",
        )


@command(
    "segments.create_segment",
    label=_("Segment written"),
    permission="segments:write",
    lock=_every_segment,
)
def create_segment(
    ctx: Context,
    *,
    code: str,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    kind: str = "live",
    told_vi: str = "",
    told_en: str = "",
) -> SegmentView:
    """Name an audience. A frozen one is empty until its list is taken.

    Args:
        code: what rules ask for it by; it never changes.
        told_vi: what members read of it; where it is empty they read "chosen members".

    Raises ``Invalid`` or ``Several`` by field, ``Conflict`` (``code_taken``).
    """
    row = Segment(
        programme=ctx.programme, code=code, kind=kind, created_at=ctx.now, changed_at=ctx.now
    )
    if any(one.code == code for one in ctx.locked):
        raise Conflict(
            "code_taken",
            _("Another segment has this code, in use or put away. Choose another."),
            field="code",
        )
    _fill(row, {"name": name, "told_vi": told_vi, "told_en": told_en})
    checked(code, conditions)
    row.conditions = [dict(one) for one in conditions]
    _clean(row)
    _count(ctx, row)
    row.save(force_insert=True)
    _keep_version(ctx, row, since=None)
    return _changed(ctx, row, "segment.created")


@command(
    "segments.edit_segment",
    label=_("Segment changed"),
    permission="segments:write",
    lock=_every_segment,
)
def edit_segment(
    ctx: Context,
    *,
    segment: str,
    changes: Mapping[str, Any],
    revision: int | None = None,
) -> SegmentView:
    """Change what a segment is called or who is in it.

    Other conditions are a new version: they count at once wherever the segment is asked for, for what
    happens from now on. A frozen segment keeps its list until it is taken anew.

    Args:
        changes: of ``name``, ``told_vi``, ``told_en``, ``conditions``.

    Raises ``NotFound``, ``Outdated``, ``Refused`` (``segment_archived``), ``Invalid`` by field.
    """
    row = the_segment(ctx, segment, revision)
    if row.state == Segment.State.ARCHIVED:
        raise Refused(
            "segment_archived", _("It is put away. Bring it back first."), field="segment"
        )
    for name in changes:
        if name not in (*_TEXTS, "conditions"):
            raise Invalid("unknown_field", _("A segment has no such field to change."), field=name)
    _fill(row, changes)
    before = row.conditions
    if "conditions" in changes:
        checked(row.code, changes["conditions"])
        row.conditions = [dict(one) for one in changes["conditions"]]
    if row.conditions != before:
        refuse_while_taking(row)
        _begin_version(ctx, row, before)
    _clean(row)
    row.revision += 1
    row.changed_at = ctx.now
    row.save()
    return _changed(ctx, row, "segment.changed")


@command(
    "segments.archive_segment",
    label=_("Segment put away"),
    permission="segments:write",
    lock=_every_segment,
)
def archive_segment(ctx: Context, *, segment: str) -> SegmentView:
    """Put a segment away: nobody can choose it any more. What it was for old receipts stays.

    Raises ``Refused`` (``segment_in_use``) naming the rules and segments that ask for it; drafts do
    not keep it.
    """
    row = the_segment(ctx, segment)
    using = [one for one in selectors.rules_asking_for(row.code) if one.state != one.State.DRAFT]
    leaning, reserved = (
        selectors.segments_asking_for(row.code),
        selectors.reserved_for(row.code),
    )
    if using or leaning or reserved:
        names = [one.name for one in reserved] + [str(one) for one in (*using, *leaning)]
        raise Refused(
            "segment_in_use",
            _("It is still asked for by: %(names)s. End or change them first.")
            % {"names": ", ".join(names[:10])},
            field="segment",
            params={
                "rules": [one.public_id for one in using],
                "segments": [one.public_id for one in leaning],
                "reserved": [one.public_id for one in reserved],
            },
        )
    return _move(ctx, row, Segment.State.ARCHIVED, "segment.archived")


@command(
    "segments.restore_segment",
    label=_("Segment brought back"),
    permission="segments:write",
    lock=_every_segment,
)
def restore_segment(ctx: Context, *, segment: str) -> SegmentView:
    """Bring a segment back that was put away. Raises ``Invalid`` where its conditions no longer hold
    together (what it leans on is put away).
    """
    row = the_segment(ctx, segment)
    row.state = Segment.State.ACTIVE
    checked(row.code, row.conditions)
    return _move(ctx, row, Segment.State.ACTIVE, "segment.restored")


def _move(ctx: Context, row: Segment, state: str, event: str) -> SegmentView:
    row.state = state
    row.revision += 1
    row.changed_at = ctx.now
    row.save(update_fields=["state", "revision", "changed_at"])
    return _changed(ctx, row, event)


def _fill(row: Segment, changes: Mapping[str, Any]) -> None:
    for name in _TEXTS:
        if name in changes:
            setattr(row, name, clean_name(str(changes[name] or ""), field=name))
    if not row.name:
        raise Invalid("required", _("Give the segment a name."), field="name")


def _clean(row: Segment) -> None:
    """Lengths, the code's letters, the kind. Raises ``Invalid``."""
    for name in (*_TEXTS, "code", "kind"):
        field: Any = row._meta.get_field(name)
        try:
            field.clean(getattr(row, name), row)
        except ValidationError as error:
            raise Invalid("invalid_value", " ".join(error.messages), field=name) from error


def _begin_version(ctx: Context, row: Segment, before: Sequence[Mapping[str, Any]]) -> None:
    """What it asks for from now on; the audit trail keeps who came in and who went."""
    if row.kind == Segment.Kind.LIVE:
        moved = selectors.moved(parse(before), parse(row.conditions), programme=ctx.programme)
        ctx.about(row.public_id, entering=moved.entering, leaving=moved.leaving)
        _count(ctx, row)
    row.version += 1
    _keep_version(ctx, row, since=ctx.now)


def _keep_version(ctx: Context, row: Segment, *, since: Any) -> None:
    SegmentVersion.objects.create(
        programme=ctx.programme,
        segment=row,
        number=row.version,
        conditions=row.conditions,
        since=since,
        made_at=ctx.now,
        made_by=ctx.actor.label[:200],
    )


def _count(ctx: Context, row: Segment) -> None:
    if row.kind == Segment.Kind.LIVE:
        found = selectors.counted(parse(row.conditions), programme=ctx.programme)
        row.counted_at = ctx.now if found.is_exact else None
        row.counted_members = found.members if found.is_exact else None


def _changed(ctx: Context, row: Segment, event: str) -> SegmentView:
    ctx.rules_changed()
    publish(ctx, event, subject=row.public_id, data={"segment": row.public_id, "code": row.code})
    ctx.about(row.public_id, code=row.code, name=row.name, version=row.version)
    return view_of(row)
