"""Discounts for regulars, as rules: for whom, off what, how much, and beside which others."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.engine.models import Restricted, Rounding, Rule
from rewards.discounts.rules import DiscountTerms


class DiscountRule(Rule, Restricted):
    """A better price that is given by itself: at the till, in quotes, over the API."""

    counts_money = True
    shown_for: ClassVar = {
        "off_bp": "discount=percent",
        "off_minor": "discount=amount",
        "price_minor": "discount=fixed_price",
        "rounding": "discount=percent fixed_price",
        "on_delivery": "discount=percent amount",
    }

    class Kind(models.TextChoices):
        PERCENT = "percent", _("a percentage off")
        AMOUNT = "amount", _("an amount off")
        FIXED_PRICE = "fixed_price", _("a fixed price for each")

    discount = models.CharField(
        _("discount"), max_length=11, choices=Kind.choices, default=Kind.PERCENT
    )
    off_bp = models.PositiveSmallIntegerField(_("percentage off"), default=0)
    off_minor = models.BigIntegerField(_("amount off"), default=0)
    price_minor = models.BigIntegerField(_("price of one"), default=0)
    rounding = models.CharField(
        _("fractions"), max_length=8, choices=Rounding.choices, default=Rounding.HALF_UP
    )
    cap_minor = models.BigIntegerField(_("at most off one sale"), null=True, blank=True)
    on_delivery = models.BooleanField(_("off the delivery, not the goods"), default=False)
    stacks = models.BooleanField(_("adds to other discounts"), default=False)

    class Meta:
        verbose_name = _("discount")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    off_bp__lte=10_000, off_minor__gte=0, price_minor__gte=0, minimum_minor__gte=0
                ),
                name="discount_rule_within",
            )
        ]

    def terms(self) -> DiscountTerms:
        return DiscountTerms(
            **self.shared_terms(),
            restriction=self.restriction,
            discount=str(self.discount),
            off_bp=self.off_bp,
            off_minor=self.off_minor,
            price_minor=self.price_minor,
            rounding=str(self.rounding),
            cap_minor=self.cap_minor,
            on_delivery=self.on_delivery,
            stacks=self.stacks,
        )
