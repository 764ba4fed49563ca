"""Shapes of the contests API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.contests.models import Contest, Entry
from community.contests.rules import (
    LONGEST_TEXT,
    MAX_CONDITIONS,
    MAX_ENTRIES,
    MAX_POINTS,
    MAX_PRIZES,
    MAX_VOTES,
    ContestInput,
    Prize,
)
from community.contests.selectors import owner_of, pictures_of
from loyalty.engine.sent import Conditions
from loyalty.web.api import (
    Base64,
    Body,
    Choice,
    Flag,
    Instant,
    ItemList,
    PublicId,
    Query,
    Text,
    Whole,
)
from loyalty.web.photos import MOST_BYTES, keep_photo
from members.moderation.models import Photo
from members.moderation.results import PhotoView, present_photos


class PrizeBody(Body):
    """What one place is worth."""

    points = Whole(maximum=MAX_POINTS, required=False)
    reward = Text(maximum=40, required=False)


class ContestBody(Body):
    """A contest. What is left out is as in a new one."""

    title_vi = Text(maximum=120, required=False)
    title_en = Text(maximum=120, required=False)
    rules_vi = Text(maximum=4_000, lines=True, required=False)
    rules_en = Text(maximum=4_000, lines=True, required=False)
    opens_at = Instant()
    entries_until = Instant()
    votes_until = Instant(help_text="When a contest with votes can be decided.")
    judging = Choice(choices=Contest.Judging.values, required=False)
    wants_text = Flag(required=False)
    wants_photo = Flag(required=False)
    entries_per_member = Whole(minimum=1, maximum=MAX_ENTRIES, required=False)
    votes_per_member = Whole(minimum=1, maximum=MAX_VOTES, required=False)
    audience = Conditions(
        maximum=MAX_CONDITIONS,
        required=False,
        help_text="Who may enter: each is `fact`, `op` and `value`; all must hold.",
    )
    prizes = ItemList(
        child=PrizeBody(), maximum=MAX_PRIZES, help_text="For the first, the second … place."
    )


class ContestQuery(Query):
    """Which contests."""

    state = Choice(choices=Contest.State.values, required=False)


class CancelContestBody(Body):
    """Why nobody wins; members read it."""

    reason = Text(maximum=300, required=False)


class DecideBody(Body):
    """Whom the jury picked, the first place first; nothing where votes decide."""

    picks = ItemList(child=PublicId(prefix="ent"), maximum=MAX_PRIZES, required=False)


class EntryBody(Body):
    """What a member enters; ``photo`` is a JPEG, PNG or WebP file in base 64."""

    member = PublicId(prefix="mem")
    text = Text(maximum=LONGEST_TEXT, lines=True, required=False)
    photo = Base64(maximum=MOST_BYTES, required=False)


class EntryQuery(Query):
    """Which entries."""

    state = Choice(choices=Entry.State.values, required=False)


class JudgeBody(Body):
    """Show it to everybody, or not; the member reads why."""

    show = Flag()
    reason = Text(maximum=200, required=False)


class BallotBody(Body):
    """Who votes."""

    member = PublicId(prefix="mem")


@dataclass(frozen=True)
class PrizeView:
    """What one place is worth."""

    points: int
    reward: str


@dataclass(frozen=True)
class ContestView:
    """A contest."""

    id: str
    state: str
    title_vi: str
    title_en: str
    rules_vi: str
    rules_en: str
    opens_at: datetime
    entries_until: datetime
    votes_until: datetime
    judging: str
    wants_text: bool
    wants_photo: bool
    entries_per_member: int
    votes_per_member: int
    audience: list[dict[str, Any]]
    prizes: list[PrizeView]
    picture: PhotoView | None
    decided_at: datetime | None


@dataclass(frozen=True)
class EntryView:
    """An entry; ``rank`` 1 is the first place, 0 none."""

    id: str
    contest: str
    member: str
    state: str
    text: str
    votes: int
    rank: int
    photos: Sequence[PhotoView]
    entered_at: datetime


def input_of_contest(body: Mapping[str, Any]) -> ContestInput:
    """The contest of a body, for the command."""
    values = dict(body)
    values["audience"] = tuple(values.get("audience", ()))
    values["prizes"] = tuple(Prize(**one) for one in values["prizes"])
    return ContestInput(**values)


def kept(body: dict[str, Any]) -> dict[str, Any]:
    """An entry with its photo looked at and kept. Raises ``Invalid`` (``photo``)."""
    photo = body.pop("photo", None)
    return {**body, "photo": keep_photo(photo, field="photo") if photo else None}


def present_contest(row: Contest, *, slug: str) -> ContestView:
    """A contest for the API; ``slug`` is the programme's, for the picture's address."""
    picture = present_photos(pictures_of([row]).values(), slug=slug)
    return ContestView(
        id=row.public_id,
        state=str(row.state),
        title_vi=row.title_vi,
        title_en=row.title_en,
        rules_vi=row.rules_vi,
        rules_en=row.rules_en,
        opens_at=row.opens_at,
        entries_until=row.entries_until,
        votes_until=row.votes_until,
        judging=str(row.judging),
        wants_text=row.wants_text,
        wants_photo=row.wants_photo,
        entries_per_member=row.entries_per_member,
        votes_per_member=row.votes_per_member,
        audience=list(row.audience),
        prizes=[PrizeView(**one) for one in row.prizes],
        picture=picture[0] if picture else None,
        decided_at=row.decided_at,
    )


def present_entry(row: Entry, *, photo: Photo | None, slug: str) -> EntryView:
    """An entry for the API."""
    return EntryView(
        id=row.public_id,
        contest=row.contest.public_id,
        member=owner_of(row).public_id,
        state=str(row.state),
        text=row.text,
        votes=row.votes,
        rank=row.rank or 0,
        photos=present_photos([photo] if photo else [], slug=slug),
        entered_at=row.entered_at,
    )
