"""Counters of partners: invited by a one-time code, bound to one device, opened by a PIN.

The device keeps a token, the person knows the PIN: a lost phone opens nothing, a told PIN neither.
Nothing of a member is reachable from a counter. Five wrong PINs lock it until it is invited anew.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Desk, Partner
from campaigns.partners.rules.codes import digest, new_code, new_token, plain_code, shown_code
from campaigns.partners.selectors.partners import desk_of_invitation
from campaigns.partners.services.partners import partner_to_lock
from campaigns.partners.services.presenting import desk_view
from campaigns.partners.services.results import DeskView, DeviceView
from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.outbox.services import publish

INVITED_DAYS = 7
MOST_MISSES = 5
MAX_DESKS = 200
_PERMISSIONS = frozenset({"desk:redeem"})


def desk_actor(desk: Desk) -> Actor:
    """The actor of a counter: it redeems its partner's codes, and nothing else."""
    return Actor(
        programme=desk.programme,
        kind="desk",
        id=desk.public_id,
        label=f"{desk.partner.name} – {desk.name}",
        permissions=_PERMISSIONS,
    )


def _desk_to_lock(desk: str) -> Lock:
    return Lock(rows=Desk.objects.filter(public_id=desk))


@command(
    "partners.invite_desk",
    label=_("Partner's counter invited"),
    permission="partners:write",
    lock=lambda *, partner, **_rest: partner_to_lock(partner),
)
def invite_desk(ctx: Context, *, partner: str, name: str, email: str = "") -> DeskView:
    """Make a counter and its invitation: a one-time code, good for a week. It is told once.

    Raises ``NotFound``, ``Invalid`` (name), ``Refused`` (``partner_resting``, ``too_many``).
    """
    row = ctx.the_locked(Partner, code="partner_not_found", field="partner")
    if not row.is_active:
        raise Refused("partner_resting", _("This partner takes no part now."), field="partner")
    text = name.strip()
    if not 1 <= len(text) <= 60 or not text.isprintable():
        raise Invalid("required", _("Give it a name."), field="name")
    if Desk.objects.filter(partner=row).exclude(state=Desk.State.REVOKED).count() >= MAX_DESKS:
        raise Refused("too_many", _("At most %(n)s counters.") % {"n": MAX_DESKS}, field="name")
    code = new_code()
    desk: Desk = Desk.objects.create(
        programme=ctx.programme,
        partner=row,
        name=text,
        email=email.strip()[:254],
        state=Desk.State.INVITED,
        invitation=digest(code),
        invited_until=ctx.now + timedelta(days=INVITED_DAYS),
        created_at=ctx.now,
    )
    ctx.about(desk.public_id, partner=row.public_id, name=text)
    return desk_view(desk, invitation=shown_code(code))


@command(
    "partners.invite_again",
    label=_("Partner's counter invited again"),
    permission="partners:write",
    lock=lambda *, desk: _desk_to_lock(desk),
)
def invite_again(ctx: Context, *, desk: str) -> DeskView:
    """A fresh invitation for a counter: its old device and PIN open nothing any more.

    Raises ``NotFound``.
    """
    ctx.the_locked(Desk, code="desk_not_found", field="desk")
    row = Desk.objects.select_related("partner").get(public_id=desk)
    code = new_code()
    row.state, row.invitation = Desk.State.INVITED, digest(code)
    row.invited_until = ctx.now + timedelta(days=INVITED_DAYS)
    row.token, row.pin, row.misses, row.epoch = "", "", 0, row.epoch + 1
    row.save()
    ctx.about(row.public_id)
    return desk_view(row, invitation=shown_code(code))


@command(
    "partners.revoke_desk",
    label=_("Partner's counter revoked"),
    permission="partners:write",
    lock=lambda *, desk: _desk_to_lock(desk),
)
def revoke_desk(ctx: Context, *, desk: str) -> DeskView:
    """Shut a counter out at once. Raises ``NotFound``."""
    ctx.the_locked(Desk, code="desk_not_found", field="desk")
    row = Desk.objects.select_related("partner").get(public_id=desk)
    row.state, row.token, row.invitation = Desk.State.REVOKED, "", ""
    row.epoch += 1
    row.save()
    publish(ctx, "partner.desk_revoked", subject=row.public_id, data={"desk": row.public_id})
    ctx.about(row.public_id)
    return desk_view(row)


def take_invitation(call: Call, *, code: str, pin: str) -> DeviceView:
    """Take an invitation on this device, and choose its PIN. See :func:`join_desk`."""
    _check_pin(pin)
    return join_desk(call, code=code, pin=_keyed(pin))


def open_desk(call: Call, *, desk: str, pin: str) -> bool:
    """Is this the PIN? See :func:`unlock_desk`."""
    return unlock_desk(call, desk=desk, pin=_keyed(pin))


def _keyed(pin: str) -> str:
    """The PIN as commands see it: what they keep of their arguments tells nobody four digits."""
    return salted_hmac("partners.desk.pin", pin, algorithm="sha256").hexdigest()


def _invited_to_lock(code: str) -> Lock:
    return Lock(
        rows=Desk.objects.filter(invitation=digest(plain_code(code[:40])), state=Desk.State.INVITED)
    )


@command(
    "partners.join_desk",
    label=_("Partner's counter set up"),
    permission="desk:join",
    lock=lambda *, code, **_rest: _invited_to_lock(code),
)
def join_desk(ctx: Context, *, code: str, pin: str) -> DeviceView:
    """Take an invitation on this device, and choose its PIN. The code works once.

    Raises ``NotFound`` (``invitation_unknown``: used, revoked or over).
    """
    row = desk_of_invitation(code, at=ctx.now) if ctx.locked else None
    if row is None:
        raise NotFound(
            "invitation_unknown",
            _("This invitation is not known, or its time is over. Ask the shop for a new one."),
            field="code",
        )
    token = new_token()
    row.state, row.invitation, row.token = Desk.State.ACTIVE, "", digest(token)
    row.pin, row.misses, row.epoch = make_password(pin), 0, row.epoch + 1
    row.last_used_at = ctx.now
    row.save()
    ctx.about(row.public_id, partner=row.partner.public_id)
    return DeviceView(desk=row.public_id, partner=row.partner.public_id, token=token)


@command(
    "partners.unlock_desk",
    label=_("Partner's counter opened"),
    permission="desk:redeem",
    lock=lambda *, desk, **_rest: _desk_to_lock(desk),
)
def unlock_desk(ctx: Context, *, desk: str, pin: str) -> bool:
    """Is this the PIN? Answers; a wrong one is counted, and the fifth in a row locks the counter.

    Raises ``NotFound``, ``Refused`` (``desk_locked``).
    """
    row = ctx.the_locked(Desk, code="desk_not_found", field="desk")
    if row.misses >= MOST_MISSES:
        raise Refused(
            "desk_locked",
            _("Too many wrong PINs. Ask the shop to invite this counter again."),
            field="pin",
        )
    fits = bool(row.pin) and check_password(pin, row.pin)
    row.misses = 0 if fits else row.misses + 1
    if fits:
        row.last_used_at = ctx.now
    row.save(update_fields=["misses", "last_used_at"])
    ctx.about(row.public_id, opened=fits)
    return fits


def _check_pin(pin: str) -> None:
    fits = pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8
    if not fits or len(set(pin)) == 1 or pin in "0123456789876543210":
        raise Invalid(
            "weak_pin",
            _("Choose 4 to 8 digits that are not all alike and not in a row."),
            field="pin",
        )
