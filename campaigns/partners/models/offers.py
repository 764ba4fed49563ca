"""The two kinds of rules of partners: offers and sign-up bonuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models.partners import Partner, in_language
from campaigns.partners.rules.bonus import BonusTerms
from campaigns.partners.rules.offers import OfferTerms
from loyalty.engine.models import Rule


class Offer(Rule):
    """What a partner gives to members for whom the conditions hold."""

    room: ClassVar[str] = "partners"
    counts_money: ClassVar[bool] = False

    needs: ClassVar[tuple[str, ...]] = ("partner",)
    needs_one: ClassVar[tuple[str, ...]] = ("text_vi", "text_en")

    shown_for: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("value_bp", "cap_minor"), "gives=percent"),
        "value_minor": "gives=amount",
        "low_at": "codes=pool",
        "cost_minor": "cost=we_pay they_pay",
        "share_bp": "cost=shared",
    }

    class Gives(models.TextChoices):
        TEXT = "text", _("something (see the text)")
        PERCENT = "percent", _("a percentage off")
        AMOUNT = "amount", _("an amount off")

    class Codes(models.TextChoices):
        GENERATED = "generated", _("made here")
        POOL = "pool", _("from the partner's list")

    class WhenLost(models.TextChoices):
        AT_ONCE = "at_once", _("it ends at once")
        END_OF_PERIOD = "end_of_period", _("it ends with the month")
        KEEPS = "keeps", _("it stays")

    class Cost(models.TextChoices):
        NOBODY = "nobody", _("nobody pays the other")
        WE_PAY = "we_pay", _("we pay the partner")
        THEY_PAY = "they_pay", _("the partner pays us")
        SHARED = "shared", _("we pay a share of what was given")

    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, verbose_name=_("partner"), null=True, related_name="+"
    )
    text_vi = models.CharField(_("what is given, in Vietnamese"), max_length=200, blank=True)
    text_en = models.CharField(_("what is given, in English"), max_length=200, blank=True)
    gives = models.CharField(_("kind"), max_length=7, choices=Gives.choices, default=Gives.TEXT)
    value_bp = models.PositiveIntegerField(_("percentage off"), default=0)
    cap_minor = models.BigIntegerField(_("at most off one redemption"), null=True, blank=True)
    value_minor = models.BigIntegerField(_("amount off"), default=0)
    worth_minor = models.BigIntegerField(_("worth to a member"), default=0)
    goes_on = models.BooleanField(_("goes on until its condition ends"), default=False)
    codes = models.CharField(_("codes"), max_length=9, choices=Codes.choices, default="generated")
    low_at = models.PositiveIntegerField(_("tell when so few codes are left"), default=10)
    per_member = models.PositiveIntegerField(
        _("at most per member"), null=True, blank=True, default=1
    )
    per_household = models.BooleanField(_("one for each household"), default=False)
    total = models.PositiveIntegerField(_("at most in all"), null=True, blank=True)
    valid_days = models.PositiveIntegerField(_("days a code lives"), null=True, blank=True)
    valid_until_on = models.DateField(_("last day of all codes"), null=True, blank=True)
    usable_after_days = models.PositiveIntegerField(_("usable after days"), default=0)
    when_lost = models.CharField(
        _("when the condition is lost"),
        max_length=13,
        choices=WhenLost.choices,
        default=WhenLost.AT_ONCE,
    )
    cost = models.CharField(
        _("who pays for a redemption"), max_length=8, choices=Cost.choices, default=Cost.NOBODY
    )
    cost_minor = models.BigIntegerField(_("amount for each redemption"), default=0)
    share_bp = models.PositiveIntegerField(_("our share of what was given"), default=0)

    class Meta:
        verbose_name = _("partner offer")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(value_minor__gte=0, worth_minor__gte=0, cost_minor__gte=0),
                name="partner_offer_positive",
            )
        ]

    @property
    def family(self) -> str:
        """The public id of the first version."""
        return family_of(self)

    @property
    def text(self) -> str:
        """What is given, in the active language, or in the one there is."""
        return in_language(self.text_vi, self.text_en)

    def terms(self) -> OfferTerms:
        return OfferTerms(
            **self.shared_terms(),
            family=self.family,
            partner=self.partner.public_id if self.partner else "",
            partner_name=self.partner.name if self.partner else "",
            gives=str(self.gives),
            texts=(self.text_vi, self.text_en),
            value_bp=self.value_bp,
            cap_minor=self.cap_minor,
            value_minor=self.value_minor,
            worth_minor=self.worth_minor,
            codes=str(self.codes),
            goes_on=self.goes_on,
            per_member=self.per_member,
            per_household=self.per_household,
            total=self.total,
            valid_days=self.valid_days,
            until=self.valid_until_on,
            usable_after_days=self.usable_after_days,
            when_lost=str(self.when_lost),
            cost=str(self.cost),
            cost_minor=self.cost_minor,
            share_bp=self.share_bp,
        )


class SignupBonus(Rule):
    """Points after spending so much within some months of joining, or of opening a partner's card."""

    room: ClassVar[str] = "partners"

    class StartsWith(models.TextChoices):
        JOINING = "joining", _("joining the programme")
        CARD = "card", _("opening a partner's card")

    class Pays(models.TextChoices):
        AT_ONCE = "at_once", _("as soon as it is reached")
        AFTER_WINDOW = "after_window", _("when the time is over")

    class After(models.TextChoices):
        KEEPS = "keeps", _("the bonus stays")
        FALLS = "falls", _("the bonus is taken back")

    shown_for: ClassVar[Mapping[str, str]] = {"partner": "starts_with=card"}

    starts_with = models.CharField(
        _("begins with"), max_length=7, choices=StartsWith.choices, default=StartsWith.JOINING
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        verbose_name=_("whose card"),
        null=True,
        blank=True,
        related_name="+",
    )
    spend_minor = models.BigIntegerField(_("after spending"), default=0)
    months = models.PositiveSmallIntegerField(_("within so many months"), default=3)
    points = models.BigIntegerField(_("points"), default=0)
    points_days = models.PositiveSmallIntegerField(_("days its points live (0: always)"), default=0)
    pays = models.CharField(
        _("is given"), max_length=12, choices=Pays.choices, default=Pays.AT_ONCE
    )
    after_window = models.CharField(
        _("refunds after that time"), max_length=5, choices=After.choices, default=After.KEEPS
    )

    class Meta:
        verbose_name = _("sign-up bonus")

    @property
    def family(self) -> str:
        """The public id of the first version."""
        return family_of(self)

    def terms(self) -> BonusTerms:
        return BonusTerms(
            **self.shared_terms(),
            family=self.family,
            starts_with=str(self.starts_with),
            partner=self.partner.public_id if self.partner else "",
            partner_name=self.partner.name if self.partner else "",
            spend_minor=self.spend_minor,
            months=self.months,
            points=self.points,
            points_days=self.points_days,
            pays=str(self.pays),
            after=str(self.after_window),
        )


def family_of(rule: Rule) -> str:
    """The public id of a rule's first version."""
    row: Any = rule
    while row.replaces is not None:
        row = row.replaces
    return str(row.public_id)
