"""What the catalogue does to a world: vouchers are issued, used, given back and revoked."""

from __future__ import annotations

from rewards.catalog.effects.grants import DatabaseGrants, live_grants
from rewards.catalog.effects.use import UseVoucher

__all__ = ["DatabaseGrants", "UseVoucher", "live_grants"]
