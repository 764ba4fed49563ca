"""What is kept of letters about something a member has: that each left once, and nothing of its words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from members.messaging.results import LetterNoted
from members.messaging.services.club import living_or_not_found
from members.profiles.selectors import member_to_lock


@command(
    "letters.note",
    label=_("Letter sent"),
    permission="messaging:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def note_letter(ctx: Context, *, member: str, about: str) -> LetterNoted:
    """Note in the audit trail that a letter left; its key is what keeps a second one back.

    Args:
        about: the type of the event it told of.

    Raises ``NotFound`` where nobody is left.
    """
    row = living_or_not_found(member)
    ctx.about(row.public_id, about=about)
    return LetterNoted(member=row.public_id, about=about)
