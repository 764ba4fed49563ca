"""What the engine knows of a person beside what they did: the name they show to others."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.services import forget_answers
from loyalty.engine.models import MemberStatus
from loyalty.engine.shown import SHOWN
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "shown_name": _("Shown name"),
}


def export(member: Member) -> dict[str, Any]:
    """The name, for the member's own copy."""
    row = MemberStatus.objects.filter(member=member, name=SHOWN).first()
    return {"shown_name": row.data.get("name", "") if row else ""}


def erase(member: Member) -> None:
    """The name goes."""
    MemberStatus.objects.filter(member=member, name=SHOWN).delete()
    forget_answers([member.public_id], "name")
