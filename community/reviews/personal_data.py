"""What reviews know of a person: what they wrote, and which reviews they found helpful."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from community.reviews.models import HelpfulVote, Review
from community.reviews.services import forget_author
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "reviews": _("Reviews"),
    "reviews_found_helpful": _("Reviews found helpful"),
    "product": _("Product"),
    "stars": _("Stars"),
    "written_at": _("Written at"),
    "reply": _("Reply"),
}


def export(member: Member) -> dict[str, Any]:
    """Every review with its reply, for the member's own copy."""
    rows = Review.objects.select_related("product").filter(member=member).order_by("pk")
    votes = HelpfulVote.objects.filter(member=member).order_by("pk")
    return {
        "reviews": [
            {
                "id": row.public_id,
                "product": row.product.name,
                "stars": row.stars,
                "text": row.text,
                "state": str(row.state),
                "written_at": row.written_at.isoformat(),
                "reply": row.reply,
            }
            for row in rows
        ],
        "reviews_found_helpful": list(votes.values_list("review__public_id", flat=True)),
    }


def erase(member: Member) -> None:
    """They stay without a name, or go: as the programme chose."""
    forget_author(member)
