"""The ledger's refusals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Refused

# Far above any balance that means something, and far below what a column of 64 bits holds.
MOST_UNITS = 10**17


def too_many(asset: str) -> Refused:
    """The refusal of a movement no account can hold: a rule or an amount is absurd."""
    return Refused(
        "too_many_units",
        _("This is more than an account can hold. Check the amount, and what the rules give."),
        params={"asset": asset, "maximum": MOST_UNITS},
    )


def insufficient(asset: str, amount: int, available: int, *, field: str = "") -> Refused:
    """The refusal of a debit the balance does not cover; ``missing`` says by how much. ``field`` names
    what asked for so much: a number, or the thing that has a price.
    """
    missing = amount - max(available, 0)
    return Refused(
        "insufficient_balance",
        _("%(missing)s short: %(available)s available, %(amount)s needed.")
        % {"missing": missing, "available": max(available, 0), "amount": amount},
        field=field,
        params={"missing": missing, "available": available, "asset": asset},
    )
