"""Activities, what they had for effects, and the base of every mechanic's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.common.public_ids import PublicIdField
from loyalty.engine import conditions
from loyalty.engine.naming import Called
from loyalty.engine.restrictions import Restriction
from loyalty.engine.rule_tables import Columns
from loyalty.engine.rules import Limit, RuleTerms
from loyalty.engine.status import Status
from loyalty.engine.validity import Expiry, ExpiryKind, Wait, WaitKind
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel


class Activity(TenantModel):
    """Something a member did. ``key`` makes the same thing count once."""

    public_id = PublicIdField(prefix="act")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="activities"
    )
    type = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "type", "key"], name="activity_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "type", "happened_at"], name="activity_of_member")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class AppliedEffect(TenantModel):
    """One effect as it was applied, by the rule of that day; ``undone`` grows with refunds."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="effects")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=40)
    mechanic = models.CharField(max_length=40)
    rule = models.CharField(max_length=40, blank=True)
    rule_name = models.CharField(max_length=200, blank=True)
    asset = models.CharField(max_length=60, blank=True)
    amount = models.BigIntegerField()
    undone = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    basis = models.JSONField(default=list)
    memo = models.JSONField(default=dict)
    entry = models.ForeignKey(
        "loyalty_ledger.Entry", on_delete=models.PROTECT, null=True, related_name="+"
    )
    happened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "rule", "member", "happened_at"],
                name="effect_used",
            ),
            models.Index(fields=["entry"], name="effect_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class MemberStatus(TenantModel):
    """Where a member stands with one mechanic (:class:`~loyalty.engine.status.Status`)."""

    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="statuses"
    )
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    data = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "name"], name="status_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "name", "value"], name="status_value"),
            models.Index(
                fields=["programme", "name", "due_at"],
                name="status_due",
                condition=models.Q(due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"

    @property
    def view(self) -> Status:
        """As a plain value."""
        return Status(value=self.value, since=self.since, due_at=self.due_at, data=self.data)


class RuleBudget(TenantModel):
    """What a rule may give in all; spent by one conditional update, done last."""

    rule = models.CharField(max_length=40)
    maximum = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)
    # The version that took over what was spent; what comes back lowers it there too.
    carried_to = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "rule"], name="budget_once"),
            models.CheckConstraint(
                condition=models.Q(spent__gte=0, spent__lte=models.F("maximum")),
                name="budget_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spent}/{self.maximum}"


class Rule(Called, TenantModel):
    """Base of every mechanic's configuration. A published row is immutable: an edit publishes a
    successor, so effects always refer to the rule of their day.
    """

    # What it gives is money: its limits and its budget are in the currency's smallest unit.
    counts_money: ClassVar[bool] = False

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PILOT = "pilot", _("Pilot")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    # Of each list a kind has, one that is right: the API shows it to who must write one.
    examples: ClassVar[dict[str, Any]] = {
        "weekdays": [6, 7],
        "audience": [{"fact": "member.language", "op": "eq", "value": "vi"}],
        "pilot_audience": [{"fact": "member.tags", "op": "contains", "value": "vip"}],
        "limits": [{"maximum": 100, "period": "day", "measure": "amount", "rejects": False}],
    }
    # Fields of all rules that mean nothing for this kind: they are on no form and refused.
    leaves_out: ClassVar[frozenset[str]] = frozenset()
    # Fields the form asks for where another says so: {"off_bp": "discount=percent"}, several by spaces.
    # “visits?”: it may be empty then; “<sale>”: every activity with one (:mod:`~loyalty.engine.rule_choices`).
    shown_for: ClassVar[Mapping[str, str]] = {}
    # What such a field says by itself where it is not asked for and not given.
    unasked: ClassVar[Mapping[str, Any]] = {}
    # Fields that name what a fact knows by name, such as a plan: one of those there are.
    asks: ClassVar[Mapping[str, str]] = {}
    # Fields it is called by, such as a code: all its versions keep them, no other running rule has them.
    called_by: ClassVar[tuple[str, ...]] = ()
    # Lists that are rows of columns, as the form shows them: {"steps": {"at": Column(…), …}}.
    tables: ClassVar[Mapping[str, Columns]] = {}
    # Fields a draft may lack and a published rule may not, so that the form asks for them at once.
    needs: ClassVar[tuple[str, ...]] = ()
    # Texts wanted in one language at least: neither is required, the first is not called optional.
    needs_one: ClassVar[tuple[str, ...]] = ()
    # Fields that have a page of their own instead of a place on the form for all kinds.
    elsewhere: ClassVar[frozenset[str]] = frozenset()
    # Routes of a kind's own pages, to write and to change one; the form for all kinds has the rest.
    own_pages: ClassVar[tuple[str, str] | None] = None
    # The page of the dashboard that lists what runs of the kind: its form and page lead back there.
    room: ClassVar[str] = "rules"
    # Lists whose entries have names in both languages (``name_vi``, ``name_en``), such as levels.
    names_inside: ClassVar[tuple[str, ...]] = ()
    # Fields whose zero says something: a plan for nothing.
    says_zero: ClassVar[frozenset[str]] = frozenset()

    public_id = PublicIdField(prefix="rul")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    weekdays = models.JSONField(_("on these days"), default=list, blank=True)
    minute_from = models.PositiveSmallIntegerField(
        _("from (minute of the day)"), default=0, validators=[MaxValueValidator(1440)]
    )
    minute_to = models.PositiveSmallIntegerField(
        _("until (minute of the day)"),
        default=1440,
        validators=[MaxValueValidator(1440)],
    )
    audience = models.JSONField(_("for whom"), default=list, blank=True)
    pilot_audience = models.JSONField(_("pilot group"), default=list, blank=True)
    holdout_bp = models.PositiveSmallIntegerField(
        _("hold-out share (basis points)"), default=0, validators=[MaxValueValidator(10_000)]
    )
    priority = models.SmallIntegerField(_("priority"), default=0)
    stacking_group = models.CharField(_("stacking group"), max_length=40, blank=True)
    limits = models.JSONField(_("limits"), default=list, blank=True)
    budget = models.BigIntegerField(_("budget"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def shared_terms(self) -> dict[str, Any]:
        """The arguments every :class:`~loyalty.engine.rules.RuleTerms` takes."""
        return {
            "public_id": self.public_id,
            "name": self.name,
            # What earlier versions gave counts against the limits too: an edit refills nothing.
            "earlier": self.earlier_versions() if self.limits else (),
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "weekdays": tuple(self.weekdays),
            "minute_from": self.minute_from,
            "minute_to": self.minute_to,
            "audience": conditions.parse(self.audience),
            "pilot": self.state == self.State.PILOT,
            "pilot_audience": conditions.parse(self.pilot_audience, field="pilot_audience"),
            "holdout_bp": self.holdout_bp,
            "priority": self.priority,
            "stacking_group": self.stacking_group,
            "limits": tuple(Limit(**limit) for limit in self.limits),
            "budget": self.budget,
        }

    def earlier_versions(self) -> tuple[str, ...]:
        """The public ids of what this row replaced, newest first. One query for each."""
        found, row = [], self.replaces
        while row is not None:
            found.append(row.public_id)
            row = row.replaces
        return tuple(found)

    def clashes(self, others: Sequence[Any]) -> Sequence[DomainError]:
        """What in it cannot stand beside the running rules of its kind; asked as it is published."""
        return ()

    def terms(self) -> RuleTerms:
        """The rule as a frozen value; ``problems()`` of it are told before a draft is kept."""
        return RuleTerms(**self.shared_terms())


class Rounding(models.TextChoices):
    """What becomes of a fraction of what is counted."""

    FLOOR = "floor", _("Down")
    HALF_UP = "half_up", _("To the nearest, half up")
    CEIL = "ceil", _("Up")


class Restricted(models.Model):
    """Which goods and places a rule is for; an empty list stands for all."""

    examples: ClassVar[dict[str, Any]] = {
        "skus": ["CA-PHE-SUA"],
        "categories": ["ca-phe"],
        "excluded_skus": ["THE-QUA-TANG"],
        "excluded_categories": ["thuoc-la"],
        "locations": ["loc_01jd3kq6w3v8n0c5r7t9y2b4e6"],
    }

    skus = models.JSONField(_("only these products"), default=list, blank=True)
    categories = models.JSONField(_("only these categories"), default=list, blank=True)
    excluded_skus = models.JSONField(_("not these products"), default=list, blank=True)
    excluded_categories = models.JSONField(_("not these categories"), default=list, blank=True)
    locations = models.JSONField(_("only at these places"), default=list, blank=True)
    minimum_minor = models.BigIntegerField(_("minimum spend"), default=0)

    class Meta:
        abstract = True

    @property
    def restriction(self) -> Restriction:
        """As a value."""
        return Restriction(
            skus=frozenset(self.skus),
            categories=frozenset(self.categories),
            excluded_skus=frozenset(self.excluded_skus),
            excluded_categories=frozenset(self.excluded_categories),
            locations=frozenset(self.locations),
            minimum_minor=self.minimum_minor,
        )


class Expiring(models.Model):
    """When what a rule awards dies, for rules and settings that say so."""

    examples: ClassVar[dict[str, Any]] = {"expiry_dates": ["06-30", "12-31"]}

    class Kind(models.TextChoices):
        DEFAULT = "default", _("As in the settings")
        NONE = "none", _("Never")
        ROLLING = "rolling", _("A time after it was earned")
        SLIDING = "sliding", _("A time after the last activity")
        DATES = "dates", _("On fixed days each year")

    class Unit(models.TextChoices):
        DAY = "day", _("days")
        MONTH = "month", _("months")
        YEAR = "year", _("years")

    class RoundUp(models.TextChoices):
        NOT = "", _("Not rounded")
        MONTH = "month", _("To the end of the month")
        QUARTER = "quarter", _("To the end of the quarter")
        HALF_YEAR = "half_year", _("To the end of the half-year")
        YEAR = "year", _("To the end of the year")

    expiry_kind = models.CharField(
        _("expires"), max_length=8, choices=Kind.choices, default=Kind.DEFAULT
    )
    expiry_count = models.PositiveSmallIntegerField(_("after"), default=12)
    expiry_unit = models.CharField(_("unit"), max_length=6, choices=Unit.choices, default="month")
    expiry_round_up = models.CharField(
        _("rounded up"), max_length=10, choices=RoundUp.choices, default="", blank=True
    )
    expiry_dates = models.JSONField(_("days of the year (MM-DD)"), default=list, blank=True)

    class Meta:
        abstract = True

    @property
    def expiry(self) -> Expiry | None:
        """As a value; ``None`` stands for what the settings say."""
        if self.expiry_kind == self.Kind.DEFAULT:
            return None
        return Expiry(
            kind=cast("ExpiryKind", str(self.expiry_kind)),
            count=self.expiry_count,
            unit=str(self.expiry_unit),
            round_up=str(self.expiry_round_up),
            dates=tuple(self.expiry_dates),
        )


class Waiting(models.Model):
    """How long what a rule awards waits before it can be spent."""

    class WaitKind(models.TextChoices):
        NONE = "none", _("At once")
        DAYS = "days", _("After some days")
        DATE = "date", _("After a day")
        EVENT = "event", _("When something happens (delivery, check-out …)")

    wait_kind = models.CharField(
        _("available"), max_length=5, choices=WaitKind.choices, default=WaitKind.NONE
    )
    wait_days = models.PositiveSmallIntegerField(_("days to wait"), default=0)
    wait_until = models.DateField(_("wait until"), null=True, blank=True)
    wait_event = models.CharField(_("event to wait for"), max_length=40, blank=True)
    wait_cancel_days = models.PositiveSmallIntegerField(
        _("cancelled after days without the event"), default=0
    )

    class Meta:
        abstract = True

    @property
    def wait(self) -> Wait:
        """As a value."""
        return Wait(
            kind=cast("WaitKind", str(self.wait_kind)),
            days=self.wait_days,
            until=self.wait_until,
            event=self.wait_event,
            cancel_after_days=self.wait_cancel_days,
        )
