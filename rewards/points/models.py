"""How points are earned, multiplied, spent and passed on; adjustments and transfers as they happened.

Published rules are immutable (see :class:`loyalty.engine.models.Rule`). Balances are not kept here:
the ledger alone knows them.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Expiring, Restricted, Rounding, Rule, Waiting
from loyalty.tenancy.scope import TenantModel
from rewards.points.rules import EarningTerms, MultiplierTerms


class EarningRule(Rule, Restricted, Waiting, Expiring):
    """Points for an activity: per money spent, per unit bought, or a fixed number."""

    class Basis(models.TextChoices):
        MONEY = "money", _("per amount spent")
        UNITS = "units", _("per unit bought")
        FIXED = "fixed", _("a fixed number each time")

    shown_for: ClassVar = {
        "basis": "activity=<sale>",
        "per_minor": "basis=money",
        "per_units": "basis=units",
        "proportional": "basis=money units",
        "rounding": "basis=money units",
    }
    # Nothing is spent or bought on a birthday.
    unasked: ClassVar = {"basis": Basis.FIXED}

    asset = models.CharField(_("what is earned"), max_length=60, default="points")
    activity = models.CharField(_("for"), max_length=60, default="purchase")
    basis = models.CharField(_("counted"), max_length=6, choices=Basis.choices, default=Basis.MONEY)
    points = models.BigIntegerField(_("points"), default=1)
    per_minor = models.BigIntegerField(_("for each"), default=0)
    per_units = models.PositiveIntegerField(_("for each so many units"), default=1)
    proportional = models.BooleanField(_("parts of a step count too"), default=False)
    rounding = models.CharField(
        _("fractions"), max_length=8, choices=Rounding.choices, default=Rounding.FLOOR
    )

    class Meta:
        verbose_name = _("earning rule")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(points__gte=1, per_minor__gte=0, minimum_minor__gte=0),
                name="earning_rule_positive",
            )
        ]

    def terms(self) -> EarningTerms:
        return EarningTerms(
            **self.shared_terms(),
            restriction=self.restriction,
            asset=self.asset,
            activity=self.activity,
            basis=str(self.basis),
            points=self.points,
            per_minor=self.per_minor,
            per_units=self.per_units,
            proportional=self.proportional,
            rounding=str(self.rounding),
            wait=self.wait,
            expiry=self.expiry,
        )


class MultiplierRule(Rule, Restricted):
    """A factor on the points a sale earns: double points on Tuesdays, ×1.5 on cakes."""

    asset = models.CharField(_("what is multiplied"), max_length=60, default="points")
    factor_bp = models.PositiveIntegerField(
        _("factor"),
        default=20_000,
        validators=[MinValueValidator(10_000), MaxValueValidator(1_000_000)],
    )

    class Meta:
        verbose_name = _("multiplier")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(factor_bp__gte=10_000), name="multiplier_at_least_one"
            )
        ]

    def terms(self) -> MultiplierTerms:
        return MultiplierTerms(
            **self.shared_terms(),
            restriction=self.restriction,
            asset=self.asset,
            factor_bp=self.factor_bp,
        )


class PointsSettings(Expiring, TenantModel):
    """What holds for all points of one asset. What the points are worth is kept on the asset."""

    public_id = PublicIdField(prefix="pts")
    asset = models.CharField(max_length=60, default="points", editable=False)
    rounding = models.CharField(
        _("fractions after multiplying"),
        max_length=8,
        choices=Rounding.choices,
        default=Rounding.FLOOR,
    )
    pay_enabled = models.BooleanField(_("pay with points at the till"), default=False)
    pay_minimum = models.BigIntegerField(_("at least"), default=1)
    pay_step = models.BigIntegerField(_("in steps of"), default=1)
    pay_cap_bp = models.PositiveSmallIntegerField(
        _("at most this share of the bill"), default=10_000, validators=[MaxValueValidator(10_000)]
    )
    pay_cap_points = models.BigIntegerField(_("at most so many at once"), null=True, blank=True)
    transfer_enabled = models.BooleanField(_("members may give points away"), default=False)
    transfer_minimum = models.BigIntegerField(_("at least"), default=1)
    transfer_daily_maximum = models.BigIntegerField(_("at most a day"), null=True, blank=True)
    expiry_switched_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "asset"], name="points_settings_once"),
            models.CheckConstraint(
                condition=models.Q(
                    pay_minimum__gte=1,
                    pay_step__gte=1,
                    pay_cap_bp__gte=1,
                    transfer_minimum__gte=1,
                ),
                name="points_settings_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.asset


class Adjustment(TenantModel):
    """Points given or taken by hand. Above the programme's limit it waits for a second person."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPLIED = "applied", _("Applied")
        REJECTED = "rejected", _("Rejected")

    public_id = PublicIdField(prefix="adj")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    asset = models.CharField(max_length=60)
    amount = models.BigIntegerField(_("points"))
    text = models.CharField(_("text the member sees"), max_length=200)
    note = models.TextField(_("internal note"), blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    asked_by_id = models.CharField(max_length=40)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    decided_by_id = models.CharField(max_length=40, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="adjustment_not_zero"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "-id"], name="adjustment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} {self.asset}"


class Transfer(TenantModel):
    """Points on their way from one member to another; they keep their expiry dates."""

    class State(models.TextChoices):
        SENT = "sent", _("On its way")
        RECEIVED = "received", _("Received")
        RETURNED = "returned", _("Returned to the sender")

    public_id = PublicIdField(prefix="trf")
    sender = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    receiver = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    asset = models.CharField(max_length=60)
    amount = models.BigIntegerField(_("points"))
    # [amount, expiry instant or null] of each lot it was taken from.
    parts = models.JSONField(default=list)
    message = models.CharField(_("message"), max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENT)
    sent_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="transfer_amount_positive"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sender", "asset", "sent_at"], name="transfer_of_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.asset}"
