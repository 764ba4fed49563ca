"""Reads about points. All in the programme in scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.engine.paying import worth_minor
from loyalty.engine.results import BalanceView
from loyalty.engine.selectors import counting_rules
from loyalty.engine.validity import NEVER
from loyalty.ledger.assets import AssetView, assets_of_kind
from loyalty.ledger.lots import expiring_within
from rewards.points.models import (
    Adjustment,
    EarningRule,
    MultiplierRule,
    PointsSettings,
    Transfer,
)
from rewards.points.results import AdjustmentResult, SettingsView, TransferResult
from rewards.points.rules import PointsRules, SettingsTerms

OF_ASSET = ("name_vi", "name_en", "value_minor", "value_units")


def live_points_rules() -> list[PointsRules]:
    """Everything live, as one value; nothing where the programme has no points. Four queries."""
    settings = {row.asset: row for row in PointsSettings.objects.all()}
    terms = tuple(
        settings_terms(settings.get(asset.code) or PointsSettings(asset=asset.code), asset)
        for asset in assets_of_kind("points")
    )
    if not terms:
        return []
    return [
        PointsRules(
            settings=terms,
            earning=tuple(row.terms() for row in counting_rules(EarningRule)),
            multipliers=tuple(row.terms() for row in counting_rules(MultiplierRule)),
        )
    ]


def settings_terms(row: PointsSettings, asset: AssetView) -> SettingsTerms:
    """The settings of one asset as a value."""
    return SettingsTerms(
        asset=asset.code,
        names=(asset.name_vi, asset.name_en),
        expiry=row.expiry or NEVER,
        rounding=str(row.rounding),
        value_minor=asset.value_minor,
        value_units=asset.value_units,
        pay_enabled=row.pay_enabled,
        pay_minimum=row.pay_minimum,
        pay_step=row.pay_step,
        pay_cap_bp=row.pay_cap_bp,
        pay_cap_units=row.pay_cap_points,
    )


def asset_view(asset: str = "points") -> AssetView:
    """An asset of points, with its names and worth. Raises ``NotFound``."""
    for one in assets_of_kind("points"):
        if one.code == asset:
            return one
    raise NotFound("unknown_asset", _("This programme has no such points."), field="asset")


def settings_row(asset: str = "points") -> PointsSettings:
    """The settings of an asset; those every programme begins with where none are kept yet."""
    asset_view(asset)
    return PointsSettings.objects.filter(asset=asset).first() or PointsSettings(
        asset=asset, expiry_kind="none"
    )


def settings_of(asset: str = "points") -> SettingsTerms:
    """The settings of an asset as a value. Raises ``NotFound``."""
    return settings_terms(settings_row(asset), asset_view(asset))


def settings_view(asset: str = "points") -> SettingsView:
    """The settings as they are. Raises ``NotFound``."""
    row, money = settings_row(asset), asset_view(asset)
    values = {name: getattr(row, name) for name in settings_fields()}
    values |= {name: getattr(money, name) for name in OF_ASSET}
    return SettingsView(
        asset=asset,
        revision=row.revision,
        expiry_switched_at=row.expiry_switched_at,
        values=values,
    )


def settings_fields() -> dict[str, Any]:
    """The settings that can be changed, by name."""
    return {
        field.name: field
        for field in PointsSettings._meta.concrete_fields
        if field.editable and field.name not in ("id", "programme", "asset")
    }


def adjustment_view(row: Adjustment, balances: tuple[BalanceView, ...] = ()) -> AdjustmentResult:
    """An adjustment (with its member loaded) as a value."""
    return AdjustmentResult(
        adjustment=row.public_id,
        member=row.member.public_id,
        asset=row.asset,
        amount=row.amount,
        text=row.text,
        state=str(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        balances=balances,
    )


def transfer_view(row: Transfer, balances: tuple[BalanceView, ...] = ()) -> TransferResult:
    """A transfer (with both members loaded) as a value."""
    return TransferResult(
        transfer=row.public_id,
        sender=row.sender.public_id,
        receiver=row.receiver.public_id,
        asset=row.asset,
        amount=row.amount,
        state=str(row.state),
        balances=balances,
    )


def waiting_adjustments(*, member_id: int | None = None) -> list[Adjustment]:
    """Adjustments that wait for a second person, oldest first."""
    rows = Adjustment.objects.select_related("member").filter(state=Adjustment.State.WAITING)
    if member_id is not None:
        rows = rows.filter(member=member_id)
    return list(rows.order_by("id")[:200])


def decided_adjustments() -> QuerySet[Adjustment]:
    """Adjustments that were applied or rejected."""
    rows: QuerySet[Adjustment] = Adjustment.objects.select_related("member")
    return rows.exclude(state=Adjustment.State.WAITING)


@dataclass(frozen=True, kw_only=True)
class Soon:
    """Points that die within a month, with what they are called and worth."""

    word_vi: str
    word_en: str
    amount: int
    worth_minor: int
    expires_at: datetime


def expiring_soon(*, holder_id: int, days: int = 30) -> list[Soon]:
    """What of a holder's points expires within so many days, soonest first."""
    assets = {asset.code: asset for asset in assets_of_kind("points")}
    found = expiring_within(holder_id=holder_id, assets=list(assets), days=days)
    return [
        Soon(
            word_vi=assets[code].name_vi,
            word_en=assets[code].name_en,
            amount=amount,
            worth_minor=worth_minor(
                amount,
                value_minor=assets[code].value_minor,
                value_units=assets[code].value_units,
            ),
            expires_at=expires_at,
        )
        for code, amount, expires_at in found
    ]


def points_assets() -> list[AssetView]:
    """The programme's points, with their names and worth."""
    return assets_of_kind("points")


def gifts_allowed() -> bool:
    """May members give points to each other?"""
    return PointsSettings.objects.filter(asset="points", transfer_enabled=True).exists()
