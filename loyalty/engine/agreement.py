"""What the merchants of a coalition may issue and take: asked of every mechanic that has a say.

In a programme of one merchant nothing is gathered and nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from loyalty.engine.plug import Mechanic, Moving, live_rules, mechanics

if TYPE_CHECKING:
    from loyalty.engine.database import DatabaseWorld
    from loyalty.ledger.states import EntryState
    from loyalty.tenancy.models import Programme


def moves_of(
    worlds: Iterable[DatabaseWorld], programme: Programme, at: datetime, *, is_quote: bool = False
) -> list[Moving]:
    """What these worlds are about to move, by merchant; to be asked before they are written."""
    if not programme.has_several_merchants:
        return []
    entries: dict[int | None, list[EntryState]] = {}
    for world in worlds:
        found = world.stored.book.entries
        if found:
            entries.setdefault(world.stored.merchant_id, []).extend(found)
    return [
        Moving(
            programme_id=programme.pk,
            merchant_id=merchant_id,
            entries=found,
            at=at,
            timezone=programme.timezone,
            is_quote=is_quote,
        )
        for merchant_id, found in entries.items()
    ]


def agree(programme: Programme, moving: Iterable[Moving]) -> None:
    """Ask every mechanic that has a say. Raises ``Refused``."""
    for each in moving:
        for one in mechanics():
            if type(one).agree is Mechanic.agree:
                continue
            rules = live_rules(one, programme.pk, programme.rules_version)
            if rules:
                one.agree(rules, each)
