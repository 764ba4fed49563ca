"""Writes of the ledger that are no postings: which assets there are and what they are worth."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound
from loyalty.common.money import check_minor
from loyalty.ledger.assets import AssetView, view_of
from loyalty.ledger.models import Asset

MAX_NAME = 60


@command(
    "ledger.open_asset",
    label=_("Another kind of points opened"),
    permission=("programme:write", "rules:write"),
)
def open_asset(
    ctx: Context,
    *,
    code: str,
    kind: str,
    name_vi: str,
    name_en: str,
    value_minor: int = 0,
    value_units: int = 1,
) -> AssetView:
    """Something more that members can hold.

    Args:
        value_minor: worth of ``value_units`` units in the programme's minor units; 0: none told.

    Raises ``Invalid`` by field and ``Conflict`` (``asset_exists``).
    """
    if kind not in Asset.Kind.values:
        raise Invalid("unknown_kind", _("There is no such kind of asset."), field="kind")
    _check(name_vi=name_vi, name_en=name_en, value_minor=value_minor, value_units=value_units)
    if Asset.objects.filter(code=code).exists():
        raise Conflict("asset_exists", _("There is one with this code already."), field="code")
    row = Asset(
        programme=ctx.programme,
        code=code,
        kind=kind,
        name_vi=name_vi,
        name_en=name_en,
        value_minor=value_minor,
        value_units=value_units,
    )
    row.save(force_insert=True)
    ctx.rules_changed()
    ctx.about(row.public_id, code=code)
    return view_of(row)


@command(
    "ledger.describe_asset",
    label=_("Name or worth of points changed"),
    permission="programme:write",
    lock=lambda *, code, **_rest: Lock(rows=Asset.objects.filter(code=code)),
)
def describe_asset(
    ctx: Context, *, code: str, name_vi: str, name_en: str, value_minor: int, value_units: int
) -> AssetView:
    """Name an asset anew and say what it is worth. Raises ``NotFound`` and ``Invalid`` by field."""
    if not ctx.locked:
        raise NotFound("asset_not_found", _("Not found in this programme."), field="code")
    _check(name_vi=name_vi, name_en=name_en, value_minor=value_minor, value_units=value_units)
    row = ctx.the_locked(Asset, code="asset_not_found", field="code")
    row.name_vi, row.name_en = name_vi, name_en
    row.value_minor, row.value_units = value_minor, value_units
    row.save(update_fields=["name_vi", "name_en", "value_minor", "value_units"])
    ctx.about(row.public_id, value_minor=value_minor, value_units=value_units)
    ctx.rules_changed()
    return view_of(row)


def _check(*, name_vi: str, name_en: str, value_minor: int, value_units: int) -> None:
    for field, name in (("name_vi", name_vi), ("name_en", name_en)):
        if not 1 <= len(name.strip()) <= MAX_NAME:
            raise Invalid("bad_name", _("Give a name of 1 to 60 letters."), field=field)
    check_minor(value_minor, field="value_minor")
    check_minor(value_units, field="value_units", minimum=1)
