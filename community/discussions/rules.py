"""Discussions as plain values: what an idea has become, who a group is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_TITLE, LONGEST = 120, 8_000
TOPIC, IDEA = "topic", "idea"
# Activities. An idea is accepted when the shop plans or did it.
PUBLISHED = {TOPIC: "topic.published", IDEA: "idea.published"}
REPLIED, ACCEPTED, BEST = "reply.published", "idea.accepted", "answer.accepted"


class Status(StrEnum):
    """What became of an idea."""

    NEW = "new"
    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"

    @property
    def is_accepted(self) -> bool:
        """Does the shop want it?"""
        return self in (Status.PLANNED, Status.DONE)


class Joining(StrEnum):
    """How one comes into a group."""

    OPEN = "open"
    CONDITIONS = "conditions"
    APPROVAL = "approval"


@dataclass(frozen=True, kw_only=True)
class DiscussionTerms:
    """How discussions work in a programme.

    Args:
        looked_at: staff look ``before`` or ``after`` a text is shown.
        edit_hours: how long an author may change a text; 0: never.
        most_photos: beside one text; 0: none.
        former: texts of erased members stay without a name (``keep``) or go (``remove``).
    """

    is_open: bool = False
    ideas_open: bool = True
    looked_at: str = "after"
    edit_hours: int = 24
    most_photos: int = 4
    public_read: bool = True
    former: str = "keep"


def may_edit(terms: DiscussionTerms, *, written_at: datetime, now: datetime) -> bool:
    """Is a text still within the time its author may change it?"""
    return now < written_at + timedelta(hours=terms.edit_hours)
