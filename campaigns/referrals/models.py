"""Referral programmes as rules, members' codes, and every referral with where it stands.

Where a friend's referral stands is also the status ``referral`` of the friend, which a sale reads
with the member's other statuses; a sale changes that one, and what follows it after commit changes
the row here. All changes to a row's state are made under the lock of the friend.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.referrals.rules.terms import Gift, ReferralTerms
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Restricted, Rule
from loyalty.ledger.assets import unit_names
from loyalty.tenancy.scope import TenantModel


class ReferralProgramme(Rule, Restricted):
    """Members invite friends; both are paid for the friend's first qualifying purchase."""

    room: ClassVar[str] = "referrals"
    # What a member may get it for, and how often, are the limits all rules have: times a month,
    # times altogether. The budget counts referrals.
    referrer_points = models.PositiveIntegerField(_("points for who invites"), default=0)
    referrer_credit_minor = models.BigIntegerField(
        _("store credit for who invites"), default=0, validators=[MinValueValidator(0)]
    )
    referrer_reward = models.ForeignKey(
        "rewards_catalog.Reward",
        on_delete=models.PROTECT,
        verbose_name=_("reward for who invites"),
        null=True,
        blank=True,
        related_name="+",
    )
    friend_points = models.PositiveIntegerField(_("points for the friend"), default=0)
    friend_credit_minor = models.BigIntegerField(
        _("store credit for the friend"), default=0, validators=[MinValueValidator(0)]
    )
    friend_reward = models.ForeignKey(
        "rewards_catalog.Reward",
        on_delete=models.PROTECT,
        verbose_name=_("reward for the friend"),
        null=True,
        blank=True,
        related_name="+",
    )
    gift_days = models.PositiveSmallIntegerField(
        _("days its points and store credit live (0: always)"), default=0
    )
    within_days = models.PositiveSmallIntegerField(
        _("days after joining in which the friend must buy (0: any time)"), default=30
    )
    return_days = models.PositiveSmallIntegerField(
        _("days after the purchase until both are paid (the time to return it)"), default=14
    )
    hold_per_hour = models.PositiveSmallIntegerField(
        _("more friends in an hour than this are looked at first (0: never)"), default=5
    )
    hold_per_day = models.PositiveSmallIntegerField(
        _("more friends in a day than this are looked at first (0: never)"), default=20
    )
    budget = models.BigIntegerField(_("budget: at most so many referrals"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral programme")

    @property
    def family(self) -> str:
        """The public id of the first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    def terms(self) -> ReferralTerms:
        return ReferralTerms(
            **self.shared_terms(),
            family=self.family,
            version=self.version,
            accepts=self.state in (self.State.LIVE, self.State.PILOT, self.State.ENDED),
            restriction=self.restriction,
            for_friend=_gift(self.friend_points, self.friend_credit_minor, self.friend_reward),
            for_referrer=_gift(
                self.referrer_points, self.referrer_credit_minor, self.referrer_reward
            ),
            within_days=self.within_days,
            return_days=self.return_days,
            gift_days=self.gift_days,
            hold_per_hour=self.hold_per_hour,
            hold_per_day=self.hold_per_day,
        )


def _gift(points: int, credit_minor: int, reward: Any) -> Gift:
    shown = (reward.terms or reward.draft) if reward else None
    return Gift(
        points=points,
        credit_minor=credit_minor,
        reward=reward.public_id if reward else "",
        reward_names=(shown.name_vi, shown.name_en or shown.name_vi) if shown else ("", ""),
        unit_names=unit_names() if points else ("", ""),
    )


class ReferralCode(TenantModel):
    """What a member invites with, and the devices they did it on, as keyed hashes."""

    member = models.OneToOneField(
        "members_profiles.Member", on_delete=models.CASCADE, related_name="referral_code"
    )
    code = models.CharField(_("code"), max_length=8)
    devices = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("referral code")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="referral_code_once")
        ]

    def __str__(self) -> str:
        return str(self.code)


class Referral(TenantModel):
    """One member brought another. A friend is brought once, ever."""

    class State(models.TextChoices):
        JOINED = "joined", _("Has a card")
        BOUGHT = "bought", _("Bought, may still return it")
        HELD = "held", _("To be looked at")
        PAID = "paid", _("Both were paid")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Bought nothing in time")
        WITHDRAWN = "withdrawn", _("Bought and returned")

    class Why(models.TextChoices):
        """Why it ended as it did, where the state alone does not say."""

        NONE = "", ""
        REVIEW = "review", _("decided by staff")
        BUDGET = "budget", _("the budget of the programme was used up")
        ONE_PERSON = "one_person", _("both cards belong to one person")
        ERASED = "erased", _("the friend's card was erased")

    class Outcome(models.TextChoices):
        """What became of the referrer's side once the friend was paid."""

        OPEN = "", ""
        PAID = "paid", _("Paid")
        LIMIT = "limit", _("Limit reached")
        GONE = "gone", _("Card gone")

    public_id = PublicIdField(prefix="rfl")
    rule = models.ForeignKey(ReferralProgramme, on_delete=models.PROTECT, related_name="+")
    referrer = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="referrals_made"
    )
    friend = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="referrals_of"
    )
    # Whose they were before cards were merged.
    referrer_before = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    friend_before = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.JOINED)
    why = models.CharField(_("because"), max_length=10, choices=Why.choices, blank=True)
    outcome = models.CharField(_("who invited"), max_length=5, choices=Outcome.choices, blank=True)
    channel = models.CharField(_("joined through"), max_length=20)
    device = models.CharField(max_length=64, blank=True, editable=False)
    # Codes of what looks wrong, and of those a person has looked at and let pass.
    reasons = models.JSONField(_("looks wrong"), default=list)
    passed = models.JSONField(default=list)
    joined_at = models.DateTimeField(_("joined"))
    buy_by = models.DateTimeField(_("must buy by"), null=True)
    purchase = models.CharField(_("purchase"), max_length=40, blank=True)
    bought_at = models.DateTimeField(_("bought"), null=True)
    # When a job must look at it: the days to buy are over, or those to return.
    due_at = models.DateTimeField(_("due"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)
    reviewed_by = models.CharField(_("reviewed by"), max_length=200, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    review_note = models.CharField(_("note of the review"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("referral")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "friend"], name="referral_once"),
            models.CheckConstraint(
                condition=~models.Q(friend=models.F("referrer")),
                name="referral_of_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "referrer", "-id"], name="referral_newest"),
            models.Index(fields=["programme", "state", "-id"], name="referral_state"),
            models.Index(
                fields=["programme", "due_at"],
                name="referral_due",
                condition=models.Q(due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
