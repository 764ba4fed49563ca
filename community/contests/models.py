"""Contests, what members enter, and who voted for what."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.contests.rules import Prize
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class Contest(TenantModel):
    """Members enter words or photos; members or a jury choose. Published, its rules stand."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", pgettext_lazy("contest", "Published")
        DECIDED = "decided", _("Decided")
        CANCELLED = "cancelled", _("Cancelled")

    class Judging(models.TextChoices):
        VOTES = "votes", _("Members vote")
        JURY = "jury", _("A jury picks")

    public_id = PublicIdField(prefix="cts")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=120, blank=True)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    rules_vi = models.TextField(_("rules in Vietnamese"), blank=True)
    rules_en = models.TextField(_("rules in English"), blank=True)
    opens_at = models.DateTimeField(_("opens"))
    entries_until = models.DateTimeField(_("entries until"))
    votes_until = models.DateTimeField(_("votes until"))
    judging = models.CharField(_("who decides"), max_length=5, choices=Judging.choices)
    wants_text = models.BooleanField(_("words"), default=True)
    wants_photo = models.BooleanField(_("a photo"), default=False)
    entries_per_member = models.PositiveSmallIntegerField(_("entries of each"), default=1)
    votes_per_member = models.PositiveSmallIntegerField(_("votes of each"), default=1)
    audience = models.JSONField(_("for whom"), default=list, blank=True)
    # [{"points": 100, "reward": ""}, …] for the first, the second … place.
    prizes = models.JSONField(_("prizes"), default=list)
    cancel_reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("contest")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(entries_until__gt=models.F("opens_at"))
                & models.Q(votes_until__gte=models.F("entries_until")),
                name="contest_times",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "votes_until"], name="contest_open")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language, or in the one there is."""
        return _in_language(self.title_vi, self.title_en)

    @property
    def rules(self) -> str:
        """In the reader's language, or in the one there is."""
        return _in_language(self.rules_vi, self.rules_en)

    def prize(self, rank: int) -> Prize:
        """What a place is worth; the first is 1."""
        return Prize(**self.prizes[rank - 1])


class Entry(TenantModel):
    """What one member entered. Shown once staff has looked at it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waits to be looked at")
        SHOWN = "shown", _("Shown")
        REJECTED = "rejected", _("Not accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = PublicIdField(prefix="ent")
    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="entries")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="contest_entries"
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    text = models.TextField(_("words"), blank=True)
    votes = models.PositiveIntegerField(_("votes"), default=0)
    # 1 is the first place; null is none.
    rank = models.PositiveSmallIntegerField(_("place"), null=True)
    entered_at = models.DateTimeField(_("entered"))
    judged_at = models.DateTimeField(null=True)
    judged_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    # What the engine recorded for it.
    activity = models.CharField(max_length=40, blank=True)
    award = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contest", "rank"],
                condition=models.Q(rank__isnull=False),
                name="entry_one_per_place",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["contest", "state", "-votes"], name="entry_best"),
            models.Index(fields=["member", "-id"], name="entry_of_member"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Vote(TenantModel):
    """One member's vote for one entry."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="ballots")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="contest_votes"
    )
    voted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "member"], name="vote_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


def _in_language(vietnamese: str, english: str) -> str:
    is_english = (get_language() or "vi").startswith("en")
    first, second = (english, vietnamese) if is_english else (vietnamese, english)
    return first or second
