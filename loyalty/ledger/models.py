"""The one ledger: append-only entries, the lots they opened, and which lot gave how much.

Only this app touches these tables. A balance is the sum of its entries; what is cached on
:class:`Account` is checked by ``verify_ledger``. Integers only. An entry is one row with the pot on
the other side, so every transaction balances by construction.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel


class Asset(TenantModel):
    """Something countable that members hold: points, the stamps of one card, store credit."""

    class Kind(models.TextChoices):
        POINTS = "points", _("Points")
        STAMPS = "stamps", _("Stamps")
        MONEY = "money", _("Money")
        COUNTER = "counter", _("Counter")

    public_id = PublicIdField(prefix="ast")
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    # Worth to the customer: `value_minor` of the programme's currency for `value_units` units.
    value_minor = models.BigIntegerField(default=0)
    value_units = models.BigIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="asset_code_once"),
            models.CheckConstraint(
                condition=models.Q(value_minor__gte=0, value_units__gte=1),
                name="asset_value",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Account(TenantModel):
    """One holder's amount of one asset. ``balance`` = sum of entries = what lots hold - debt."""

    holder = models.ForeignKey(
        "members_profiles.Holder", on_delete=models.PROTECT, related_name="accounts"
    )
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="accounts")
    balance = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    # Pending lots are in the balance and cannot be spent yet.
    pending = models.BigIntegerField(default=0)
    # The next instant at which a lot ripens, lapses or expires; null when none will.
    due_at = models.DateTimeField(null=True)
    earned = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()
    # The holder's hash chain as it stood when this account last moved; the newest is the head.
    chain_sequence = models.PositiveIntegerField(default=0)
    chain_head = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["holder", "asset"], name="account_once"),
            models.CheckConstraint(
                condition=models.Q(debt__gte=0, pending__gte=0),
                name="account_parts_positive",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="account_due",
            ),
            models.Index(fields=["programme", "asset", "-balance"], name="account_balance"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id}/{self.asset_id}: {self.balance}"


class Transaction(TenantModel):
    """What moved together, and why. Hash-chained per holder; never edited."""

    class Kind(models.TextChoices):
        ACCRUAL = "accrual", _("Earned")
        REDEMPTION = "redemption", _("Redeemed")
        EXPIRY = "expiry", _("Expired")
        REFUND = "refund", _("Taken back after a refund")
        RESTORE = "restore", _("Given back")
        ADJUSTMENT = "adjustment", _("Adjusted")
        TRANSFER = "transfer", _("Transferred")
        MERGE = "merge", _("Moved from another card")
        OPENING = "opening", _("Opening balance")

    public_id = PublicIdField(prefix="txn")
    holder = models.ForeignKey(
        "members_profiles.Holder", on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # Public id of what caused it: a purchase, a voucher, an adjustment …
    cause = models.CharField(max_length=40, blank=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    command = models.ForeignKey(
        "loyalty_commands.Command",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    sequence = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["holder", "sequence"], name="transaction_chain")
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "cause"], name="transaction_cause"),
            models.Index(fields=["programme", "recorded_at"], name="transaction_recorded"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Entry(TenantModel):
    """A signed amount on a holder's account, with the pot on the other side and the reason."""

    class Pot(models.TextChoices):
        ISSUED = "issued", _("Issued")
        REDEEMED = "redeemed", _("Redeemed")
        EXPIRED = "expired", _("Expired")
        LAPSED = "lapsed", _("Never became available")
        ADJUSTED = "adjusted", _("Adjusted")
        WRITTEN_OFF = "written_off", _("Written off")
        TRANSFER = "transfer", _("Transfer")
        DONATED = "donated", _("Donated")
        CLEARING = "clearing", _("Clearing")
        # The other side of lots that changed hands whole, with their dates and their history.
        MOVED = "moved", _("Moved between cards")

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    amount = models.BigIntegerField()
    pot = models.CharField(max_length=12, choices=Pot.choices)
    # What of a debit no lot covered: the account's debt is the sum of these.
    uncovered = models.BigIntegerField(default=0)
    balance_after = models.BigIntegerField()
    # Why, in a form that every language can be made from: a code and its plain values.
    reason = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="entry_not_zero"),
            models.CheckConstraint(
                condition=models.Q(uncovered__gte=0), name="entry_uncovered_positive"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="entry_history"),
            models.Index(
                fields=["account", "id"],
                condition=models.Q(uncovered__gt=0),
                name="entry_uncovered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.pot}"


class PotTotal(TenantModel):
    """What went through a pot in all, by asset, of what was recorded before ``until``: a snapshot that
    is rebuilt from entries at any time. All of a programme's have the same ``until``.
    """

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")
    pot = models.CharField(max_length=12, choices=Entry.Pot.choices)
    amount = models.BigIntegerField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asset", "pot"], name="pot_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.pot}: {self.amount}"


class Lot(TenantModel):
    """What one credit brought: how much is left, when it may be spent, when it expires."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="lot")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    # Part of the amount that expired or lapsed, and how much of that a refund was set against.
    expired = models.BigIntegerField(default=0)
    expired_offset = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    is_pending = models.BooleanField(default=False)
    # When a pending lot ripens; null when it waits for an event.
    ripens_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=40, blank=True)
    # When a lot that waits for an event dies if the event never came.
    lapses_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # How to find the expiry once an event makes the lot available.
    expiry_term = models.JSONField(null=True)
    # Slides with activity: a lot's expiry moves on when the holder is active.
    slides = models.BooleanField(default=False)
    warned_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("amount")),
                name="lot_remaining_within",
            ),
            models.CheckConstraint(
                condition=models.Q(expired_offset__gte=0, expired_offset__lte=models.F("expired")),
                name="lot_offset_within",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["account", "expires_at", "opened_at", "id"],
                condition=models.Q(remaining__gt=0),
                name="lot_open",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(remaining__gt=0, expires_at__isnull=False),
                name="lot_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class LotUse(TenantModel):
    """How much of a lot an entry took (or, negative, put back)."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="uses")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="uses")
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="lot_use_not_zero")
        ]

    def __str__(self) -> str:
        return str(self.amount)
