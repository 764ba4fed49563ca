"""The e-mail club: who asked, confirmed and left; newsletters, and one row for each letter of them.

What was agreed to, and when, stands in the consents of ``members.profiles`` (append-only). These rows
say where somebody stands now, and that no letter is sent twice.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel
from members.profiles.models import Member


class Subscription(TenantModel):
    """A member of the e-mail club, by the address they confirmed."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked to confirm")
        CONFIRMED = "confirmed", _("in the club")
        LEFT = "left", _("left")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ASKED)
    address = models.CharField(_("e-mail"), max_length=254)
    topics = models.JSONField(_("topics"), default=list)
    asked_at = models.DateTimeField(_("asked"))
    letter_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    # A letter came back, or was called spam: nothing more is sent to this address.
    stopped_at = models.DateTimeField(null=True)
    stopped_why = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = _("e-mail club")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "member"], name="club_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state"], name="club_state"),
            models.Index(fields=["programme", "address"], name="club_address"),
        ]

    def __str__(self) -> str:
        return str(self.state)


class Newsletter(TenantModel):
    """A letter to many. A draft is edited; what is sent stays as it was."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENDING = "sending", _("On its way")
        SENT = "sent", _("Sent")
        STOPPED = "stopped", _("Stopped")

    public_id = PublicIdField(prefix="nws")
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.DRAFT)
    topic = models.CharField(_("about"), max_length=10, default="news")
    subject_vi = models.CharField(_("subject in Vietnamese"), max_length=150)
    subject_en = models.CharField(_("subject in English"), max_length=150, blank=True)
    body_vi = models.TextField(_("text in Vietnamese"))
    body_en = models.TextField(_("text in English"), blank=True)
    audience = models.JSONField(_("for whom"), default=list, blank=True)
    written_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("newsletter")

    def __str__(self) -> str:
        return self.subject(get_language() or "vi")

    def subject(self, language: str) -> str:
        """The subject in a language, in the other one where there is none."""
        if language.startswith("vi"):
            return self.subject_vi
        return self.subject_en or self.subject_vi

    def body(self, language: str) -> str:
        """The text in a language, in the other one where there is none."""
        return self.body_vi if language.startswith("vi") else self.body_en or self.body_vi


class Delivery(TenantModel):
    """One letter to one member. It leaves ``waiting`` once, before it is sent, and never comes back."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        SENDING = "sending", pgettext_lazy("letter", "handed over")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", pgettext_lazy("letter", "left out")

    public_id = PublicIdField(prefix="dlv")
    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, related_name="deliveries")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    why = models.CharField(max_length=60, blank=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("letter")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["newsletter", "member"], name="delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["newsletter", "state", "id"], name="delivery_state"),
            models.Index(fields=["member", "sent_at"], name="delivery_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.newsletter_id} {self.state}"
