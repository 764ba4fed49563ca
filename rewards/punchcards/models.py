"""Punch cards as rules: how stamps are collected, how many fill a card, and what that gives.

Stamps are an asset of the one ledger, ``stamps:<id of the card's first version>``: versions of a card
share it, so a member keeps the stamps when the shop changes the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.engine.models import Expiring, Rule
from loyalty.engine.rule_tables import Column, Columns
from loyalty.engine.validity import NEVER
from rewards.punchcards.rules import CardTerms, Interim

MAX_STAMPS = 100


def _every_reward() -> Any:
    rewards: Any = PunchCard._meta.get_field("reward").related_model
    return rewards.objects.all()


class PunchCard(Rule, Expiring):
    """One kind of card. All stamps of one card die together, counted from its first stamp."""

    room: ClassVar[str] = "punchcards"

    class Per(models.TextChoices):
        VISIT = "visit", _("per visit")
        ITEM = "item", _("per item bought")
        AMOUNT = "amount", _("per amount spent")

    class Icon(models.TextChoices):
        COFFEE = "coffee", _("Cup")
        CUP = "cup", _("Glass")
        CAKE = "cake", _("Cake")
        STAR = "star", _("Star")
        HEART = "heart", _("Heart")
        LEAF = "leaf", _("Leaf")
        CHECK = "check", _("Tick")

    examples: ClassVar[dict[str, Any]] = {
        "skus": ["CA-PHE-SUA"],
        "categories": ["ca-phe"],
        "excluded_skus": ["THE-QUA-TANG"],
        "interims": [{"position": 5, "reward": "rwd_01jd3kq6w3v8n0c5r7t9y2b4e6"}],
    }
    tables: ClassVar[Mapping[str, Columns]] = {
        "interims": {
            "position": Column(_("stamp")),
            "reward": Column(_("reward"), rows=_every_reward),
        }
    }
    needs: ClassVar[tuple[str, ...]] = ("reward",)
    own_pages: ClassVar[tuple[str, str] | None] = ("punchcard_new", "punchcard_edit")

    stamp_per = models.CharField(_("a stamp"), max_length=6, choices=Per.choices, default=Per.VISIT)
    stamps_each = models.PositiveSmallIntegerField(
        _("stamps each time"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_STAMPS)],
    )
    per_minor = models.BigIntegerField(_("for each amount of"), default=0)
    skus = models.JSONField(_("only these products"), default=list, blank=True)
    categories = models.JSONField(_("only these categories"), default=list, blank=True)
    excluded_skus = models.JSONField(_("not these products"), default=list, blank=True)
    minimum_minor = models.BigIntegerField(_("minimum spend"), default=0)
    stamps_needed = models.PositiveSmallIntegerField(
        _("stamps for a full card"),
        default=10,
        validators=[MinValueValidator(2), MaxValueValidator(MAX_STAMPS)],
    )
    reward = models.ForeignKey(
        "rewards_catalog.Reward",
        on_delete=models.PROTECT,
        verbose_name=_("reward for a full card"),
        null=True,
        related_name="+",
    )
    interims = models.JSONField(_("rewards on the way"), default=list, blank=True)
    head_start = models.PositiveSmallIntegerField(_("stamps to begin with"), default=0)
    head_start_every = models.BooleanField(_("on every card, not just the first"), default=True)
    carry_over = models.BooleanField(_("stamps left over go to the next card"), default=True)
    icon = models.CharField(
        _("picture of a stamp"), max_length=20, choices=Icon.choices, default=Icon.COFFEE
    )

    class Meta:
        verbose_name = _("punch card")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    stamps_needed__gte=2, stamps_each__gte=1, per_minor__gte=0, minimum_minor__gte=0
                ),
                name="punch_card_positive",
            )
        ]

    @property
    def family(self) -> str:
        """The public id of the card's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    def terms(self) -> CardTerms:
        interims, unknown = self._interims()
        return CardTerms(
            **self.shared_terms(),
            family=self.family,
            stamp_per=str(self.stamp_per),
            stamps_each=self.stamps_each,
            per_minor=self.per_minor,
            skus=frozenset(map(str, self.skus)),
            categories=frozenset(map(str, self.categories)),
            excluded_skus=frozenset(map(str, self.excluded_skus)),
            minimum_minor=self.minimum_minor,
            needed=self.stamps_needed,
            reward=self.reward.public_id if self.reward else "",
            reward_names=self._reward_names(),
            interims=interims,
            unknown_interims=unknown,
            head_start=self.head_start,
            head_start_every=self.head_start_every,
            carry_over=self.carry_over,
            expiry=self.expiry or NEVER,
        )

    def _reward_names(self) -> tuple[str, str]:
        shown = (self.reward.terms or self.reward.draft) if self.reward else None
        return (shown.name_vi, shown.name_en or shown.name_vi) if shown else ("", "")

    def _interims(self) -> tuple[tuple[Interim, ...], tuple[int, ...]]:
        """The rewards on the way, and the places in the list of those that make no sense."""
        found: list[Interim] = []
        unknown: list[int] = []
        rewards: Any = self._meta.get_field("reward").related_model
        ids = [one.get("reward") for one in self.interims if isinstance(one, dict)]
        known = set()
        if ids:
            rows = rewards.objects.filter(public_id__in=[str(one)[:40] for one in ids])
            known = set(rows.values_list("public_id", flat=True))
        for number, one in enumerate(self.interims):
            position = one.get("position") if isinstance(one, dict) else None
            if isinstance(position, int) and one.get("reward") in known and position >= 1:
                found.append(Interim(position=position, reward=one["reward"]))
            else:
                unknown.append(number)
        return tuple(sorted(found, key=lambda one: one.position)), tuple(unknown)
