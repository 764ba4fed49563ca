"""Codes of offers, what was redeemed with them, and monthly statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models.offers import Offer
from campaigns.partners.models.partners import Desk, Partner
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class OfferCode(TenantModel):
    """One member's right to an offer, and the code it is taken up with. Used exactly once."""

    class State(models.TextChoices):
        READY = "ready", _("Ready to use")
        USED = "used", _("Used")
        ENDED = "ended", _("Ended")
        VOID = "void", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    public_id = PublicIdField(prefix="pco")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="claims")
    family = models.CharField(max_length=40)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="claims")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="offer_codes"
    )
    code = models.CharField(_("code"), max_length=120)
    # The code as it is looked up, however it was typed.
    lookup = models.CharField(max_length=120)
    state = models.CharField(_("state"), max_length=7, choices=State.choices)
    claimed_at = models.DateTimeField()
    usable_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    # Its conditions were found lost: when it ends, or ended.
    ends_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "partner", "lookup"], name="offer_code_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(used_at__isnull=False), name="offer_code_used_at"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "family", "-id"], name="offer_code_of_member"),
            models.Index(fields=["programme", "lookup"], name="offer_code_lookup"),
            models.Index(fields=["programme", "family", "state"], name="offer_code_of_offer"),
            models.Index(
                fields=["programme", "expires_at"],
                condition=Q(state="ready", expires_at__isnull=False),
                name="offer_code_expiring",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def last_on(self) -> datetime | None:
        """An instant of the last day it can be used: its end is the first of the day after."""
        return self.expires_at - timedelta(seconds=1) if self.expires_at else None

    @property
    def ends_on(self) -> datetime | None:
        """An instant of the last day of a benefit whose condition is lost."""
        return self.ends_at - timedelta(seconds=1) if self.ends_at else None


class PoolCode(TenantModel):
    """A code of a partner's list, waiting, or handed out with one claim."""

    family = models.CharField(max_length=40)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=120)
    lookup = models.CharField(max_length=120)
    claim = models.OneToOneField(
        OfferCode, on_delete=models.PROTECT, null=True, related_name="pool_code"
    )
    imported_at = models.DateTimeField()
    # Set by one conditional update: of two claims at once one gets it.
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "partner", "lookup"], name="pool_code_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "family", "id"],
                condition=Q(taken_at__isnull=True),
                name="pool_code_free",
            )
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"


class OfferTally(TenantModel):
    """How many codes of an offer were claimed in all, by one conditional update."""

    family = models.CharField(max_length=40)
    claimed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "family"], name="offer_tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.family}: {self.claimed}"


class Statement(TenantModel):
    """What is owed between a partner and us for a month, closed once and for all."""

    public_id = PublicIdField(prefix="pst")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="statements")
    month = models.DateField(_("month"))
    redeemed = models.PositiveIntegerField(default=0)
    voided = models.PositiveIntegerField(default=0)
    we_owe_minor = models.BigIntegerField(default=0)
    they_owe_minor = models.BigIntegerField(default=0)
    closed_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "month"], name="partner_statement_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def net_minor(self) -> int:
        """What we pay the partner; negative: what they pay us."""
        return self.we_owe_minor - self.they_owe_minor


class Redemption(TenantModel):
    """A code taken up at a partner. Taken back it stays, and the code may be used anew."""

    public_id = PublicIdField(prefix="prd")
    claim = models.ForeignKey(OfferCode, on_delete=models.PROTECT, related_name="redemptions")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="redemptions")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="+")
    redeemed_by = models.CharField(max_length=200)
    redeemed_at = models.DateTimeField()
    bill_minor = models.BigIntegerField(null=True)
    given_minor = models.BigIntegerField(default=0)
    we_pay_minor = models.BigIntegerField(default=0)
    they_pay_minor = models.BigIntegerField(default=0)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=200, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    # On which statements it stands: as redeemed, and as taken back after that was closed.
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="redemptions"
    )
    void_statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="voided_redemptions"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(voided_at__isnull=True), name="redeemed_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["partner", "-id"], name="redemption_newest"),
            models.Index(
                fields=["partner", "redeemed_at"],
                condition=Q(statement__isnull=True),
                name="redemption_unstated",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
