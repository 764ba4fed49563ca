"""What the e-mail club knows of a person. The consents themselves are exported with the profile."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.messaging.models import Delivery, Subscription
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "email_club": _("E-mail club"),
    "newsletters": _("Newsletters"),
    "address": _("Address"),
    "topics": _("Topics"),
    "confirmed_at": _("Confirmed at"),
    "left_at": _("Left at"),
    "subject": _("Subject"),
    "sent_at": _("Sent at"),
}


def export(member: Member) -> dict[str, Any]:
    """Where they stand with the club, and which letters they were sent."""
    rows = Subscription.objects.filter(member=member)
    sent = Delivery.objects.select_related("newsletter").filter(member=member).order_by("id")
    return {
        "email_club": [
            {
                "state": str(row.state),
                "address": row.address,
                "topics": row.topics,
                "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
                "left_at": row.left_at.isoformat() if row.left_at else None,
            }
            for row in rows
        ],
        "newsletters": [
            {
                "subject": one.newsletter.subject(member.language),
                "state": str(one.state),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
            }
            for one in sent
        ],
    }


def erase(member: Member) -> None:
    """The address goes; that letters were sent stays as a count, the consents as hashes."""
    rows = Subscription.objects.filter(member=member)
    rows.update(address="", topics=[], state=Subscription.State.LEFT)
