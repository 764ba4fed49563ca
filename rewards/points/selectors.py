"""Reads about points. All in the programme in scope."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.engine.selectors import counting_rules
from loyalty.engine.validity import NEVER
from loyalty.ledger.assets import AssetView, assets_of_kind
from rewards.points.models import EarningRule, MultiplierRule, PointsSettings
from rewards.points.rules import PointsRules, SettingsTerms


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
        expiry=row.expiry or NEVER,
        rounding=str(row.rounding),
        value_minor=asset.value_minor,
        value_units=asset.value_units,
        pay_enabled=row.pay_enabled,
        pay_minimum=row.pay_minimum,
        pay_step=row.pay_step,
        pay_cap_bp=row.pay_cap_bp,
        pay_cap_points=row.pay_cap_points,
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
