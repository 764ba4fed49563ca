"""Who reacts to events: functions in any app's ``subscribers.py``, registered by pattern.

A reaction runs after commit, at least once. What it changes it changes by a command under
``event.call(name)``: the key is made of the event and the name, so a second run is answered with
the first one's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.tenancy.models import Programme


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An event as reactions see it; the programme is in scope while they run.

    ``merchant_id``: whose business it is; ``None`` for what happened at no merchant.
    """

    id: str
    type: str
    subject: str
    data: Mapping[str, Any]
    recorded_at: datetime
    programme: Programme
    merchant_id: int | None = None

    def call(self, name: str, *, merchant_id: int | None = None) -> Call:
        """A call of a command in answer to this event; ``name`` tells reactions apart."""
        actor = job_actor(self.programme, name, merchant_id=merchant_id)
        return Call(actor, f"{self.id}:{name}")


Reaction = Callable[[Happened], None]
_REACTIONS: list[tuple[str, Reaction]] = []


def subscriber(*patterns: str) -> Callable[[Reaction], Reaction]:
    """Run the function for every event of these types; ``points.*`` matches all of points."""

    def register(reaction: Reaction) -> Reaction:
        for pattern in patterns:
            if (pattern, reaction) not in _REACTIONS:
                _REACTIONS.append((pattern, reaction))
        return reaction

    return register


def reactions_to(type: str) -> list[Reaction]:
    """All reactions to an event type, each once, in the order they were registered."""
    found = [reaction for pattern, reaction in _REACTIONS if matches(type, [pattern])]
    return list(dict.fromkeys(found))


def matches(type: str, patterns: Iterable[str]) -> bool:
    """Does a type fall under any of the patterns? No pattern at all means every type."""
    wanted = list(patterns)
    return not wanted or any(fnmatchcase(type, pattern) for pattern in wanted)
