"""Of cards that were merged: which card a person stands with now, and what each merged one keeps.

A merged card keeps its statuses as they were, for the day the two are taken apart; from the moment they
were joined (see ``merging``) the survivor's are what counts.
"""

from __future__ import annotations

from loyalty.engine.status import Status
from loyalty.engine.statuses import status_of
from members.profiles.models import Member

# Of a merged card: what its statuses made of the survivor's.
JOINED = "engine.joined"


def cards_of(member: Member) -> list[Member]:
    """A card and those it was merged into, as far as what they stand for was joined by now: the last
    stands for all. No query for a living card.
    """
    cards = [member]
    while (onto := cards[-1].merged_into) is not None:
        note = status_of(cards[-1], JOINED)
        if note is None or note.value != onto.public_id:
            break
        cards.append(onto)
    return cards


def moved_on(note: Status, name: str, *, before: Status | None, after: Status) -> Status:
    """The note of a join whose outcome was corrected: where nothing but that happened since, taking
    apart still gives the survivor back what they had.
    """
    made = note.data["after"].get(name)
    if made is None or before is None or not is_same(before, made):
        return note
    data = {**note.data, "after": {**note.data["after"], name: after.plain()}}
    return Status(value=note.value, since=note.since, data=data)


def is_same(status: Status, plain: dict[str, object]) -> bool:
    """Does a status still say what was written down of it?"""
    now = status.plain()
    return bool(now["value"] == plain["value"] and now["data"] == plain["data"])
