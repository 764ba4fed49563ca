"""Reads about members. All in the programme in scope."""

from __future__ import annotations

from loyalty.commands.decorator import Lock
from members.profiles.models import Member


def member_to_lock(member: str) -> Lock:
    """The lock of commands about one member: their row and their holder's, in one query."""
    rows = Member.objects.select_related("holder").filter(public_id=member)
    return Lock(rows=rows, of=("self", "holder"))
