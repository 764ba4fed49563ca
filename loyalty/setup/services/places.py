"""Where sales happen: locations added, renamed, closed and opened again."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.setup.services.programmes import Changed
from loyalty.tenancy.models import Location, Merchant
from members.profiles.rules.names import clean_name


@dataclass(frozen=True, kw_only=True)
class LocationInput:
    """A branch, kiosk or web shop as it is described."""

    name: str
    code: str = ""
    is_active: bool = True


@command("setup.add_location", label=_("Location added"), permission="locations:write")
def add_location(ctx: Context, *, location: LocationInput) -> Changed:
    """A new place of the actor's merchant. Raises ``Invalid``."""
    merchant = Merchant.objects.get(pk=ctx.merchant_id)
    row = _described(Location(programme=ctx.programme, merchant=merchant), location)
    row.save(force_insert=True)
    ctx.about(row.public_id, name=row.name)
    return Changed(id=row.public_id)


@command(
    "setup.change_location",
    label=_("Location changed"),
    permission="locations:write",
    lock=lambda *, target, **_rest: Lock(rows=Location.objects.filter(public_id=target)),
)
def change_location(ctx: Context, *, target: str, location: LocationInput) -> Changed:
    """Rename, close or open a place. Raises ``NotFound``, ``Invalid``, ``Refused`` (the last)."""
    row = ctx.the_locked(Location, code="location_not_found", field="location")
    if ctx.actor.merchant_id not in (None, row.merchant_id):
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    others = Location.objects.filter(merchant=row.merchant_id, is_active=True).exclude(pk=row.pk)
    if not location.is_active and not others.exists():
        raise Refused("last_location", _("This is the last open location."), field="is_active")
    _described(row, location).save()
    ctx.about(row.public_id, name=row.name, is_active=row.is_active)
    return Changed(id=row.public_id)


def _described(row: Location, location: LocationInput) -> Location:
    row.name = clean_name(location.name)
    row.code = clean_name(location.code, field="code", longest=40)
    row.is_active = location.is_active
    if not row.name:
        raise Invalid("required", _("Give a name."), field="name")
    return row
