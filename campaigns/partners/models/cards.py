"""Cards of partners, what was paid with them, and what of it came back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models.partners import Partner
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class PartnerCard(TenantModel):
    """A member's card or account at a partner, by the partner's own reference: never its number."""

    public_id = PublicIdField(prefix="pcd")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="cards")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="partner_cards"
    )
    reference = models.CharField(_("reference at the partner"), max_length=80)
    # The partner's id of the person, as a digest: tells that two cards are one person's.
    person = models.CharField(max_length=64, blank=True, editable=False)
    # Of this person and this account the first: it alone works towards a sign-up bonus.
    is_first = models.BooleanField(_("first card"), default=True, editable=False)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "reference"], name="partner_card_once")
        ]
        indexes: ClassVar = [models.Index(fields=["partner", "person"], name="partner_card_person")]

    def __str__(self) -> str:
        return str(self.public_id)


class PartnerTransaction(TenantModel):
    """A payment with a partner's card. Each of the partner's ids earns once."""

    public_id = PublicIdField(prefix="ptx")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="transactions")
    card = models.ForeignKey(PartnerCard, on_delete=models.PROTECT, related_name="transactions")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    activity = models.OneToOneField(
        "loyalty_engine.Activity", on_delete=models.PROTECT, related_name="+"
    )
    transaction = models.CharField(_("the partner's id"), max_length=60)
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "transaction"], name="partner_transaction_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("amount_minor"),
                ),
                name="partner_transaction_amounts",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["partner", "-id"], name="partner_transaction_newest")
        ]

    def __str__(self) -> str:
        return self.transaction


class Chargeback(TenantModel):
    """A part of a card payment that came back; each of the partner's ids once."""

    public_id = PublicIdField(prefix="pcb")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    of = models.ForeignKey(PartnerTransaction, on_delete=models.PROTECT, related_name="chargebacks")
    transaction = models.CharField(_("the partner's id"), max_length=60)
    amount_minor = models.BigIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "transaction"], name="chargeback_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="chargeback_positive"),
        ]

    def __str__(self) -> str:
        return self.transaction
