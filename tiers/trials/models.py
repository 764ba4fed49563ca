"""Trials as rules, and each of them as one member took it.

How many there are is the rule's budget: taking one is one conditional update, and what comes back is
there again. One for each person is a row for each sign of them (:class:`Sign`), unique within a trial.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.codes import CODE
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Rule
from loyalty.tenancy.scope import TenantModel
from tiers.trials.rules import MOST_STARS, TrialTerms


class Trial(Rule):
    """Something given free to chosen members, to try it."""

    room: ClassVar[str] = "trials"

    class What(models.TextChoices):
        PRODUCT = "product", _("A product, handed over at the till")
        PLAN = "plan", _("A membership plan for some days")

    asks: ClassVar = {"plan": "membership.plans"}

    called_by: ClassVar = ("code",)

    shown_for: ClassVar = {
        "sku": "what=product",
        "collect_days": "what=product",
        "plan": "what=plan",
        "plan_days": "what=plan",
    }

    code = models.CharField(_("code"), max_length=40, blank=True, validators=[CODE])
    what = models.CharField(
        _("what is given"), max_length=7, choices=What.choices, default="product"
    )
    sku = models.CharField(_("code of the product"), max_length=60, blank=True)
    plan = models.CharField(_("plan"), max_length=40, blank=True)
    plan_days = models.PositiveSmallIntegerField(_("days the plan is free"), default=30)
    told_vi = models.CharField(_("a word to members, in Vietnamese"), max_length=300, blank=True)
    told_en = models.CharField(_("a word to members, in English"), max_length=300, blank=True)
    by_hand = models.BooleanField(_("only for those it is offered to by hand"), default=False)
    collect_days = models.PositiveSmallIntegerField(_("days it waits at the till"), default=7)
    ask_days = models.PositiveSmallIntegerField(_("days until they are asked"), default=3)
    convert_days = models.PositiveSmallIntegerField(
        _("days within which buying it counts as won"), default=30
    )
    budget = models.BigIntegerField(_("how many there are"), null=True, blank=True)

    class Meta:
        verbose_name = _("trial")

    @property
    def family(self) -> str:
        """The public id of the trial's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    @property
    def told(self) -> str:
        """A word to members, in the reader's language."""
        if (get_language() or "vi").startswith("vi"):
            return self.told_vi or self.told_en
        return self.told_en or self.told_vi

    def terms(self) -> TrialTerms:
        return TrialTerms(
            **self.shared_terms(),
            family=self.family,
            code=self.code,
            what=str(self.what),
            sku=self.sku,
            plan=self.plan,
            plan_days=self.plan_days,
            by_hand=self.by_hand,
            collect_days=self.collect_days,
            ask_days=self.ask_days,
            convert_days=self.convert_days,
        )


class Taking(TenantModel):
    """One trial and one member: offered, accepted, given, thought of."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Invited")
        ACCEPTED = "accepted", _("Waiting at the till")
        GIVEN = "given", _("Given")
        LAPSED = "lapsed", _("Not collected")
        RETURNED = "returned", _("Taken back")

    public_id = PublicIdField(prefix="trl")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="trials"
    )
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    # What the engine did for it, so that it can be undone.
    activity = models.CharField(max_length=40, blank=True)
    offered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    collect_until = models.DateTimeField(null=True)
    given_at = models.DateTimeField(_("given"), null=True)
    given_by = models.CharField(max_length=200, blank=True)
    plan_until = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    convert_until = models.DateTimeField(null=True)
    stars = models.PositiveSmallIntegerField(
        _("stars"), null=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_STARS)]
    )
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # When a job must look at it: what was not collected, whom to ask.
    due_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "family"],
                condition=models.Q(state__in=["offered", "accepted", "given"]),
                name="taking_once",
            ),
            models.CheckConstraint(
                condition=models.Q(stars__isnull=True) | models.Q(stars__range=(1, MOST_STARS)),
                name="taking_stars",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="taking_due",
            ),
            models.Index(fields=["programme", "family", "-id"], name="taking_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.trial} {self.public_id}"


class Sign(TenantModel):
    """One sign by which a person who had a trial is known again: their holder, log-in, phone, e-mail.

    Phone and e-mail are kept as keyed hashes, and forgotten with the person.
    """

    taking = models.ForeignKey(Taking, on_delete=models.CASCADE, related_name="signs")
    family = models.CharField(max_length=40)
    value = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "family", "value"], name="sign_once_per_trial"
            )
        ]

    def __str__(self) -> str:
        return self.value
