"""What keeps a community decent: photos, reports, blocks, the queue of what people must look at.

What members write belongs to the apps that hold it (reviews, discussions); here it is only named, by
its kind and public id.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel
from members.moderation.rules import Links, Manners


class ModerationSettings(TenantModel):
    """What holds for everything members write."""

    class LinkChoice(models.TextChoices):
        ALLOW = "allow", _("allowed")
        HOLD = "hold", _("looked at before it is shown")
        REFUSE = "refuse", _("refused")

    words = models.JSONField(_("words to be looked at"), default=list, blank=True)
    links = models.CharField(
        _("texts with links"), max_length=6, choices=LinkChoice.choices, default=LinkChoice.HOLD
    )
    per_hour = models.PositiveSmallIntegerField(
        _("texts a member may send an hour"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
    )
    hide_after = models.PositiveSmallIntegerField(
        _("hidden after so many reports"), default=3, validators=[MaxValueValidator(100)]
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme"], name="moderation_settings_once")
        ]

    def __str__(self) -> str:
        return str(_("Moderation"))

    @property
    def manners(self) -> Manners:
        """As a value."""
        return Manners(
            words=tuple(self.words),
            links=Links(str(self.links)),
            per_hour=self.per_hour,
            hide_after=self.hide_after,
        )


class Photo(TenantModel):
    """A photo beside something a member wrote, or (``member`` empty) the shop's own picture of something.

    Held back it is seen by its sender and staff only.
    """

    class State(models.TextChoices):
        SHOWN = "shown", _("Shown")
        HELD = "held", _("Held back")
        REMOVED = "removed", _("Removed")

    public_id = PublicIdField(prefix="pho")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+", null=True
    )
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.HELD)
    sent_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "subject", "position"], name="photo_of_subject"),
            models.Index(fields=["file"], name="photo_file"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Block(TenantModel):
    """One member does not want to read another."""

    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.CASCADE, related_name="blocks"
    )
    other = models.ForeignKey(
        "members_profiles.Member", on_delete=models.CASCADE, related_name="blocked_by"
    )
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "other"], name="block_once"),
            models.CheckConstraint(
                condition=~models.Q(member=models.F("other")), name="block_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.other_id}"


class Case(TenantModel):
    """Something staff must look at: held back before it was shown, or reported. One open for a thing."""

    class Why(models.TextChoices):
        NEW = "new", _("New: looked at before it is shown")
        WORDS = "words", _("Holds a word of the list")
        LINKS = "links", _("Holds a link")
        REPORTED = "reported", _("Reported by members")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Shown")
        REMOVED = "removed", _("Removed")
        GONE = "gone", _("Taken away by its author")

    public_id = PublicIdField(prefix="cas")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    author = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=8, choices=Why.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    reports = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "kind", "subject"],
                condition=models.Q(state="open"),
                name="case_open_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "-id"], name="case_newest"),
            models.Index(fields=["programme", "kind", "subject"], name="case_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Report(TenantModel):
    """A member says that something is not right; once each."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Advertising or spam")
        RUDE = "rude", _("Insulting or hateful")
        FALSE = "false", _("Not true")
        PRIVATE = "private", _("Shows somebody's private things")
        OTHER = "other", _("Something else")

    public_id = PublicIdField(prefix="rpt")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="told")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    reason = models.CharField(max_length=7, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "kind", "subject"], name="report_once")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.subject}"


class Pace(TenantModel):
    """How much a member wrote within the hour that began at an instant."""

    member = models.OneToOneField(
        "members_profiles.Member", on_delete=models.CASCADE, related_name="+"
    )
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.count}"
