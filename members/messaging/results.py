"""What commands of the e-mail club answer: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from members.messaging.models import Newsletter, Subscription


@dataclass(frozen=True, kw_only=True)
class ClubView:
    """Where a member stands: ``none``, ``asked``, ``confirmed`` or ``left``, and about what they are
    written to. ``letter_sent``: a letter that asks to confirm is on its way because of this.
    """

    member: str
    state: str
    topics: tuple[str, ...]
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    stopped: str = ""
    letter_sent: bool = False


@dataclass(frozen=True, kw_only=True)
class NewsletterView:
    """A newsletter; ``audience``: the conditions of whom it is for, none for everyone in the club."""

    id: str
    state: str
    topic: str
    subject_vi: str
    subject_en: str
    body_vi: str
    body_en: str
    audience: tuple[dict[str, Any], ...]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    recipients: int = 0


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """An address nothing more is sent to; ``found``: somebody in the club had it."""

    kind: str
    found: int


@dataclass(frozen=True, kw_only=True)
class LetterNoted:
    """A letter that left, to whom, and the type of event it was about."""

    member: str
    about: str


def club_view(member: str, row: Subscription | None, *, letter_sent: bool = False) -> ClubView:
    """Where a member stands, as a value."""
    if row is None:
        return ClubView(member=member, state="none", topics=())
    return ClubView(
        member=member,
        state=str(row.state),
        topics=tuple(row.topics),
        confirmed_at=row.confirmed_at,
        left_at=row.left_at,
        stopped=row.stopped_why,
        letter_sent=letter_sent,
    )


def newsletter_view(row: Newsletter, *, recipients: int = 0) -> NewsletterView:
    """A newsletter as a value."""
    return NewsletterView(
        id=row.public_id,
        state=str(row.state),
        topic=row.topic,
        subject_vi=row.subject_vi,
        subject_en=row.subject_en,
        body_vi=row.body_vi,
        body_en=row.body_en,
        audience=tuple(row.audience),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        recipients=recipients,
    )
