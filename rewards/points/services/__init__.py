"""Everything that is written about points. Each public function is a command."""

from __future__ import annotations

from rewards.points.services.adjustments import (
    AdjustmentResult,
    adjust_points,
    approve_adjustment,
    reject_adjustment,
)
from rewards.points.services.dates import DatedResult, WarnedResult, date_old_lots, warn_expiring
from rewards.points.services.settings import SettingsView, change_settings, settings_view
from rewards.points.services.transfers import TransferResult, receive_transfer, transfer_points
from rewards.points.services.waiting import WaitingResult, cancel_waiting, confirm_waiting

__all__ = [
    "AdjustmentResult",
    "DatedResult",
    "SettingsView",
    "TransferResult",
    "WaitingResult",
    "WarnedResult",
    "adjust_points",
    "approve_adjustment",
    "cancel_waiting",
    "change_settings",
    "confirm_waiting",
    "date_old_lots",
    "receive_transfer",
    "reject_adjustment",
    "settings_view",
    "transfer_points",
    "warn_expiring",
]
