"""Segments, and what each of them asked for from when on.

A frozen segment's list stands beside its members as a status named after it (``list_of``): its value
is the number of the taking that last found them, so a list taken anew is in force all at once.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.segments.rules import list_name
from loyalty.common.clock import now
from loyalty.common.codes import CODE
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class Segment(TenantModel):
    """A named audience. Its code is for ever: rules ask for it by that."""

    class Kind(models.TextChoices):
        LIVE = "live", _("Live: whoever fits at the moment")
        FROZEN = "frozen", _("Frozen: a list taken on a day")

    class State(models.TextChoices):
        ACTIVE = "active", _("In use")
        ARCHIVED = "archived", _("Put away")

    public_id = PublicIdField(prefix="seg")
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    # What members read of it; a name such as "about to leave us" is not for their eyes.
    told_vi = models.CharField(_("what members read, in Vietnamese"), max_length=120, blank=True)
    told_en = models.CharField(_("what members read, in English"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.LIVE)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    conditions = models.JSONField(_("who is in it"), default=list)
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    # How many members it had when it was last counted; of a list, when that was taken.
    counted_at = models.DateTimeField(null=True)
    counted_members = models.PositiveIntegerField(null=True)
    # Which taking of the list is in force; 0 is none yet.
    taking = models.PositiveIntegerField(default=0)
    # A taking under way: behind which member (key) it goes on, how many of how many it looked at.
    after = models.BigIntegerField(null=True)
    looked_at = models.PositiveIntegerField(default=0)
    to_look_at = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="segment_code_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=models.Q(after__isnull=False), name="segment_under_way"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def list_of(self) -> str:
        """The name of the status that says who is on its list."""
        return list_name(self.public_id)

    @property
    def told(self) -> str:
        """What members read of it, in their language; empty where it is not for their eyes."""
        if (get_language() or "vi").startswith("vi"):
            return self.told_vi or self.told_en
        return self.told_en or self.told_vi


class SegmentVersion(TenantModel):
    """What a segment asked for from an instant on; the first one speaks for all time before too."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    conditions = models.JSONField(default=list)
    since = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number}"
