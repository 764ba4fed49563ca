"""What referrals keep of a person: their code, whom they brought and by whom they came."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import Referral, ReferralCode
from campaigns.referrals.rules.codes import shown_code
from loyalty.common.clock import now
from members.profiles.models import Member

_UNDECIDED = (Referral.State.JOINED, Referral.State.BOUGHT, Referral.State.HELD)
# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "referrals": _("Referrals"),
    "code": _("Code"),
    "came_by_a_friend_on": _("Came by a friend on"),
    "invited": _("Invited"),
    "joined_on": _("Joined on"),
}
WORDS = {"state": Referral.State.choices}


def export(member: Member) -> dict[str, Any]:
    """Their own side of it; who the others are is theirs to tell."""
    code, mine = selectors.code_of(member), selectors.referral_of(member)
    return {
        "referrals": {
            "code": shown_code(code.code) if code else "",
            "came_by_a_friend_on": mine.joined_at.date().isoformat() if mine else "",
            "invited": [
                {"joined_on": row.joined_at.date().isoformat(), "state": str(row.state)}
                for row in selectors.made_by(member)
            ],
        }
    }


def erase(member: Member) -> None:
    """The code and the marks of devices go. What waits for the person's purchase ends."""
    ReferralCode.objects.filter(member=member).delete()
    mine = Referral.objects.filter(friend=member)
    mine.update(device="")
    ended = {"state": Referral.State.WITHDRAWN, "why": Referral.Why.ERASED}
    mine.filter(state__in=_UNDECIDED).update(**ended, due_at=None, ended_at=now())
