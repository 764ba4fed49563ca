"""What a programme knows of its members beside their profile: declared once, asked for by rules.

A member's values are one status, ``attributes``: code and value, set by an integrator or by staff.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class Attribute(TenantModel):
    """One thing that may be known of a member, such as how many lines they pay for."""

    class Kind(models.TextChoices):
        NUMBER = "number", _("a whole number")
        TEXT = "text", _("a text")
        FLAG = "flag", _("yes or no")

    examples: ClassVar[dict[str, Any]] = {"options": ["basic", "family"]}

    public_id = PublicIdField(prefix="atr")
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    # The texts it can be; none: any text.
    options = models.JSONField(_("possible texts"), default=list, blank=True)
    is_told = models.BooleanField(_("members may read rules about it"), default=False)
    is_retired = models.BooleanField(_("put away: nobody sets it any more"), default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("attribute")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="attribute_code_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language, or in the one there is."""
        first, second = self.name_vi, self.name_en
        if (get_language() or "vi").startswith("en"):
            first, second = second, first
        return first or second
