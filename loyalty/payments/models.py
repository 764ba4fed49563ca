"""What somebody owes, what was told about money, what went back, and through whom a merchant is paid.

Card data never comes here: gateways show their own pages, and what they tell is cleaned before it is
kept.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.common.sealing import can_unseal
from loyalty.payments.rules.money import Standing
from loyalty.payments.rules.reasons import reason_text
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel
from members.profiles.models import Member

PAYLOAD_LENGTH = 8_000
SECRETS_PURPOSE = "gateway-account"


class GatewayAccount(TenantModel):
    """A merchant's own account at a gateway. Secrets lie sealed and are never shown again."""

    public_id = PublicIdField(prefix="gwa")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(_("way to pay"), max_length=20)
    is_active = models.BooleanField(_("switched on"), default=False)
    # What may be seen again (an account number, a terminal's code), by name.
    values = models.JSONField(default=dict, editable=False)
    # A sealed JSON object of what may not.
    sealed = models.TextField(blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "merchant", "gateway"], name="gateway_once_per_merchant"
            )
        ]

    @property
    def is_unreadable(self) -> bool:
        """Are its secrets sealed with a key this server does not know?"""
        return bool(self.sealed) and not can_unseal(self.sealed, purpose=SECRETS_PURPOSE)

    def __str__(self) -> str:
        return f"{self.gateway} {self.public_id}"


class Charge(TenantModel):
    """A bill of one member, opened by an app that hears by event what became of it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PENDING = "pending", _("Pending")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")
        REFUNDED = "refunded", pgettext_lazy("money", "Refunded")
        PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")

    class Attention(models.TextChoices):
        NONE = "", _("Nothing to do")
        SHORT = "short", _("Too little was paid")
        OVER = "over", _("Too much was paid")
        LATE = "late", _("Paid after it was closed or given back")
        REFUND = "refund", _("A refund did not go through")
        UNUSED = "unused", _("What it paid for ended early")
        OWED = "owed", _("To be given back by hand")

    public_id = PublicIdField(prefix="chg")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    kind = models.CharField(_("kind"), max_length=60)
    subject = models.CharField(_("about"), max_length=40, blank=True)
    text_vi = models.CharField(_("text in Vietnamese"), max_length=200)
    text_en = models.CharField(_("text in English"), max_length=200)
    reference = models.CharField(_("reference"), max_length=12)
    gateway = models.CharField(_("way to pay"), max_length=20, blank=True)
    # The number of the latest order at the gateway, and what it gave to go on with.
    order_id = models.CharField(max_length=40, blank=True)
    gateway_id = models.CharField(_("number at the gateway"), max_length=120, blank=True)
    gateway_url = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    # When each order before the latest began, by its number: a payer may still pay at an older page,
    # and a gateway may want to hear of that order's own time when the money goes back.
    earlier_orders = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    attention = models.CharField(
        _("needs attention"), max_length=8, choices=Attention.choices, blank=True
    )
    paid_minor = models.BigIntegerField(_("paid"), default=0)
    refunded_minor = models.BigIntegerField(_("refunded"), default=0)
    due_at = models.DateTimeField(_("due"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    created_at = models.DateTimeField(_("opened"))
    paid_at = models.DateTimeField(_("paid at"), null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "reference"], name="charge_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0,
                    refunded_minor__gte=0,
                    paid_minor__gte=models.F("refunded_minor"),
                ),
                name="charge_adds_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "-id"], name="charge_newest"),
            models.Index(fields=["programme", "kind", "subject", "-id"], name="charge_subject"),
            models.Index(fields=["member", "-id"], name="charge_member"),
            models.Index(
                fields=["expires_at", "id"],
                condition=models.Q(state__in=("open", "pending", "failed")),
                name="charge_expiring",
            ),
            models.Index(
                fields=["programme", "attention", "-id"],
                condition=~models.Q(attention=""),
                name="charge_attention",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.public_id}"

    @property
    def text(self) -> str:
        """What it is for, in the reader's language."""
        return self.text_vi if (get_language() or "vi").startswith("vi") else self.text_en

    @property
    def standing(self) -> Standing:
        """How the money of this bill stands."""
        return Standing(
            state=self.state,
            amount_minor=self.amount_minor,
            paid_minor=self.paid_minor,
            refunded_minor=self.refunded_minor,
            attention=self.attention,
        )


class PaymentEvent(TenantModel):
    """The inbox: everything anybody told us about money, once each, with what came of it."""

    class Kind(models.TextChoices):
        PAID = "paid", _("Money came in")
        FAILED = "failed", _("The payment failed")
        PENDING = "pending", _("The payment is under way")
        REFUNDED = "refunded", _("Money went back")
        UNREFUNDED = "unrefunded", _("Money could not go back")
        IGNORED = "ignored", _("Nothing about money")

    public_id = PublicIdField(prefix="pev")
    account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, null=True, related_name="+"
    )
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, null=True, related_name="events")
    gateway = models.CharField(_("way to pay"), max_length=20)
    # The gateway's own name of this piece of news, and of the money it is about.
    event_id = models.CharField(max_length=160)
    payment_id = models.CharField(max_length=120, blank=True)
    kind = models.CharField(_("news"), max_length=10, choices=Kind.choices)
    reference = models.CharField(max_length=40, blank=True)
    amount_minor = models.BigIntegerField(_("amount"), default=0)
    # How much of it counted; a second piece of news about the same money counts nothing.
    counted_minor = models.BigIntegerField(default=0)
    is_genuine = models.BooleanField(_("signature is good"), default=True)
    outcome = models.CharField(_("what came of it"), max_length=12)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=200, blank=True)
    payload = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "gateway", "event_id"], name="payment_event_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["charge", "id"], name="payment_event_charge"),
            models.Index(fields=["programme", "gateway", "payment_id"], name="payment_event_money"),
            models.Index(fields=["programme", "outcome", "-id"], name="payment_event_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class ChargeRefund(TenantModel):
    """Money on its way back: by hand at once, or asked of the gateway first."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked of the gateway")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        # It counted as given back, and the gateway could not send it after all: staff bring it.
        RETURNED = "returned", _("Came back to the shop")

    public_id = PublicIdField(prefix="crf")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    gateway = models.CharField(_("way to pay"), max_length=20)
    payment_id = models.CharField(max_length=120, blank=True)
    gateway_id = models.CharField(max_length=120, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Of a bill that paid for several things: the one this went back for, by its seller's number.
    about = models.CharField(max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="charge_refund_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} of {self.charge_id}"

    @property
    def why(self) -> str:
        """The reason, in the reader's language where the house gave it."""
        return reason_text(self.reason)
