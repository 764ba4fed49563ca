"""Why money went back, where no person wrote it: kept in a few English words, read in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_WORDS = {
    "bill refunded": _("Given back at the bill"),
    "cancelled": _("Cancelled"),
    "membership": _("The membership does not go on"),
    "membership cancelled": _("The membership was cancelled"),
    "not available": _("Not everything could be had"),
    "order cancelled": _("The delivery was cancelled"),
    "subscription": _("The subscription does not go on"),
    "subscription cancelled": _("The subscription was ended early"),
    "subscription over": _("The subscription is over"),
}


def reason_text(reason: str) -> str:
    """A reason as it is read; what a person wrote stays as it is."""
    return str(_WORDS.get(reason, reason))
