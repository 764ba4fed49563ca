"""Forms of the account library where its own wording is not translatable."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class SecurityKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Adding a security key; the library leaves the name of its field to the English attribute."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
