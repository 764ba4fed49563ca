"""Where an app lends the engine something live: the catalogue brings the issuing of vouchers.

An app that issues rewards puts ``GRANTS`` (a callable) into its ``mechanic.py``; there is one.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from loyalty.engine.world import Grants, MemoryGrants
from loyalty.web.discovery import modules_named

if TYPE_CHECKING:
    from members.profiles.models import Member


@cache
def _maker() -> Any:
    makers = [module.GRANTS for module in modules_named("mechanic") if hasattr(module, "GRANTS")]
    assert len(makers) <= 1, "Two apps want to issue rewards."
    return makers[0] if makers else None


def live_grants(*, member: Member, merchant_id: int | None, now: datetime) -> Grants:
    """Where vouchers of this member are issued within a command."""
    maker = _maker()
    if maker is None:
        return MemoryGrants()
    grants: Grants = maker(member=member, merchant_id=merchant_id, now=now)
    return grants
