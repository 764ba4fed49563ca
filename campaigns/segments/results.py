"""What commands and reads about segments answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.segments.models import Segment


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a taking is: so many of so many members looked at, so many of them found."""

    looked_at: int
    to_look_at: int
    found: int


@dataclass(frozen=True, kw_only=True)
class SegmentView:
    """A segment. ``counted_members`` were in it at ``counted_at`` (of a frozen one, when its list was
    taken); ``progress`` is that of a taking under way, else nothing.
    """

    id: str
    code: str
    name: str
    kind: str
    state: str
    conditions: list[dict[str, Any]]
    told_vi: str
    told_en: str
    version: int
    revision: int
    changed_at: datetime
    counted_at: datetime | None
    counted_members: int | None
    progress: Progress | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many members an audience has. Where it is not exact, ``members`` is worked out from the
    newest ``looked_at`` of the members who may be in it.
    """

    members: int
    of_members: int
    is_exact: bool
    looked_at: int


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Who an edit brings in and who it sends away, counted as :class:`Counted` is."""

    entering: int
    leaving: int
    is_exact: bool


def view_of(row: Segment) -> SegmentView:
    """A row as everybody else sees it."""
    progress = None
    if row.after is not None:
        progress = Progress(looked_at=row.looked_at, to_look_at=row.to_look_at, found=row.found)
    return SegmentView(
        id=row.public_id,
        code=row.code,
        name=row.name,
        kind=str(row.kind),
        state=str(row.state),
        conditions=list(row.conditions),
        told_vi=row.told_vi,
        told_en=row.told_en,
        version=row.version,
        revision=row.revision,
        changed_at=row.changed_at,
        counted_at=row.counted_at,
        counted_members=row.counted_members,
        progress=progress,
    )
