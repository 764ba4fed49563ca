"""Everything that is written about points. Each public function is a command."""

from __future__ import annotations

from rewards.points.services.adjustments import (
    adjust_points,
    approve_adjustment,
    reject_adjustment,
)
from rewards.points.services.dates import date_old_lots, warn_expiring
from rewards.points.services.settings import change_settings
from rewards.points.services.transfers import receive_transfer, transfer_points
from rewards.points.services.waiting import cancel_waiting, confirm_waiting

__all__ = [
    "adjust_points",
    "approve_adjustment",
    "cancel_waiting",
    "change_settings",
    "confirm_waiting",
    "date_old_lots",
    "receive_transfer",
    "reject_adjustment",
    "transfer_points",
    "warn_expiring",
]
