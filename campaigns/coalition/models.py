"""Terms, prepaid blocks, the months that were cleared, and what was paid for them.

Rows of one merchant are its own business (``private_to``); the programme's own statement is the
operator's.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.coalition import rules
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel


class ClearingSettings(TenantModel):
    """How the coalition clears. One row at most; without one, the defaults."""

    class Breakage(models.TextChoices):
        OPERATOR = rules.OPERATOR, _("The programme keeps it")
        ISSUER = rules.ISSUER, _("Back to who had issued the points")

    asset = models.CharField(_("what is cleared"), max_length=60, default="points")
    breakage_to = models.CharField(
        _("money of expired points"),
        max_length=8,
        choices=Breakage.choices,
        default=Breakage.OPERATOR,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme"], name="clearing_settings_once")
        ]

    def __str__(self) -> str:
        return self.asset


class MerchantTerms(TenantModel):
    """What a merchant pays and gets from a day on. Never changed: new terms begin on a later day."""

    private_to = "merchant"

    class Billing(models.TextChoices):
        POSTPAID = rules.POSTPAID, _("Billed after the month")
        PREPAID = rules.PREPAID, _("Prepaid in blocks")
        LEFT = rules.LEFT, _("Has left")

    class WhenEmpty(models.TextChoices):
        REFUSE = rules.REFUSE, _("Refuse the sale at the till")
        BILL = rules.BILL, _("Issue them and bill the rest")

    public_id = PublicIdField(prefix="cot")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    billing = models.CharField(_("issued points are"), max_length=8, choices=Billing.choices)
    issue_price_minor = models.BigIntegerField(_("pays for 1,000 points issued"), default=0)
    redeem_price_minor = models.BigIntegerField(_("gets for 1,000 points redeemed"), default=0)
    when_empty = models.CharField(
        _("when the block is empty"),
        max_length=6,
        choices=WhenEmpty.choices,
        default=WhenEmpty.BILL,
    )
    minimum = models.BigIntegerField(_("warn when so few points are left"), default=0)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "starts_on"], name="terms_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(
                    issue_price_minor__gte=0, redeem_price_minor__gte=0, minimum__gte=0
                ),
                name="terms_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.starts_on}"

    def terms(self, *, asset: str = "points") -> rules.Terms:
        """As a plain value (with the merchant loaded)."""
        return rules.Terms(
            public_id=self.public_id,
            merchant_id=self.merchant_id,
            merchant=self.merchant.public_id,
            merchant_name=self.merchant.name,
            starts_on=self.starts_on,
            billing=self.billing,
            issue_price_minor=self.issue_price_minor,
            redeem_price_minor=self.redeem_price_minor,
            when_empty=self.when_empty,
            minimum=self.minimum,
            asset=asset,
        )


class PrepaidAccount(TenantModel):
    """How many prepaid points a merchant has left: the guard that tills ask, one row for each.

    Statements are made from the ledger and the blocks; closing a month sets this right by them.
    """

    private_to = "merchant"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    bought = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    # What had been bought when it was last said that little is left: said once for each block.
    warned_at_bought = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant"], name="prepaid_account_once"),
            models.CheckConstraint(
                condition=models.Q(bought__gte=0), name="prepaid_bought_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id}: {self.left}"

    @property
    def left(self) -> int:
        """Points left; negative where more was issued than bought."""
        return self.bought - self.used


class PrepaidBlock(TenantModel):
    """Points bought in advance; or (negative) the rest a merchant got its money back for."""

    private_to = "merchant"

    public_id = PublicIdField(prefix="blk")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    points = models.BigIntegerField(_("points"))
    price_minor = models.BigIntegerField(_("paid"))
    bought_on = models.DateField(_("on"))
    reference = models.CharField(_("reference"), max_length=80)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="block_reference_once"),
            models.CheckConstraint(
                condition=models.Q(points__gt=0, price_minor__gte=0)
                | models.Q(points__lt=0, price_minor__lte=0),
                name="block_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points}: {self.reference}"


class HonouredReward(TenantModel):
    """A reward bought with points and used at another merchant than it was bought at: what was paid
    for it belongs to who hands it over. Append-only; what is taken back is a row with minus units.

    ``seller``: where the points were redeemed; nobody for the members' pages. ``event`` tells the
    order of what happened to a voucher. Without units: seen, and nothing to clear.
    """

    private_to = "merchant"

    voucher = models.CharField(max_length=40)
    event = models.CharField(max_length=40)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    seller = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    asset = models.CharField(max_length=60)
    units = models.BigIntegerField(default=0)
    sold_at = models.DateTimeField()
    used_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "voucher", "event"], name="honoured_reward_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "recorded_at"], name="honoured_reward_month")
        ]

    def __str__(self) -> str:
        return f"{self.voucher}: {self.units}"


class ClearingRun(TenantModel):
    """A month of the coalition. Once closed, nothing of it changes any more."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CLOSED = "closed", _("Closed")

    public_id = PublicIdField(prefix="crn")
    month = models.CharField(_("month"), max_length=7)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.DRAFT)
    breakage_to = models.CharField(max_length=8)
    asset = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "month"], name="clearing_month_once")
        ]

    def __str__(self) -> str:
        return self.month


