"""Daily sums that charts read: made from the ledger and the sales, never edited by hand.

Every row can be rebuilt from what it sums (``manage.py rebuild_figures``); a day is always written
as a whole, so a figure is either yesterday's truth or today's, never half of each.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel


class LedgerDay(TenantModel):
    """What moved through one pot on one local day, in units of the asset."""

    private_to = "merchant"

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    asset = models.CharField(max_length=60)
    pot = models.CharField(max_length=12)
    kind = models.CharField(max_length=12)
    credited = models.BigIntegerField()
    debited = models.BigIntegerField()
    entries = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "asset", "day"], name="ledger_day_asset")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.asset} {self.pot}"


class DayFigure(TenantModel):
    """One counted or summed figure of one local day: sales, refunds, buyers, new members."""

    private_to = "merchant"

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, null=True, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    figure = models.CharField(max_length=20)
    value = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "figure", "day"], name="day_figure_day")
        ]

    @classmethod
    def seen_at(cls, merchant_id: int) -> models.Q:
        """Members are shared, and so is what is counted of them without a merchant."""
        return super().seen_at(merchant_id) | models.Q(merchant=None)

    def __str__(self) -> str:
        return f"{self.day} {self.figure}: {self.value}"


class Progress(TenantModel):
    """How far the roll-ups of a programme have read. ``turn`` lets one reader in at a time."""

    turn = models.PositiveBigIntegerField(default=0)
    transaction_id = models.BigIntegerField(default=0)
    transaction_at = models.DateTimeField(null=True)
    purchase_id = models.BigIntegerField(default=0)
    refund_id = models.BigIntegerField(default=0)
    member_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme"], name="progress_once")
        ]

    def __str__(self) -> str:
        return f"turn {self.turn}"
