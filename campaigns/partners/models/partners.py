"""Partners, their counters and their API keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import TenantModel


class Partner(TenantModel):
    """Another business that gives something to our members, or pays for what they do there."""

    public_id = PublicIdField(prefix="prt")
    code = models.SlugField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    about_vi = models.TextField(_("about it, in Vietnamese"), blank=True, max_length=1_000)
    about_en = models.TextField(_("about it, in English"), blank=True, max_length=1_000)
    website = models.URLField(_("website"), blank=True)
    contact_email = models.EmailField(_("e-mail for statements"), blank=True)
    # How long a desk may take back what it redeemed.
    void_minutes = models.PositiveSmallIntegerField(_("minutes to take back"), default=30)
    is_active = models.BooleanField(_("active"), default=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("partner")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="partner_code_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> str:
        """What it is, in the active language, or in the one there is."""
        return in_language(self.about_vi, self.about_en)


class Desk(TenantModel):
    """A counter of a partner: one device, bound by an invitation, opened by its PIN."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        ACTIVE = "active", _("Active")
        REVOKED = "revoked", _("Revoked")

    public_id = PublicIdField(prefix="dsk")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="desks")
    name = models.CharField(_("name of the counter"), max_length=60)
    state = models.CharField(_("state"), max_length=7, choices=State.choices)
    email = models.EmailField(_("invited by e-mail"), blank=True)
    # Only digests are kept: of the invitation until it is taken, of the device's token after it.
    invitation = models.CharField(max_length=64, blank=True, editable=False)
    invited_until = models.DateTimeField(editable=False)
    token = models.CharField(max_length=64, blank=True, editable=False)
    pin = models.CharField(max_length=200, blank=True, editable=False)
    misses = models.PositiveSmallIntegerField(default=0, editable=False)
    # Grows when the PIN changes or the desk is revoked: what was unlocked before is locked again.
    epoch = models.PositiveIntegerField(default=1, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "token"], name="desk_token"),
            models.Index(fields=["programme", "invitation"], name="desk_invitation"),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerKey(TenantModel):
    """An API key that is a partner's own: it reaches that partner's codes and nothing else."""

    api_key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")

    def __str__(self) -> str:
        return str(self.api_key)


def in_language(vietnamese: str, english: str) -> str:
    """The one in the active language, or the one there is."""
    first, second = vietnamese, english
    if (get_language() or "vi").startswith("en"):
        first, second = english, vietnamese
    return first or second
