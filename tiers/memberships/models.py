"""Plans as rules, memberships as they run, and the periods they ran for.

A membership keeps the version of the plan its present period was paid under; a renewal takes the
newest. What a member holds right now stands beside it as the status ``memberships``, which is all
that rules and prices read.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.codes import CODE
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Rule
from loyalty.ledger.assets import unit_name
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel
from loyalty.web.formats import factor_text
from tiers.memberships.rules import PlanTerms


class Plan(Rule):
    """A paid membership people can join. Its budget is how many people may, in all its versions."""

    room: ClassVar[str] = "memberships"
    # Perks hold at any hour and for all who paid; there is no trying a plan out on a few.
    leaves_out: ClassVar = frozenset(
        {
            "weekdays",
            "minute_from",
            "minute_to",
            "pilot_audience",
            "holdout_bp",
            "stacking_group",
            "limits",
        }
    )

    class Unit(models.TextChoices):
        DAY = "day", _("days")
        MONTH = "month", _("months")
        YEAR = "year", _("years")

    class Refund(models.TextChoices):
        UNUSED = "unused", _("The whole period, where no perk was used")
        PRORATE = "prorate", _("The days that are left; all where no perk was used")
        NONE = "none", _("Nothing")

    called_by: ClassVar = ("code",)
    says_zero: ClassVar = frozenset({"price_minor"})

    budget = models.BigIntegerField(_("at most so many people can join"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=40, blank=True, validators=[CODE])
    price_minor = models.BigIntegerField(_("price of a period"), default=0)
    period_count = models.PositiveSmallIntegerField(_("a period lasts"), default=1)
    period_unit = models.CharField(_("unit"), max_length=5, choices=Unit.choices, default="month")
    trial_days = models.PositiveSmallIntegerField(_("days to try it free, once"), default=0)
    renews = models.BooleanField(_("renews by itself"), default=True)
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace after a missed payment"), default=7
    )
    refund_policy = models.CharField(
        _("cancelled at once, it gives back"),
        max_length=8,
        choices=Refund.choices,
        default="unused",
    )
    factor_bp = models.PositiveIntegerField(_("factor on points"), default=10_000)
    discount_bp = models.PositiveSmallIntegerField(_("member price: off all goods"), default=0)
    free_delivery = models.BooleanField(_("free delivery"), default=False)
    deliveries_a_day = models.PositiveSmallIntegerField(
        _("at most so many free deliveries a day"), null=True, blank=True
    )
    protects_tier = models.BooleanField(_("keeps the level from falling"), default=False)
    early_access = models.BooleanField(_("early access"), default=False)
    perk_vi = models.CharField(_("another perk, in Vietnamese"), max_length=200, blank=True)
    perk_en = models.CharField(_("another perk, in English"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("membership plan")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gte=0, period_count__gte=1), name="plan_positive"
            )
        ]

    @property
    def family(self) -> str:
        """The public id of the plan's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    @property
    def perk(self) -> str:
        """Its own perk in the reader's language."""
        if (get_language() or "vi").startswith("vi"):
            return self.perk_vi or self.perk_en
        return self.perk_en or self.perk_vi

    @property
    def has_perks(self) -> bool:
        """Is there anything to list beside its price?"""
        return bool(
            self.free_delivery
            or self.discount_bp
            or self.factor_bp > 10_000
            or self.protects_tier
            or self.early_access
            or self.perk
        )

    @property
    def factor_text(self) -> str:
        """The factor on points in the shop's own unit: ``stars ×1.5``."""
        return factor_text(self.factor_bp, unit=unit_name())

    def terms(self) -> PlanTerms:
        return PlanTerms(
            **self.shared_terms(),
            family=self.family,
            code=self.code,
            price_minor=self.price_minor,
            period_count=self.period_count,
            period_unit=str(self.period_unit),
            trial_days=self.trial_days,
            grace_days=self.grace_days,
            renews=self.renews,
            refund_policy=str(self.refund_policy),
            protects_tier=self.protects_tier,
            factor_bp=self.factor_bp,
            discount_bp=self.discount_bp,
            free_delivery=self.free_delivery,
            deliveries_a_day=self.deliveries_a_day,
        )


class Membership(TenantModel):
    """One member in one plan, from joining to its end."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the first payment")
        TRIAL = "trial", _("Free trial")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment overdue")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Source(models.TextChoices):
        BOUGHT = "bought", _("Bought")
        GIFT = "gift", _("A gift")
        GRANTED = "granted", _("Given by the shop")

    public_id = PublicIdField(prefix="mbs")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="memberships"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    # Whose it was before two cards were merged, and the one of both in the same plan that goes on.
    original = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    folded_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="folded"
    )
    family = models.CharField(max_length=40)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    source = models.CharField(_("how"), max_length=7, choices=Source.choices)
    giver = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("began"))
    # The day all periods are counted from, and how many have begun since.
    anchor_on = models.DateField()
    number = models.PositiveSmallIntegerField(default=0)
    ends_at = models.DateTimeField(_("runs until"), null=True)
    due_at = models.DateTimeField(null=True)
    cancels = models.BooleanField(_("ends with the period"), default=False)
    charge = models.CharField(max_length=40, blank=True)
    left_seconds = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "family"],
                # A gift nobody paid yet stands beside what its receiver joins by themselves.
                condition=~models.Q(state="ended") & ~models.Q(state="waiting", source="gift"),
                name="membership_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="membership_due",
            ),
            models.Index(fields=["programme", "state", "-id"], name="membership_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.public_id}"


class Period(TenantModel):
    """A stretch of time a membership ran for, and what was paid for it."""

    class Kind(models.TextChoices):
        TRIAL = "trial", _("Free trial")
        PAID = "paid", _("Paid")
        GRANTED = "granted", _("Given")

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="periods")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    paused_seconds = models.BigIntegerField(default=0)
    charge = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "number"], name="period_once"),
            models.CheckConstraint(
                condition=models.Q(
                    price_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=models.F("price_minor"),
                ),
                name="period_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