class Statement(TenantModel):
    """What one merchant gets (positive) or pays for a month; of no merchant: the programme's own."""

    private_to = "merchant"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("To be paid")
        SETTLED = "settled", _("Settled")

    public_id = PublicIdField(prefix="cst")
    run = models.ForeignKey(ClearingRun, on_delete=models.PROTECT, related_name="statements")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    position_minor = models.BigIntegerField(default=0)
    issued = models.BigIntegerField(default=0)
    redeemed = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)
    # Points paid for by prepaid blocks, and those billed because the blocks were empty.
    covered = models.BigIntegerField(default=0)
    billed = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "merchant"], name="statement_once"),
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(merchant__isnull=True),
                name="statement_of_programme_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "merchant", "-id"], name="statement_newest")
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def due_minor(self) -> int:
        """The amount to be handed over, whichever way."""
        return abs(self.position_minor)


class StatementLine(TenantModel):
    """A line: points at one price. An adjustment names what it corrects and when that was."""

    private_to = "statement__merchant"

    class Kind(models.TextChoices):
        ISSUED = rules.ISSUED, _("Points issued")
        TAKEN_BACK = rules.TAKEN_BACK, _("Taken back after refunds")
        PREPAID = rules.PREPAID_POINTS, _("Paid by prepaid blocks")
        REDEEMED = rules.REDEEMED, _("Points redeemed")
        GIVEN_BACK = rules.GIVEN_BACK, _("Given back after refunds")
        HONOURED = rules.HONOURED, _("Rewards bought elsewhere, used here")
        ELSEWHERE = rules.ELSEWHERE, _("Rewards bought here, used elsewhere")
        EXPIRED = rules.EXPIRED, _("Points expired")
        LATE_ISSUE = rules.LATE_ISSUE, _("Adjustment of an earlier month: issued")
        LATE_REDEMPTION = rules.LATE_REDEMPTION, _("Adjustment of an earlier month: redeemed")
        OTHER = rules.OTHER, _("Other movements")
        CONTRA = rules.CONTRA, _("Counterpart of all merchants")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    units = models.BigIntegerField(default=0)
    price_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    terms = models.CharField(max_length=40, blank=True)
    original = models.CharField(max_length=40, blank=True)
    original_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["statement", "number"], name="statement_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.kind}"


class ClearingPayment(TenantModel):
    """Money handed over for a statement: all of it, under a reference that counts once."""

    private_to = "statement__merchant"

    public_id = PublicIdField(prefix="cpm")
    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="payment")
    amount_minor = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=80)
    paid_on = models.DateField(_("on"))
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "reference"], name="clearing_payment_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="clearing_payment_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount_minor}"
