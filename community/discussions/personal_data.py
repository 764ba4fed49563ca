"""What discussions know of a person: what they wrote, voted for, and the groups they are in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from community.discussions.models import Membership, Reply, Topic, Vote
from community.discussions.services import forget_author
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "topics": _("Topics"),
    "replies": _("Replies"),
    "ideas_voted_for": _("Ideas voted for"),
    "groups": _("Groups"),
    "title": _("Title"),
    "topic": _("Topic"),
    "group": _("Group"),
    "standing": _("Standing in the group"),
    "since": _("Since"),
    "written_at": _("Written at"),
}
WORDS = {"kind": Topic.Kind.choices, "standing": Membership.State.choices}


def export(member: Member) -> dict[str, Any]:
    """For the member's own copy."""
    topics = Topic.objects.filter(member=member).order_by("pk")
    replies = Reply.objects.filter(member=member).select_related("topic").order_by("pk")
    votes = Vote.objects.filter(member=member).order_by("pk")
    rooms = Membership.objects.filter(member=member).select_related("group").order_by("pk")
    return {
        "topics": [
            {
                "id": row.public_id,
                "kind": str(row.kind),
                "title": row.title,
                "text": row.text,
                "state": str(row.state),
                "written_at": row.written_at.isoformat(),
            }
            for row in topics
        ],
        "replies": [
            {
                "id": row.public_id,
                "topic": row.topic.public_id,
                "text": row.text,
                "state": str(row.state),
                "written_at": row.written_at.isoformat(),
            }
            for row in replies
        ],
        "ideas_voted_for": list(votes.values_list("topic__public_id", flat=True)),
        "groups": [
            {"group": row.group.name, "standing": str(row.state), "since": row.since.isoformat()}
            for row in rooms
        ],
    }


def shown(section: str, rows: Any) -> Any:
    """Topics by their titles, for the page."""
    wanted = [row["topic"] for row in rows] if section == "replies" else rows
    if section not in ("replies", "ideas_voted_for"):
        return rows
    titles = dict(Topic.objects.filter(public_id__in=wanted).values_list("public_id", "title"))
    if section == "replies":
        return [{**row, "topic": titles.get(row["topic"], row["topic"])} for row in rows]
    return [titles.get(one, one) for one in rows]


def erase(member: Member) -> None:
    """Texts stay without a name, or go: as the programme chose. Groups are left."""
    forget_author(member)
