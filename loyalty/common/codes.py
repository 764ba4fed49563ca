"""Codes that rules, the API and links call a thing by."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

CODE = RegexValidator(
    r"^[a-z0-9][a-z0-9-]*\Z",
    _("Use small letters without accents, digits and hyphens, such as “regulars”."),
)
