"""Assets by code, remembered per process: they are few, small and almost never change."""

from __future__ import annotations

from loyalty.ledger.models import Asset
from loyalty.tenancy.scope import current_programme

_KNOWN: dict[tuple[int, str], Asset] = {}
_BY_ID: dict[int, str] = {}


def asset(code: str) -> Asset:
    """The asset of the programme in scope. Raises ``Asset.DoesNotExist``."""
    key = (current_programme().pk, code)
    if key not in _KNOWN:
        for row in Asset.objects.all():
            _remember(row)
    if key not in _KNOWN:
        raise Asset.DoesNotExist(code)
    return _KNOWN[key]


def code_of(asset_id: int) -> str:
    """The code of an asset of the programme in scope."""
    if asset_id not in _BY_ID:
        for row in Asset.objects.all():
            _remember(row)
    return _BY_ID[asset_id]


def forget(*, programme_id: int | None = None) -> None:
    """Forget what is remembered (an asset's name or worth was edited, a test rolled back)."""
    for key in [key for key in _KNOWN if programme_id in (None, key[0])]:
        del _KNOWN[key]
    if programme_id is None:
        _BY_ID.clear()


def _remember(row: Asset) -> None:
    _KNOWN[row.programme_id, row.code] = row
    _BY_ID[row.pk] = row.code
