"""What moderation knows of a person: whom they blocked, what they reported, photos of theirs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.moderation.models import Block, Photo, Report
from members.moderation.services import forget_of
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "blocked_members": _("Blocked members"),
    "reports": _("Reports"),
    "photos": _("Photos"),
    "member": _("Member"),
    "since": _("Since"),
    "about": _("About"),
    "reason": _("Reason"),
    "note": _("Note"),
    "of": _("Stands beside"),
    "sent_at": _("Sent at"),
}


def export(member: Member) -> dict[str, Any]:
    """For the member's own copy; those they blocked by id alone."""
    blocks = Block.objects.filter(member=member).select_related("other").order_by("pk")
    reports = Report.objects.filter(member=member).order_by("pk")
    photos = Photo.objects.filter(member=member).exclude(state=Photo.State.REMOVED)
    return {
        "blocked_members": [
            {"member": row.other.public_id, "since": row.since.isoformat()} for row in blocks
        ],
        "reports": [
            {"about": row.subject, "reason": row.reason, "note": row.note} for row in reports
        ],
        "photos": [
            {"id": row.public_id, "of": row.subject, "sent_at": row.sent_at.isoformat()}
            for row in photos.order_by("pk")
        ],
    }


def erase(member: Member) -> None:
    """Blocks and notes go. Photos go with what they stood beside: its app decides."""
    forget_of(member)
