"""The ledger's refusals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Refused


def insufficient(asset: str, amount: int, available: int) -> Refused:
    """The refusal of a debit the balance does not cover; ``missing`` says by how much."""
    missing = amount - max(available, 0)
    return Refused(
        "insufficient_balance",
        _("%(missing)s short: %(available)s available, %(amount)s needed.")
        % {"missing": missing, "available": max(available, 0), "amount": amount},
        params={"missing": missing, "available": available, "asset": asset},
    )
