"""Assets by code, remembered per process and per version of the programme's rules: whoever renames
one or changes its worth counts that version on, so that every process reads it anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from loyalty.commands.decorator import Context
from loyalty.ledger.models import Asset
from loyalty.tenancy.scope import current_programme

_KNOWN: dict[tuple[int, str], tuple[int, Asset]] = {}
_BY_ID: dict[int, str] = {}


def asset(code: str) -> Asset:
    """The asset of the programme in scope. Raises ``Asset.DoesNotExist``."""
    programme = current_programme()
    key, version = (programme.pk, code), programme.rules_version
    if key not in _KNOWN or _KNOWN[key][0] != version:
        for row in Asset.objects.all():
            _remember(row, version)
    if key not in _KNOWN:
        raise Asset.DoesNotExist(code)
    return _KNOWN[key][1]


def code_of(asset_id: int) -> str:
    """The code of an asset of the programme in scope."""
    if asset_id not in _BY_ID:
        _BY_ID.update({row.pk: row.code for row in Asset.objects.all()})
    return _BY_ID[asset_id]


@dataclass(frozen=True, kw_only=True)
class AssetView:
    """An asset as a value: ``value_minor`` of money for ``value_units`` of it."""

    code: str
    kind: str
    name_vi: str
    name_en: str
    value_minor: int
    value_units: int

    def name(self, language: str) -> str:
        """What the shop calls it in a language."""
        return self.name_vi if language.startswith("vi") else self.name_en


def assets_of_kind(kind: str) -> list[AssetView]:
    """The programme's assets of a kind, as they are now. One query."""
    return [view_of(row) for row in Asset.objects.filter(kind=kind).order_by("id")]


def view_of(row: Asset) -> AssetView:
    """An asset's row as a value."""
    return AssetView(
        code=row.code,
        kind=str(row.kind),
        name_vi=row.name_vi,
        name_en=row.name_en,
        value_minor=row.value_minor,
        value_units=row.value_units,
    )


def asset_view_of(code: str) -> AssetView:
    """An asset of the programme in scope as a value. Raises ``Asset.DoesNotExist``."""
    return view_of(asset(code))


def unit_names(code: str = "points") -> tuple[str, str]:
    """What the shop calls units of an asset, in Vietnamese and in English; empty where there is none."""
    try:
        found = asset(code)
    except Asset.DoesNotExist:
        return "", ""
    return found.name_vi, found.name_en


def unit_name(code: str = "points") -> str:
    """What the shop calls units of an asset in the reader's language; empty where there is none."""
    in_vietnamese, in_english = unit_names(code)
    return in_vietnamese if (get_language() or "vi").startswith("vi") else in_english


def asset_codes() -> list[str]:
    """The codes of all assets of the programme in scope. One query."""
    return list(Asset.objects.order_by("id").values_list("code", flat=True))


def open_asset(wanted: AssetView) -> None:
    """Make sure an asset exists (a rule that counts in it goes live). What exists stays as it is."""
    Asset.objects.get_or_create(
        code=wanted.code,
        defaults={
            "kind": wanted.kind,
            "name_vi": wanted.name_vi,
            "name_en": wanted.name_en,
            "value_minor": wanted.value_minor,
            "value_units": wanted.value_units,
        },
    )


def change_asset(ctx: Context, code: str, **values: str | int) -> None:
    """Rename an asset or change its worth; every process reads it anew."""
    Asset.objects.filter(code=code).update(**values)
    ctx.rules_changed()


def forget() -> None:
    """Forget what is remembered (a test rolled back)."""
    _KNOWN.clear()
    _BY_ID.clear()


def _remember(row: Asset, version: int) -> None:
    _KNOWN[row.programme_id, row.code] = (version, row)
    _BY_ID[row.pk] = row.code
