"""Where a member stands with one mechanic: their level, their plan, their streak. Plain values.

What is countable is an asset of the ledger. What is not (which level, since when, until when) is a
status: one value by name for each member, the same in memory and in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from loyalty.common.values import Value, value


class Late(Mapping[str, Any]):
    """What a status remembers, written down when it is first read: in memory it mostly never is."""

    __slots__ = ("_found", "_write")

    def __init__(self, write: Callable[[], Mapping[str, Any]]) -> None:
        self._write = write
        self._found: Mapping[str, Any] | None = None

    def _all(self) -> Mapping[str, Any]:
        if self._found is None:
            self._found = self._write()
        return self._found

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        # Asked of every status that is read; what is written late is never nothing.
        return True


@value
class Status(Value):
    """What a member is in the eyes of one mechanic.

    Args:
        value: short and searchable: a public id, a word; empty where nothing holds any more.
        since: from when on.
        due_at: when a job must look at it again (a review, a renewal, an end).
        data: what else the mechanic must remember; plain JSON, instants as ISO text.
    """

    value: str
    since: datetime
    due_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    # What mechanics made of ``data``, kept by them so that it is read once.
    readings: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def plain(self) -> dict[str, Any]:
        """As JSON, for the record of an effect."""
        return {
            "value": self.value,
            "since": self.since.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "data": dict(self.data),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Status:
        """What :meth:`plain` wrote."""
        due_at = plain["due_at"]
        return cls(
            value=plain["value"],
            since=datetime.fromisoformat(plain["since"]),
            due_at=datetime.fromisoformat(due_at) if due_at else None,
            data=dict(plain["data"]),
        )
