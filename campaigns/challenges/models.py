"""Missions, streaks and badges. Who stands where is a balance or a status of the member, not a row here.

Progress belongs to a rule's family (the id of its first version): an edit publishes a successor and
takes nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.challenges.rules.missions import MissionTerms
from campaigns.challenges.rules.prizes import Prize
from campaigns.challenges.rules.streaks import Step, StreakTerms
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Restricted, Rule
from loyalty.engine.rule_tables import Column, Columns
from loyalty.tenancy.scope import TenantModel

COLOURS = ("#b45309", "#047857", "#1d4ed8", "#be123c", "#6d28d9", "#334155")
SHAPES = ("star", "cup", "flame", "heart", "mountain", "leaf", "medal", "bolt")


class Badge(TenantModel):
    """An honour to show: a shape on a colour with a name. Awarded it has a page and an image."""

    public_id = PublicIdField(prefix="bdg")
    name_vi = models.CharField(_("name in Vietnamese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    text_vi = models.CharField(_("for what, in Vietnamese"), max_length=200, blank=True)
    text_en = models.CharField(_("for what, in English"), max_length=200, blank=True)
    shape = models.CharField(_("shape"), max_length=10, default="star")
    colour = models.CharField(_("colour"), max_length=7, default=COLOURS[0])
    is_retired = models.BooleanField(_("no longer given"), default=False)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("badge")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.names[0 if (get_language() or "vi").startswith("vi") else 1]

    @property
    def names(self) -> tuple[str, str]:
        """The name in Vietnamese and in English."""
        return self.name_vi, self.name_en or self.name_vi

    @property
    def texts(self) -> tuple[str, str]:
        """What it is for, in Vietnamese and in English."""
        return self.text_vi, self.text_en or self.text_vi

    @property
    def text(self) -> str:
        """What it is for, in the active language."""
        return self.texts[0 if (get_language() or "vi").startswith("vi") else 1]


class Mission(Rule, Restricted):
    """A target over a stretch of time, and what reaching it gives."""

    shown_for: ClassVar = {
        "activity_type": "counts=visits? places? times amount things",
        "data_name": "counts=times? amount things",
        "at_least": "counts=times amount things",
        "at_most": "counts=times? amount things?",
        "points_each": "counts=products places things",
    }
    room: ClassVar[str] = "challenges"

    class Counts(models.TextChoices):
        SPEND = "spend", _("money spent")
        VISITS = "visits", _("visits")
        ITEMS = "items", _("items bought")
        PRODUCTS = "products", _("different products")
        PLACES = "places", _("different places")
        TIMES = "times", _("times an activity was done")
        AMOUNT = "amount", _("amount of an activity (metres, minutes …)")
        THINGS = "things", _("different things of an activity")

    class Period(models.TextChoices):
        ONCE = "once", _("once")
        DAY = "day", _("anew each day")
        WEEK = "week", _("anew each week")
        MONTH = "month", _("anew each month")

    counts = models.CharField(
        _("what counts"), max_length=10, choices=Counts.choices, default=Counts.VISITS
    )
    target = models.BigIntegerField(
        _("how much of it"), default=1, validators=[MinValueValidator(1)]
    )
    period = models.CharField(
        _("how often"), max_length=8, choices=Period.choices, default=Period.ONCE
    )
    activity_type = models.CharField(_("activity"), max_length=60, blank=True)
    data_name = models.CharField(
        _("value of the activity, such as metres"), max_length=40, blank=True
    )
    at_least = models.BigIntegerField(_("less than this does not count"), null=True, blank=True)
    at_most = models.BigIntegerField(_("more than this is refused"), null=True, blank=True)
    after = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("opens when this is done"),
        null=True,
        blank=True,
        related_name="+",
    )
    points = models.PositiveIntegerField(_("points"), default=0)
    points_each = models.PositiveIntegerField(_("points for each new thing"), default=0)
    points_days = models.PositiveSmallIntegerField(_("days its points live (0: always)"), default=0)
    reward = models.ForeignKey(
        "rewards_catalog.Reward",
        on_delete=models.PROTECT,
        verbose_name=_("reward"),
        null=True,
        blank=True,
        related_name="+",
    )
    badge = models.ForeignKey(
        Badge,
        on_delete=models.PROTECT,
        verbose_name=_("badge"),
        limit_choices_to={"is_retired": False},
        null=True,
        blank=True,
        related_name="+",
    )
    leaderboard = models.BooleanField(_("with a leaderboard"), default=False)

    class Meta:
        verbose_name = _("mission")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(target__gte=1), name="mission_positive")
        ]

    @property
    def family(self) -> str:
        """The public id of the first version."""
        return family_of(self)

    def terms(self) -> MissionTerms:
        return MissionTerms(
            **self.shared_terms(),
            family=self.family,
            counts=str(self.counts),
            activity=self.activity_type,
            data_name=self.data_name,
            at_least=self.at_least,
            at_most=self.at_most,
            target=self.target,
            period=str(self.period),
            after=family_of(self.after) if self.after else "",
            prize=Prize(
                points=self.points,
                points_days=self.points_days,
                reward=self.reward.public_id if self.reward else "",
                reward_names=reward_names(self.reward),
                badge=self.badge.public_id if self.badge else "",
                badge_names=self.badge.names if self.badge else ("", ""),
            ),
            points_each=self.points_each,
            goes_on=self.leaderboard,
            restriction=self.restriction,
        )


def _rewards() -> Any:
    return Mission._meta.get_field("reward").related_model


def _every_reward() -> Any:
    return _rewards().objects.all()


class Streak(Rule):
    """Days or weeks in a row, and what lengths of it give."""

    room: ClassVar[str] = "challenges"

    class Unit(models.TextChoices):
        DAY = "day", _("days")
        WEEK = "week", _("weeks")

    examples: ClassVar[dict[str, Any]] = {
        "activity_types": ["check_in", "purchase"],
        "steps": [{"at": 7, "points": 50, "badge": "bdg_01jd3kq6"}],
    }
    needs: ClassVar[tuple[str, ...]] = ("activity_types",)
    tables: ClassVar[Mapping[str, Columns]] = {
        "steps": {
            "at": Column(_("so many in a row")),
            "points": Column(_("points")),
            "reward": Column(_("reward"), rows=_every_reward),
            "badge": Column(_("badge"), rows=lambda: Badge.objects.filter(is_retired=False)),
        }
    }

    unit = models.CharField(_("in a row"), max_length=4, choices=Unit.choices, default=Unit.DAY)
    activity_types = models.JSONField(_("activities that count"), default=list, blank=True)
    points_each = models.PositiveIntegerField(_("points each time"), default=0)
    points_days = models.PositiveSmallIntegerField(_("days its points live (0: always)"), default=0)
    # [{"at": 7, "points": 5, "reward": "rwd_…", "badge": "bdg_…"}, …]
    steps = models.JSONField(_("steps"), default=list, blank=True)
    cycle = models.PositiveSmallIntegerField(
        _("steps begin anew after so many (0: never)"), default=0
    )
    only_at_shop = models.BooleanField(
        _("check-ins count with the code at the counter alone"), default=False
    )
    freezes_first = models.PositiveSmallIntegerField(_("freezes to begin with"), default=0)
    freeze_every = models.PositiveSmallIntegerField(
        _("one more freeze for so many in a row (0: none)"), default=0
    )
    freezes_most = models.PositiveSmallIntegerField(_("at most so many freezes"), default=0)

    class Meta:
        verbose_name = _("streak")

    @property
    def family(self) -> str:
        """The public id of the first version."""
        return family_of(self)

    def terms(self) -> StreakTerms:
        steps, unknown = self._steps()
        return StreakTerms(
            **self.shared_terms(),
            family=self.family,
            unit=str(self.unit),
            activities=tuple(one for one in self.activity_types if isinstance(one, str) and one),
            points_each=self.points_each,
            points_days=self.points_days,
            steps=steps,
            unknown_steps=unknown,
            cycle=self.cycle,
            only_at_shop=self.only_at_shop,
            freezes_first=self.freezes_first,
            freeze_every=self.freeze_every,
            freezes_most=self.freezes_most,
        )

    def _steps(self) -> tuple[tuple[Step, ...], tuple[int, ...]]:
        """The steps, and the places in the list of those that make no sense."""
        found: list[Step] = []
        unknown: list[int] = []
        rewards = _by_id(_rewards(), self.steps, "reward")
        badges = _by_id(Badge, self.steps, "badge")
        for number, one in enumerate(self.steps):
            at, points = _whole(one, "at"), _whole(one, "points", default=0)
            reward, badge = _named(one, "reward"), _named(one, "badge")
            known = (not reward or reward in rewards) and (not badge or badge in badges)
            if at is None or points is None or points < 0 or not known:
                unknown.append(number)
                continue
            prize = Prize(
                points=points,
                points_days=self.points_days,
                reward=reward,
                reward_names=reward_names(rewards.get(reward)),
                badge=badge,
                badge_names=badges[badge].names if badge else ("", ""),
            )
            found.append(Step(at=at, prize=prize))
        return tuple(found), tuple(unknown)


def family_of(rule: Rule) -> str:
    """The public id of a rule's first version."""
    row: Any = rule
    while row.replaces is not None:
        row = row.replaces
    return str(row.public_id)


def reward_names(reward: Any) -> tuple[str, str]:
    """What the shop calls a reward, in Vietnamese and in English."""
    shown = (reward.terms or reward.draft) if reward else None
    return (shown.name_vi, shown.name_en or shown.name_vi) if shown else ("", "")


def _by_id(model: Any, raw: list[Any], name: str) -> dict[str, Any]:
    wanted = [found for one in raw if (found := _named(one, name))]
    if not wanted:
        return {}
    return {row.public_id: row for row in model.objects.filter(public_id__in=wanted)}


def _named(raw: Any, name: str) -> str:
    found = raw.get(name) if isinstance(raw, dict) else ""
    return found[:40] if isinstance(found, str) else ""


def _whole(raw: Any, name: str, *, default: int | None = None) -> int | None:
    found = raw.get(name, default) if isinstance(raw, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
