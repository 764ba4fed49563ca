"""Causes and ways of giving as rules, and what was handed over to causes.

What is given is an asset of the one ledger for each purse of a cause,
``donated:<id of the cause's first version>:<purse>`` (see ``rules.py``), credited to the member who
gave or for whose purchase the shop gave, with the pot ``donated`` on the other side.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.donations.rules import CauseTerms, DonationTerms
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Restricted, Rule
from loyalty.tenancy.scope import TenantModel


class Cause(Rule):
    """Something good that money, points or things are given to. Live: it takes; paused or ended: closed."""

    room: ClassVar[str] = "causes"
    about_vi = models.TextField(_("about it, in Vietnamese"), blank=True, max_length=2_000)
    about_en = models.TextField(_("about it, in English"), blank=True, max_length=2_000)
    website = models.URLField(_("website"), blank=True)
    goal_minor = models.BigIntegerField(_("goal"), default=0, validators=[MinValueValidator(0)])
    takes_points = models.BooleanField(_("members may give points"), default=True)

    class Meta:
        verbose_name = _("good cause")

    @property
    def family(self) -> str:
        """The public id of the cause's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    @property
    def about(self) -> str:
        """What it is, in the reader's language."""
        if (get_language() or "vi").startswith("vi"):
            return self.about_vi or self.about_en
        return self.about_en or self.about_vi

    def terms(self) -> CauseTerms:
        return CauseTerms(**self.shared_terms(), family=self.family, takes_points=self.takes_points)


class Donation(Rule, Restricted):
    """A way of giving: what a sale gives to a cause, and who pays for it."""

    room: ClassVar[str] = "causes"
    counts_money: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("cause",)
    shown_for: ClassVar = {
        "amount_minor": "way=purchase item",
        "per_items": "way=item one_for_one",
        "share_bp": "way=percent",
        "round_to_minor": "way=round_up",
        "whole_payments_only": "way=round_up",
        "free_items_count": "way=item one_for_one",
    }

    class Way(models.TextChoices):
        PURCHASE = "purchase", _("an amount for each purchase")
        ITEM = "item", _("an amount for each item bought")
        PERCENT = "percent", _("a share of the goods")
        ROUND_UP = "round_up", _("the customer rounds the bill up")
        ONE_FOR_ONE = "one_for_one", _("one given for one bought")

    way = models.CharField(_("gives"), max_length=11, choices=Way.choices, default=Way.PURCHASE)
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, verbose_name=_("to"), null=True, related_name="+"
    )
    member_chooses = models.BooleanField(_("members may choose another cause"), default=True)
    amount_minor = models.BigIntegerField(_("amount"), default=0)
    per_items = models.PositiveIntegerField(_("for each so many items"), default=1)
    share_bp = models.PositiveSmallIntegerField(_("share of the goods"), default=0)
    round_to_minor = models.BigIntegerField(_("rounded up to whole"), default=0)
    free_items_count = models.BooleanField(_("items free by a voucher count too"), default=False)
    whole_payments_only = models.BooleanField(
        _("not where points or vouchers pay a part"), default=False
    )

    class Meta:
        verbose_name = _("donation")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=0, round_to_minor__gte=0, per_items__gte=1),
                name="donation_positive",
            )
        ]

    def terms(self) -> DonationTerms:
        return DonationTerms(
            **self.shared_terms(),
            restriction=self.restriction,
            way=str(self.way),
            cause=self.cause.family if self.cause else "",
            member_chooses=self.member_chooses,
            amount_minor=self.amount_minor,
            per_items=self.per_items,
            share_bp=self.share_bp,
            round_to_minor=self.round_to_minor,
            free_items_count=self.free_items_count,
            whole_payments_only=self.whole_payments_only,
        )


class Payout(TenantModel):
    """Money or things handed over to a cause; or a debt of the cause that the shop forgave.

    What a cause is owed is what the ledger says was given, less what was paid, plus what was
    forgiven. A refund after a payout makes it negative: the next payout is that much smaller.
    """

    class Kind(models.TextChoices):
        PAID = "paid", _("Paid out")
        FORGIVEN = "forgiven", _("Left to the cause")

    public_id = PublicIdField(prefix="pyo")
    family = models.CharField(max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount_minor = models.BigIntegerField(_("amount"), default=0)
    items = models.PositiveIntegerField(_("things"), default=0)
    paid_on = models.DateField(_("on"))
    reference = models.CharField(_("reference"), max_length=80)
    recorded_by = models.CharField(_("by"), max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "family", "reference"], name="payout_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0) | models.Q(items__gt=0),
                name="payout_of_something",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "family", "-id"], name="payout_newest")
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount_minor}"
