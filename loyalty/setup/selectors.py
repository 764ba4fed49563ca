"""Reads of the set-up pages. All in the programme in scope."""

from __future__ import annotations

from functools import cache

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import COMMANDS
from loyalty.commands.models import Command
from loyalty.common.errors import NotFound
from loyalty.engine.models import Activity
from loyalty.tenancy.models import Location, Merchant, Staff
from loyalty.tenancy.roles import OWNER
from loyalty.web.discovery import modules_named


def has_sales() -> bool:
    """Has anything been sold? Then the currency is fixed."""
    return Activity.objects.filter(type="purchase").exists()


def team(*, merchant_id: int | None) -> list[Staff]:
    """Everyone with a role at a merchant (or anywhere): owners first, those let go last."""
    rows = _staff_of(merchant_id)
    return sorted(rows, key=lambda row: (not row.is_active, row.role != OWNER, str(row.user)))


def merchants() -> list[Merchant]:
    """The businesses of the programme, as they came in."""
    return list(Merchant.objects.filter(is_active=True).order_by("pk"))


def staff_of_id(public_id: str, *, merchant_id: int | None) -> Staff:
    """A role by its public id, at a merchant or anywhere. Raises ``NotFound``."""
    found: Staff | None = _staff_of(merchant_id).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("staff_not_found", _("Nobody here by this id."), field="staff")
    return found


def _staff_of(merchant_id: int | None) -> QuerySet[Staff]:
    rows: QuerySet[Staff] = Staff.objects.select_related("user", "location", "merchant")
    return rows if merchant_id is None else rows.filter(merchant=merchant_id)


def locations(*, merchant_id: int) -> list[Location]:
    """A merchant's places, open ones first."""
    rows = Location.objects.filter(merchant=merchant_id)
    return list(rows.order_by("-is_active", "name"))


def location_of_id(public_id: str, *, merchant_id: int) -> Location:
    """A place by its public id. Raises ``NotFound``."""
    found: Location | None = Location.objects.filter(
        public_id=public_id, merchant=merchant_id
    ).first()
    if found is None:
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    return found


def audit_trail(*, text: str = "", actor: str = "", kind: str = "") -> QuerySet[Command]:
    """What was done, filtered by subject or what the command is called, by who did it."""
    rows: QuerySet[Command] = Command.objects.defer("result", "fingerprint", "key")
    plain = text.replace("\0", "").strip()
    if plain:
        _import_commands()
        called = [name for name in COMMANDS if plain.casefold() in command_label(name).casefold()]
        rows = rows.filter(
            Q(subject=plain)
            | Q(name__icontains=plain)
            | Q(name__in=called)
            | Q(actor_label__icontains=plain)
        )
    if actor:
        rows = rows.filter(actor_id=actor)
    if kind:
        rows = rows.filter(actor_kind=kind)
    return rows


def command_label(name: str) -> str:
    """What a command is called in the active language; of one that is no more, its code."""
    _import_commands()
    known = COMMANDS.get(name)
    return str(known.label) if known and known.label else name


@cache
def _import_commands() -> None:
    """Import every module that may hold commands or call them."""
    for role in ("services", "tasks", "subscribers", "api", "dashboard", "portal", "till"):
        modules_named(role)


def command_of_id(public_id: str) -> Command:
    """One line of the audit trail. Raises ``NotFound``."""
    found: Command | None = Command.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("command_not_found", _("There is no such line."), field="command")
    return found
