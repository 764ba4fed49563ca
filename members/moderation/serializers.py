"""Shapes of the moderation API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.web.api import Body, Choice, ItemList, PublicId, Query, Text, Whole
from members.moderation.models import Block
from members.moderation.selectors import Queued


class ReportBody(Body):
    """Who reports what, and why. ``kind`` is ``review``, ``photo``, ``topic``, ``reply`` …"""

    member = PublicId(prefix="mem")
    kind = Text(maximum=20)
    subject = Text(maximum=40)
    reason = Choice(choices=["spam", "rude", "false", "private", "other"])
    note = Text(maximum=500, lines=True, required=False)


class CaseDecisionBody(Body):
    """What becomes of it; to remove something needs a reason, which its author reads."""

    verdict = Choice(choices=["keep", "remove", "hold"])
    reason = Text(maximum=200, required=False)


class CaseQuery(Query):
    """Which cases."""

    state = Choice(choices=["open", "kept", "removed", "gone"], required=False)
    kind = Text(maximum=20, required=False)


class ModerationSettingsBody(Body):
    """Settings to change. ``hide_after`` 0: reports alone hide nothing."""

    words = ItemList(child=Text(maximum=60), maximum=500, required=False)
    links = Choice(choices=["allow", "hold", "refuse"], required=False)
    per_hour = Whole(minimum=1, maximum=1_000, required=False)
    hide_after = Whole(maximum=100, required=False)


class BlockBody(Body):
    """Whom not to read any more."""

    other = PublicId(prefix="mem")


@dataclass(frozen=True, kw_only=True)
class CaseReportView:
    """What a member said of it."""

    member: str
    reason: str
    note: str
    reported_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Something that waits for staff, or was decided."""

    id: str
    kind: str
    subject: str
    author: str
    why: str
    state: str
    reports: int
    title: str
    text: str
    is_shown: bool
    photos: Sequence[str]
    told: Sequence[CaseReportView]
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class BlockView:
    """Somebody a member does not read."""

    other: str
    since: datetime


def present_case(one: Queued) -> CaseView:
    """For the API."""
    row, thing = one.case, one.thing
    return CaseView(
        id=row.public_id,
        kind=row.kind,
        subject=row.subject,
        author=row.author.public_id,
        why=str(row.why),
        state=str(row.state),
        reports=row.reports,
        title=thing.title if thing else "",
        text=thing.text if thing else "",
        is_shown=bool(thing and thing.is_shown),
        photos=[photo.public_id for photo in one.photos],
        told=[
            CaseReportView(
                member=told.member.public_id,
                reason=str(told.reason),
                note=told.note,
                reported_at=told.reported_at,
            )
            for told in one.told
        ],
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
    )


def present_block(row: Block) -> BlockView:
    """For the API."""
    return BlockView(other=row.other.public_id, since=row.since)
