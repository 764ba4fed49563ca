"""The settings of points: their name and worth, paying at the till, passing on, expiry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import DomainError, Invalid, Outdated
from loyalty.common.money import MAX_MINOR, number_faults
from loyalty.engine.rule_values import clean_value, complain
from loyalty.engine.validity import NEVER, NO_WAIT, first_date, problems
from loyalty.ledger.assets import change_asset
from loyalty.outbox.services import publish
from rewards.points.models import PointsSettings
from rewards.points.results import SettingsView
from rewards.points.rules import MAX_POINTS
from rewards.points.selectors import OF_ASSET, settings_fields, settings_row, settings_view


@command("points.change_settings", label=_("Settings of points changed"), permission="points:write")
def change_settings(
    ctx: Context, *, asset: str = "points", values: Mapping[str, Any], revision: int | None = None
) -> SettingsView:
    """Change settings by field name. Everything else stays.

    Points that had no date when expiry is switched on get one a full period after the switch,
    by a job: none dies before. Lots that have a date keep it.

    Raises ``NotFound`` (asset), ``Invalid`` or ``Several`` by field, ``Outdated``.
    """
    row = settings_row(asset)
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    before = row.expiry_kind
    money = _fill(row, values)
    if before in ("none", "default") and row.expiry_kind != "none":
        row.expiry_switched_at = ctx.now
    if row.expiry_kind == "none":
        row.expiry_switched_at = None
    row.programme = ctx.programme
    row.revision += 1
    row.save()
    if money:
        change_asset(ctx, asset, **money)
    ctx.rules_changed()
    publish(ctx, "points.settings_changed", subject=row.public_id, data={"asset": asset})
    ctx.about(row.public_id, asset=asset, fields=sorted(values))
    return settings_view(asset)


def _fill(row: PointsSettings, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values on the row; answers those of the asset."""
    faults: list[DomainError] = []
    money: dict[str, Any] = {}
    fields = settings_fields()
    values = {**values, **first_date(row.expiry_kind, values)}
    for name, value in values.items():
        if broken := list(number_faults(value, field=name)):
            faults += broken
            continue
        try:
            if name in OF_ASSET:
                money[name] = _of_asset(name, value)
            elif name in fields:
                setattr(row, name, clean_value(fields[name], value))
            else:
                raise Invalid("unknown_field", _("There is no such setting."), field=name)
        except DomainError as fault:
            faults.append(fault)
    if row.expiry_kind == "default":
        row.expiry_kind = "none"
    named = {fault.field for fault in faults}
    complain(faults + [fault for fault in _faults(row) if fault.field not in named])
    return money


def _of_asset(name: str, value: Any) -> Any:
    if name.startswith("name_"):
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= 60:
            raise Invalid("required", _("Give a name of 1 to 60 characters."), field=name)
        return value.strip()
    least = 1 if name == "value_units" else 0
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_MINOR:
        raise Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.")
            % {"minimum": least, "maximum": MAX_MINOR},
            field=name,
        )
    return value


def _faults(row: PointsSettings) -> list[DomainError]:
    found = problems(row.expiry or NEVER, NO_WAIT)
    least = {"pay_minimum": 1, "pay_step": 1, "transfer_minimum": 1}
    optional = {"pay_cap_points": 1, "transfer_daily_maximum": 1}
    for name, minimum in {**least, **optional}.items():
        value = getattr(row, name)
        if value is None and name in optional:
            continue
        if not minimum <= value <= MAX_POINTS:
            found.append(
                Invalid(
                    "out_of_range",
                    _("Give a number from %(minimum)s to %(maximum)s.")
                    % {"minimum": minimum, "maximum": MAX_POINTS},
                    field=name,
                )
            )
    if not 1 <= row.pay_cap_bp <= 10_000:
        found.append(
            Invalid("out_of_range", _("Give a share from 0.01% to 100%."), field="pay_cap_bp")
        )
    return found
