"""Writes of the catalogue. Every public function here is a command."""

from __future__ import annotations

from rewards.catalog.services.authoring import (
    create_reward,
    edit_reward,
    end_reward,
    publish_reward,
    set_stock,
)
from rewards.catalog.services.codes import import_codes
from rewards.catalog.services.redemptions import (
    RedemptionResult,
    capture_redemption,
    redeem_reward,
    release_redemption,
)
from rewards.catalog.services.vouchers import (
    check_voucher,
    use_voucher,
    void_voucher,
    void_vouchers_of,
)

__all__ = [
    "RedemptionResult",
    "capture_redemption",
    "check_voucher",
    "create_reward",
    "edit_reward",
    "end_reward",
    "import_codes",
    "publish_reward",
    "redeem_reward",
    "release_redemption",
    "set_stock",
    "use_voucher",
    "void_voucher",
    "void_vouchers_of",
]
