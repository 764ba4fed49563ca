"""The words and colours of states, one table for every face.

A state shown to people is looked up here, so that "paused" has one colour and one translation
everywhere. Tones: good, busy, warn, bad, calm, brand.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

_STATES: dict[str, tuple[str, Promise]] = {
    "draft": ("calm", _("Draft")),
    "pilot": ("busy", _("Pilot")),
    "live": ("good", _("Live")),
    "paused": ("warn", _("Paused")),
    "ended": ("calm", _("Ended")),
    "active": ("good", _("Active")),
    "inactive": ("calm", _("Inactive")),
    "invited": ("busy", _("Invited")),
    "held": ("warn", _("On hold")),
    "blocked": ("bad", _("Blocked")),
    "erased": ("calm", _("Erased")),
    "merged": ("calm", _("Merged")),
    "pending": ("busy", _("Pending")),
    "open": ("busy", _("Open")),
    "paid": ("good", _("Paid")),
    "cancelled": ("calm", _("Cancelled")),
    "available": ("good", _("Available")),
    "reserved": ("busy", _("Reserved")),
    "captured": ("good", _("Captured")),
    "released": ("calm", _("Released")),
    "issued": ("brand", _("Ready to use")),
    "ready": ("brand", _("Ready to use")),
    "used": ("calm", _("Used")),
    "void": ("bad", _("Void")),
    "expired": ("calm", _("Expired")),
    "expiring": ("warn", _("Expiring soon")),
    "completed": ("good", _("Completed")),
    "refunded": ("warn", _("Refunded")),
    "partly_refunded": ("warn", _("Partly refunded")),
    "reversed": ("warn", _("Reversed")),
    "approved": ("good", _("Approved")),
    "awaiting_approval": ("warn", _("Awaiting approval")),
    "rejected": ("bad", _("Rejected")),
    "granted": ("good", _("Granted")),
    "withdrawn": ("calm", _("Withdrawn")),
    "revoked": ("bad", _("Revoked")),
    "delivered": ("good", _("Delivered")),
    "retrying": ("warn", _("Retrying")),
    "failed": ("bad", _("Failed")),
    "running": ("busy", _("Running")),
    "queued": ("calm", _("Queued")),
    "imported": ("good", _("Imported")),
    "duplicate": ("calm", _("Duplicate")),
    "refused": ("bad", _("Refused")),
    "test": ("warn", _("Test")),
    "upcoming": ("brand", _("Upcoming")),
    "locked": ("warn", _("Locked")),
    "packed": ("busy", _("Packed")),
    "skipped": ("calm", _("Skipped")),
    "waiting": ("warn", _("Waiting")),
    "going": ("good", _("Coming")),
    "offered": ("brand", _("Offered")),
    "declined": ("calm", _("Declined")),
    "lapsed": ("calm", _("Lapsed")),
    "published": ("good", _("Public")),
    "shown": ("good", _("Shown")),
    "decided": ("brand", _("Decided")),
}


def tone_of(state: str) -> str:
    """The tone of a state; calm for one not listed."""
    return _STATES[state][0] if state in _STATES else "calm"


def label_of(state: str) -> str:
    """The translated word for a state; a readable form of the code when not listed."""
    return str(_STATES[state][1]) if state in _STATES else capfirst(state.replace("_", " "))


ALL = tuple(_STATES)
