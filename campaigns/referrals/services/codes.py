"""The code a member invites with: given once, for good; and by what a device is known again."""

from __future__ import annotations

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import ReferralCode
from campaigns.referrals.results import CodeView
from campaigns.referrals.rules.codes import new_code, shown_code
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

_DEVICES = 10


def hashed_device(device: str) -> str:
    """What is kept of a device's own mark: never the mark itself. Empty where there is none."""
    if not device:
        return ""
    return salted_hmac("campaigns.referrals.device", device, algorithm="sha256").hexdigest()


@command(
    "referrals.give_code",
    label=_("Referral code given"),
    permission=("referrals:write", "self:referrals"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_code(ctx: Context, *, member: str, device: str = "") -> CodeView:
    """The code of a member, made where they have none; the device they look at it on is noted.

    Args:
        device: a mark of the device (a random cookie), kept as a keyed hash.

    Raises ``NotFound`` and ``Refused`` (``member_not_active``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    code, digest = selectors.code_of(row), hashed_device(device)
    if code is None:
        code = ReferralCode(programme=ctx.programme, member=row, code=_unused(), created_at=ctx.now)
    if digest and digest not in code.devices:
        code.devices = [*code.devices, digest][-_DEVICES:]
    code.save()
    ctx.about(row.public_id, code=code.code)
    return CodeView(member=row.public_id, code=shown_code(code.code))


def _unused() -> str:
    while True:
        code = new_code()
        if not ReferralCode.objects.filter(code=code).exists():
            return code
