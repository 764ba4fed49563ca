"""What was sold: products, purchases with their lines, and refunds.

A purchase row is written once; only how much of it has been refunded grows. Amounts are integers
in the programme's currency, quantities integers in thousandths of a unit.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.payments.rules.reasons import reason_text
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel


class LineKind(models.TextChoices):
    """What a line is; only goods can earn."""

    GOODS = "goods", _("Goods")
    SHIPPING = "shipping", _("Delivery")
    TIP = "tip", _("Tip")
    GIFT_CARD = "gift_card", _("Gift card")
    FEE = "fee", _("Fee")


class Category(TenantModel):
    """A group of products that rules may name."""

    public_id = PublicIdField(prefix="cat")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="category_code_once")
        ]

    def __str__(self) -> str:
        return self.name


class Product(TenantModel):
    """Something sold. ``excluded`` never earns: tobacco, gift vouchers, services."""

    public_id = PublicIdField(prefix="prd")
    sku = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=300)
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="products",
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=LineKind.choices, default=LineKind.GOODS
    )
    price_minor = models.BigIntegerField(_("price"), default=0)
    excluded = models.BooleanField(_("earns nothing"), default=False)
    is_active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "sku"], name="product_sku_once"),
            models.CheckConstraint(
                condition=models.Q(price_minor__gte=0), name="product_price_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Purchase(TenantModel):
    """A sale to a member. The receipt number is unique per merchant: the second guard."""

    private_to = "merchant"

    class Source(models.TextChoices):
        TILL = "till", _("Till")
        API = "api", _("API")
        IMPORT = "import", _("Import")
        PORTAL = "portal", _("Portal")
        ORDER = "order", _("Order")

    public_id = PublicIdField(prefix="pur")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="purchases"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    activity = models.OneToOneField(
        "loyalty_engine.Activity", on_delete=models.PROTECT, related_name="purchase"
    )
    source = models.CharField(max_length=8, choices=Source.choices)
    receipt = models.CharField(_("receipt number"), max_length=80)
    # The bill of `loyalty.payments` it was paid by, where it was: money goes back through both, once.
    charge = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    # Goods after discounts; what of it was tax; what came on top; what was paid by other means.
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    extras_minor = models.BigIntegerField(default=0)
    points_paid_minor = models.BigIntegerField(default=0)
    vouchers_paid_minor = models.BigIntegerField(default=0)
    credit_paid_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    recorded_by = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "receipt"], name="purchase_receipt_once"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_minor__gte=0,
                    refunded_minor__lte=models.F("net_minor") + models.F("extras_minor"),
                ),
                name="purchase_refund_within",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "-happened_at", "-id"], name="purchase_of_member"),
            models.Index(fields=["programme", "-happened_at"], name="purchase_newest"),
            models.Index(fields=["programme", "-id"], name="purchase_last"),
            models.Index(
                fields=["charge"], condition=~models.Q(charge=""), name="purchase_of_charge"
            ),
        ]

    def __str__(self) -> str:
        return self.receipt or self.public_id

    @property
    def total_minor(self) -> int:
        """What the customer owed before points, vouchers and store credit paid part of it."""
        return self.net_minor + self.extras_minor

    @property
    def to_pay_minor(self) -> int:
        """What was left to pay in money."""
        paid = self.points_paid_minor + self.vouchers_paid_minor + self.credit_paid_minor
        return self.total_minor - paid


class PurchaseLine(TenantModel):
    """One line as it was sold that day, with how much of it has been refunded."""

    private_to = "purchase__merchant"

    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    sku = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=LineKind.choices, default=LineKind.GOODS)
    excluded = models.BooleanField(default=False)
    quantity_milli = models.BigIntegerField(default=1000)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    earning_minor = models.BigIntegerField(default=0)
    # What of it points, vouchers and store credit paid: that part never goes back as money.
    paid_minor = models.BigIntegerField(default=0)
    refunded_milli = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purchase", "number"], name="purchase_line_once"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_milli__gte=0,
                    refunded_milli__lte=models.F("quantity_milli"),
                    refunded_minor__gte=0,
                    refunded_minor__lte=models.F("net_minor"),
                    paid_minor__gte=0,
                    paid_minor__lte=models.F("net_minor"),
                ),
                name="purchase_line_refund_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.name or self.sku}"


class Refund(TenantModel):
    """Money given back for a purchase, whole or in part. A refund is never refunded."""

    private_to = "merchant"

    public_id = PublicIdField(prefix="ref")
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="refunds")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    receipt = models.CharField(_("refund receipt number"), max_length=80, blank=True)
    # What the goods given back were worth, and what of it is money (not points, not vouchers).
    amount_minor = models.BigIntegerField()
    cash_minor = models.BigIntegerField()
    lines = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merchant", "receipt"],
                condition=~models.Q(receipt=""),
                name="refund_receipt_once",
            ),
            models.CheckConstraint(
                condition=models.Q(cash_minor__gte=0, amount_minor__gte=models.F("cash_minor")),
                name="refund_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def why(self) -> str:
        """The reason, in the reader's language where the house gave it."""
        return reason_text(self.reason)


class ImportRun(TenantModel):
    """One file going in. It can be taken up again where it stopped, and accounts for every row."""

    private_to = "merchant"

    class Kind(models.TextChoices):
        SALES = "sales", _("Sales")
        MEMBERS = "members", _("Members")

    class State(models.TextChoices):
        WAITING = "waiting", _("To be checked")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    public_id = PublicIdField(prefix="imp")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    # Of the content and of the mapping: the same two may be taken up again.
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    preset = models.CharField(max_length=60, blank=True)
    started_by = models.CharField(_("started by"), max_length=200)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    # An uploaded file, as it is kept under VAR_DIR until it was imported; empty for the command.
    stored_as = models.CharField(max_length=100, blank=True)
    phase = models.CharField(max_length=12, blank=True)
    steps_total = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    # The sign of life of whoever runs it; a run without one is taken up by another worker.
    beat_at = models.DateTimeField(null=True)
    rows_read = models.PositiveIntegerField(_("rows"), default=0)
    # By reason: how many rows, and which (ranges such as "2-4,9").
    counts = models.JSONField(default=dict)
    rows = models.JSONField(default=dict)
    details = models.JSONField(default=list)
    totals = models.JSONField(default=dict)
    problem = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "-id"], name="import_newest"),
            models.Index(
                fields=["beat_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="import_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class ImportedReceipt(TenantModel):
    """A receipt or cancellation that came from a file: what keeps a second run from counting."""

    private_to = "merchant"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="receipts")
    number = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=32)
    # Of each returned line, in order: thousandths that no purchase was found for.
    unmatched_milli = models.JSONField(default=list)
    refunds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "number"], name="imported_receipt_once")
        ]

    def __str__(self) -> str:
        return self.number


class ImportMapping(TenantModel):
    """The mapping a programme used last for files with this header."""

    kind = models.CharField(max_length=8, choices=ImportRun.Kind.choices)
    header = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "kind", "header"], name="import_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.header}"
