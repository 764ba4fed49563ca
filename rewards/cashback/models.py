"""Cashback as rules: what comes back of a sale as store credit, and how store credit pays.

Store credit is an asset of the one ledger, money in the currency's smallest unit. Publishing the
first rule opens it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.engine.models import Expiring, Restricted, Rounding, Rule, Waiting
from loyalty.engine.validity import NEVER
from rewards.cashback.rules import CashbackTerms, SpendingTerms


class CashbackRule(Rule, Restricted, Waiting, Expiring):
    """A share of what is spent comes back as store credit."""

    counts_money = True

    rate_bp = models.PositiveSmallIntegerField(_("comes back"), default=0)
    rounding = models.CharField(
        _("fractions"), max_length=8, choices=Rounding.choices, default=Rounding.FLOOR
    )
    cap_minor = models.BigIntegerField(_("at most of one sale"), null=True, blank=True)
    stacks = models.BooleanField(_("adds to other cashback"), default=False)

    class Meta:
        verbose_name = _("cashback")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(rate_bp__lte=10_000, minimum_minor__gte=0),
                name="cashback_rule_within",
            )
        ]

    def terms(self) -> CashbackTerms:
        return CashbackTerms(
            **self.shared_terms(),
            restriction=self.restriction,
            rate_bp=self.rate_bp,
            rounding=str(self.rounding),
            cap_minor=self.cap_minor,
            stacks=self.stacks,
            wait=self.wait,
            expiry=self.expiry or NEVER,
        )


class SpendingRule(Rule):
    """How store credit pays at the till. Without one it pays from the first unit, all of a bill."""

    pay_minimum_minor = models.BigIntegerField(_("pays from"), default=1)
    pay_step_minor = models.BigIntegerField(_("in steps of"), default=1)
    cap_bp = models.PositiveSmallIntegerField(_("at most this share of a bill"), default=10_000)

    class Meta:
        verbose_name = _("paying with store credit")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    pay_minimum_minor__gte=1, pay_step_minor__gte=1, cap_bp__lte=10_000
                ),
                name="spending_rule_within",
            )
        ]

    def terms(self) -> SpendingTerms:
        return SpendingTerms(
            **self.shared_terms(),
            pay_minimum_minor=self.pay_minimum_minor,
            pay_step_minor=self.pay_step_minor,
            cap_bp=self.cap_bp,
        )
