"""Public ids of merchants and locations by key, remembered per process: they never change."""

from __future__ import annotations

from functools import cache

from loyalty.tenancy.models import Location, Merchant


@cache
def public_merchant(merchant_id: int) -> str:
    """The public id of a merchant of the programme in scope."""
    return Merchant.objects.values_list("public_id", flat=True).get(pk=merchant_id)


@cache
def public_location(location_id: int) -> str:
    """The public id of a location of the programme in scope."""
    return Location.objects.values_list("public_id", flat=True).get(pk=location_id)


def forget() -> None:
    """Forget all (a test rolled back)."""
    public_merchant.cache_clear()
    public_location.cache_clear()
