"""Ladders as rules, and the walks of the periodic review over all members.

What is counted for a level is an asset of the one ledger (``level_spend:<id of the ladder's first
version>``, ``level_points:…``, ``level_visits:…``) whose lots die with the stretch they count in.
Which level a member holds is the status ``level``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, NotFound, Refused
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Expiring, Restricted, Rule
from loyalty.engine.ports import reward_names
from loyalty.ledger.assets import asset_codes
from loyalty.tenancy.scope import TenantModel
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import LevelTerms
from tiers.levels.rules.reading import read_levels
from tiers.levels.rules.windows import Window


class Ladder(Rule, Restricted):
    """The levels of a programme, from the lowest up."""

    room: ClassVar[str] = "levels"
    examples: ClassVar[dict[str, Any]] = {
        "levels": [
            {"code": "member", "name_vi": "Thành viên", "name_en": "Member"},
            {
                "code": "gold",
                "name_vi": "Vàng",
                "name_en": "Gold",
                "enter": [{"spend_minor": 1_000_000, "visits": 5}, {"points": 300}],
                "keep": [{"spend_minor": 500_000}],
                "factor_bp": 15_000,
                "discount_bp": 500,
                "free_delivery": True,
            },
        ],
        "window_dates": ["04-01"],
    }

    class WindowKind(models.TextChoices):
        CALENDAR = "calendar", _("in a calendar year")
        ROLLING = "rolling", _("in the last months")
        ANNIVERSARY = "anniversary", _("in a year from the day of joining")
        DATES = "dates", _("from one fixed day of the year to the next")
        LIFETIME = "lifetime", _("over a lifetime")

    class Rise(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        NEXT_PERIOD = "next_period", _("When the next period begins")

    class Fall(models.TextChoices):
        EARNED = "earned", _("To the level that was earned")
        ONE = "one", _("By one level at most")
        NEVER = "never", _("Never")

    class AfterRefund(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        AT_REVIEW = "at_review", _("At the next review")

    class GraceUnit(models.TextChoices):
        DAY = "day", _("days")
        MONTH = "month", _("months")

    names_inside: ClassVar[tuple[str, ...]] = ("levels",)
    elsewhere: ClassVar[frozenset[str]] = frozenset({"levels", "window_dates"})
    own_pages: ClassVar[tuple[str, str] | None] = ("ladder_new", "ladder_edit")

    levels = models.JSONField(_("levels"), default=list)
    window_kind = models.CharField(
        _("counted"), max_length=11, choices=WindowKind.choices, default=WindowKind.CALENDAR
    )
    window_months = models.PositiveSmallIntegerField(_("how many months"), default=12)
    window_dates = models.JSONField(_("days of the year (MM-DD)"), default=list, blank=True)
    rise = models.CharField(_("going up"), max_length=11, choices=Rise.choices, default="at_once")
    fall = models.CharField(
        _("going down at a review"), max_length=6, choices=Fall.choices, default="earned"
    )
    after_refund = models.CharField(
        _("a level owed to a refunded sale falls"),
        max_length=9,
        choices=AfterRefund.choices,
        default="at_once",
    )
    grace_count = models.PositiveSmallIntegerField(_("kept after a failed review for"), default=0)
    grace_unit = models.CharField(
        _("unit"), max_length=5, choices=GraceUnit.choices, default="month"
    )
    grace_round_up = models.CharField(
        _("rounded up"), max_length=10, choices=Expiring.RoundUp.choices, default="", blank=True
    )
    asset = models.CharField(_("points that count"), max_length=60, default="points")
    counts_bonus = models.BooleanField(_("points of multipliers count too"), default=True)
    counts_past = models.BooleanField(_("what was bought before counts too"), default=True)
    visits_a_day = models.PositiveSmallIntegerField(
        _("visits that count a day"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("ladder of levels")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(minimum_minor__gte=0, visits_a_day__gte=1),
                name="ladder_positive",
            )
        ]

    @property
    def family(self) -> str:
        """The public id of the ladder's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    def clashes(self, others: Sequence[Any]) -> Sequence[DomainError]:
        """Two ladders for the same people: one of them would silently stop counting."""
        for one in others:
            if one.state == self.State.PILOT or not _overlap(self, one):
                continue
            if not (self.audience or one.audience):
                text = _(
                    "The ladder “%(name)s” is in force for everybody. Change that one, end it first, or say "
                    "for whom this one is."
                )
                return [Refused("second_ladder", text % {"name": one.name}, field="audience")]
            if self.priority == one.priority:
                text = _("Who is meant by both? Give this one another priority than “%(name)s”.")
                return [Refused("same_priority", text % {"name": one.name}, field="priority")]
        return []

    def terms(self) -> LadderTerms:
        levels, faults = read_levels(self.levels)
        if not faults:
            faults = (*_unknown_points(self.asset), *_unknown_gifts(levels))
        return LadderTerms(
            **self.shared_terms(),
            family=self.family,
            levels=levels,
            faults=faults,
            window=Window(
                kind=str(self.window_kind),
                months=self.window_months,
                dates=tuple(self.window_dates),
            ),
            rise=str(self.rise),
            fall=str(self.fall),
            after_refund=str(self.after_refund),
            grace_count=self.grace_count,
            grace_unit=str(self.grace_unit),
            grace_round_up=str(self.grace_round_up),
            points_asset=self.asset,
            counts_bonus=self.counts_bonus,
            counts_past=self.counts_past,
            visits_a_day=self.visits_a_day,
            restriction=self.restriction,
        )


def _unknown_points(code: str) -> tuple[DomainError, ...]:
    """The points that count, where the programme has none of that name."""
    if code in asset_codes():
        return ()
    return (NotFound("not_found", _("There are no such points."), field="asset"),)


def _unknown_gifts(levels: Sequence[LevelTerms]) -> tuple[DomainError, ...]:
    """Birthday gifts the catalogue does not know. One query where there are gifts."""
    wanted = [one.birthday_reward for one in levels if one.birthday_reward]
    known = reward_names(wanted) if wanted else {}
    return tuple(
        NotFound("not_found", _("There is no such reward."), field=f"levels.{n}.birthday_reward")
        for n, one in enumerate(levels)
        if one.birthday_reward and one.birthday_reward not in known
    )


class ReviewWalk(TenantModel):
    """One walk over members: the review of those who are due, or, after a ladder was published, over
    all: to count what was bought before the first one, to find those whom an edit moves. A killed one goes on where it stood.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", _("Review")
        EDIT = "edit", _("After an edit")
        PAST = "past", _("What was bought before")

    public_id = PublicIdField(prefix="lrv")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.REVIEW)
    # The ladder of an edit, and the member it has come to.
    rule = models.CharField(max_length=40, blank=True)
    cursor = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    rose = models.PositiveIntegerField(default=0)
    fell = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "kind", "rule"],
                condition=models.Q(finished_at__isnull=True),
                name="review_walk_one_open",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["programme", "-id"], name="review_walk_newest")]

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


def _overlap(one: Ladder, other: Ladder) -> bool:
    """Is there an instant at which both hold?"""
    return (one.ends_at is None or other.starts_at is None or other.starts_at < one.ends_at) and (
        other.ends_at is None or one.starts_at is None or one.starts_at < other.ends_at
    )
