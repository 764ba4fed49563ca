"""Reads about moderation, and the kinds of things that can be reported and decided.

An app that holds what members write brings ``moderated.py`` with ``MODERATED``, a tuple of
:class:`Moderated`; nothing central names it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call
from loyalty.common.errors import NotFound
from loyalty.web.discovery import modules_named
from members.moderation.models import Block, Case, ModerationSettings, Photo, Report
from members.moderation.rules import Manners
from members.profiles.models import Member

KEEP, REMOVE, HOLD = "keep", "remove", "hold"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something a member wrote, as the queue and reports show it.

    Args:
        author: the member's public id; ``author_name`` as others see it.
        route: name of its page in the portal with its arguments; empty where it has none.
        is_shown: do others see it now?
    """

    subject: str
    author: str
    author_name: str
    title: str
    text: str
    written_at: datetime
    is_shown: bool
    route: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Moderated:
    """A kind of thing members write.

    Args:
        find: things by public id; unknown ones are left out. Few queries for all.
        decide: carries a verdict out (``keep``, ``remove``, ``hold``) with a reason for the author.
        may_read: may a reader (``None``: a visitor) see what stands beside the thing of this id, such
            as its photos? Without it everybody may.
    """

    kind: str
    label: str | Promise
    find: Callable[[Collection[str]], Mapping[str, Thing]]
    decide: Callable[[Call, str, str, str], Any]
    may_read: Callable[[str, Member | None], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A case with what it is about; ``thing`` is ``None`` where that is gone."""

    case: Case
    label: str
    thing: Thing | None
    photos: Sequence[Photo]
    told: Sequence[Report]


@cache
def kinds() -> Mapping[str, Moderated]:
    """Every kind of thing that can be reported and decided."""
    return {one.kind: one for module in modules_named("moderated") for one in module.MODERATED}


def kind_of(name: str) -> Moderated:
    """A kind. Raises ``NotFound``."""
    found = kinds().get(name)
    if found is None:
        raise NotFound("not_found", _("There is no such thing."), field="kind")
    return found


def thing_of(kind: str, subject: str) -> Thing:
    """A thing by kind and public id. Raises ``NotFound``."""
    found = kind_of(kind).find([subject]).get(subject)
    if found is None:
        raise NotFound("not_found", _("There is no such thing."), field="subject")
    return found


def settings_row() -> ModerationSettings:
    """The settings of the programme in scope, kept or not. One query."""
    return ModerationSettings.objects.first() or ModerationSettings()


def manners() -> Manners:
    """What holds for everything members write here. One query."""
    return settings_row().manners


def open_cases() -> int:
    """How many things wait for staff."""
    return Case.objects.filter(state=Case.State.OPEN).count()


def cases(*, state: str = "", kind: str = "") -> QuerySet[Case]:
    """Cases by state and kind, unordered."""
    rows: QuerySet[Case] = Case.objects.select_related("author")
    if state:
        rows = rows.filter(state=state)
    return rows.filter(kind=kind) if kind else rows


def access_case(public_id: str) -> Case:
    """A case. Raises ``NotFound``."""
    found = cases().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("case_not_found", _("There is no such case."), field="case")
    return found


def queued(rows: Sequence[Case]) -> list[Queued]:
    """Cases with what they are about, in their order. Few queries for all."""
    things: dict[tuple[str, str], Thing] = {}
    for kind in {row.kind for row in rows} & set(kinds()):
        found = kinds()[kind].find([row.subject for row in rows if row.kind == kind])
        things |= {(kind, subject): thing for subject, thing in found.items()}
    photos = photos_of([row.subject for row in rows], everything=True)
    told: dict[int, list[Report]] = {}
    for report in Report.objects.filter(case__in=rows).select_related("member").order_by("-pk"):
        told.setdefault(report.case_id, []).append(report)
    return [
        Queued(
            case=row,
            label=str(kinds()[row.kind].label) if row.kind in kinds() else row.kind,
            thing=things.get((row.kind, row.subject)),
            photos=photos.get(row.subject, []),
            told=told.get(row.pk, []),
        )
        for row in rows
    ]


def photos_of(subjects: Collection[str], *, everything: bool = False) -> dict[str, list[Photo]]:
    """The photos beside things, in their order; held back ones only with ``everything``. One query."""
    rows = Photo.objects.filter(subject__in=subjects).exclude(state=Photo.State.REMOVED)
    if not everything:
        rows = rows.filter(state=Photo.State.SHOWN)
    found: dict[str, list[Photo]] = {}
    for row in rows.order_by("position", "pk"):
        found.setdefault(row.subject, []).append(row)
    return found


def access_photo(public_id: str, *, viewer: Member | None = None, staff: bool = False) -> Photo:
    """A photo that this viewer may see. Raises ``NotFound``."""
    found = Photo.objects.filter(public_id=public_id).exclude(state=Photo.State.REMOVED).first()
    if found is not None and found.state == Photo.State.HELD and not staff:
        # Held back: its sender's alone, from whichever of their cards it was sent.
        own = viewer is not None and found.member_id in cards_of(viewer)
        found = found if own else None
    kind = kinds().get(found.kind) if found is not None and not staff else None
    if found is not None and kind is not None and kind.may_read is not None:
        found = found if kind.may_read(found.subject, viewer) else None
    if found is None:
        raise NotFound("photo_not_found", _("There is no such photo."), field="photo")
    return found


def blocked_by(member: Member | None) -> set[int]:
    """Keys of the members whom a member does not want to read. One query."""
    if member is None:
        return set()
    return set(Block.objects.filter(member=member).values_list("other", flat=True))


def is_blocked(*, member_id: int, by: int) -> bool:
    """Does ``by`` not want to read this member? One query."""
    return Block.objects.filter(member=by, other=member_id).exists()


def blocks_of(member: Member) -> list[Block]:
    """Whom a member blocked, newest first."""
    return list(Block.objects.filter(member=member).select_related("other").order_by("-pk"))


def cards_of(member: Member) -> list[int]:
    """Keys of a member and of the cards merged into theirs: what those wrote is theirs. One query."""
    merged = Member.objects.filter(merged_into=member).values_list("pk", flat=True)
    return [member.pk, *merged]
