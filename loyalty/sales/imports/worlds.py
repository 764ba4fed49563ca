"""The live world of one member inside a batch, where others' awards wait to be written too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from loyalty.commands.decorator import Context
from loyalty.engine.database import DatabaseWorld, write_worlds
from loyalty.engine.effects import Applied

Pending = list[tuple[datetime, Applied]]


class BatchWorld(DatabaseWorld):
    """A world among others of one batch: limits over all members see what the others got."""

    def __init__(self, *, pending: Pending, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pending = pending

    def unwritten(self) -> Iterable[tuple[datetime, Applied]]:
        return self._pending

    def note(self, applied: Applied, *, at: datetime) -> None:
        super().note(applied, at=at)
        self._pending.append((at, applied))

    @staticmethod
    def write_all(worlds: Iterable[BatchWorld], ctx: Context) -> None:
        """Write the books, vouchers and effects of several worlds in few statements."""
        worlds = list(worlds)
        write_worlds(worlds, programme=ctx.programme, recorded_at=ctx.now)
        for world in worlds:
            # A file of old sales tells the outside one thing: that it came in.
            world.stored.written, world.news = [], []
