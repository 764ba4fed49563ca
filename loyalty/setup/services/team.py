"""Who works here: invited by e-mail, given a role, and let go. A programme is never without owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.outbox.services import publish
from loyalty.setup.services.programmes import Changed
from loyalty.tenancy.models import Location, Merchant, Staff, User
from loyalty.tenancy.roles import OWNER, ROLES
from loyalty.tenancy.services import reach_to_give
from members.profiles.rules.names import clean_name


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Who was invited, and whether their log-in was made just now."""

    id: str
    is_new: bool


def _known(call: Call, error: IntegrityError, **_kwargs: Any) -> NoReturn:
    raise Conflict("already_staff", _("This person works here already."), field="email") from error


def _staff_to_lock(*, staff: str, **_rest: object) -> Lock:
    return Lock(rows=Staff.objects.select_related("user").filter(public_id=staff))


@command(
    "setup.invite_staff", label=_("Colleague invited"), permission="staff:write", recover=_known
)
def invite_staff(
    ctx: Context,
    *,
    email: str,
    role: str,
    name: str = "",
    location: str = "",
    merchant: str = "",
    for_all_merchants: bool = False,
) -> Invitation:
    """Give someone a role; they hear of it by e-mail and enter with a one-time code.

    In a coalition they work for the actor's merchant or the one given, and see its business alone
    unless ``for_all_merchants``. Raises ``Invalid`` (e-mail, role), ``NotFound`` (location,
    merchant), ``Forbidden`` and ``Conflict``.
    """
    address = _address(email)
    _check_role(role)
    reach = reach_to_give(ctx, wanted=for_all_merchants)
    employer = _merchant(ctx, merchant)
    user = User.objects.filter(email=address).first()
    is_new = user is None
    if user is None:
        user = User.objects.create_user(
            address, None, name=clean_name(name), language=ctx.programme.language
        )
    row = Staff(
        programme=ctx.programme,
        user=user,
        merchant=employer,
        location=_location(employer.pk, location),
        role=role,
        for_all_merchants=reach,
    )
    row.save(force_insert=True)
    publish(
        ctx,
        "staff.invited",
        subject=row.public_id,
        data={"staff": row.public_id, "role": role, "is_new": is_new},
    )
    ctx.about(row.public_id, role=role)
    return Invitation(id=row.public_id, is_new=is_new)


@command(
    "setup.change_role", label=_("Role changed"), permission="staff:write", lock=_staff_to_lock
)
def change_role(ctx: Context, *, staff: str, role: str, location: str = "") -> Changed:
    """Another role, another place. Raises ``NotFound``, ``Invalid``, ``Refused`` (last owner)."""
    row = _own(ctx)
    _check_role(role)
    if row.role == OWNER and role != OWNER:
        _check_other_owner(row)
    before = row.role
    row.role, row.location = role, _location(row.merchant_id, location)
    row.save(update_fields=["role", "location"])
    publish(ctx, "staff.changed", subject=row.public_id, data={"staff": row.public_id})
    ctx.about(row.public_id, role=role, before=before)
    return Changed(id=row.public_id)


@command(
    "setup.close_role", label=_("Access taken away"), permission="staff:write", lock=_staff_to_lock
)
def close_role(ctx: Context, *, staff: str) -> Changed:
    """Let someone go: at once they see nothing of the programme. Raises ``Refused`` (last owner)."""
    row = _own(ctx)
    if row.role == OWNER:
        _check_other_owner(row)
    return _set_active(ctx, row, is_active=False)


@command(
    "setup.open_role", label=_("Access given back"), permission="staff:write", lock=_staff_to_lock
)
def open_role(ctx: Context, *, staff: str) -> Changed:
    """Let someone in again. Raises ``NotFound``."""
    return _set_active(ctx, _own(ctx), is_active=True)


def _set_active(ctx: Context, row: Staff, *, is_active: bool) -> Changed:
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    publish(ctx, "staff.changed", subject=row.public_id, data={"staff": row.public_id})
    ctx.about(row.public_id, is_active=is_active)
    return Changed(id=row.public_id)


def _own(ctx: Context) -> Staff:
    row = ctx.the_locked(Staff, code="staff_not_found", field="staff")
    if not _is_within_reach(ctx, row):
        raise NotFound("staff_not_found", _("Nobody here by this id."), field="staff")
    return row


def _is_within_reach(ctx: Context, row: Staff) -> bool:
    """Who runs a coalition changes everybody's role; others their own merchant's people's."""
    if ctx.actor.may_give_all_merchants:
        return True
    beyond = ctx.actor.confined_to is not None and row.for_all_merchants
    return not beyond and ctx.actor.merchant_id in (None, row.merchant_id)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid("unknown_role", _("There is no such role."), field="role")


def _check_other_owner(row: Staff) -> None:
    others = Staff.objects.filter(role=OWNER, is_active=True).exclude(pk=row.pk)
    if not others.exists():
        raise Refused(
            "last_owner", _("A programme needs an owner. Name another one first."), field="role"
        )


def _merchant(ctx: Context, public_id: str) -> Merchant:
    """The actor's merchant, or for who runs a coalition the one that was named."""
    rows = Merchant.objects.all()
    if not public_id:
        return rows.get(pk=ctx.merchant_id)
    found: Merchant | None = rows.filter(public_id=public_id).first()
    if found is None or ctx.actor.confined_to not in (None, found.pk):
        raise NotFound("merchant_not_found", _("There is no such merchant."), field="merchant")
    return found


def _location(merchant_id: int, public_id: str) -> Location | None:
    if not public_id:
        return None
    rows = Location.objects.filter(public_id=public_id, merchant=merchant_id)
    found: Location | None = rows.first()
    if found is None:
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    return found


def _address(text: str) -> str:
    try:
        checked = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid("bad_email", _("This is no e-mail address."), field="email") from error
    return checked.normalized.lower()
