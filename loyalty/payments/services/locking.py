"""The bill a command is about: locked, whether the command is its own or runs within another."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock
from loyalty.common.errors import NotFound
from loyalty.payments.models import Charge
from loyalty.tenancy.statements import Read

_BY_ID: Read[Charge] = Read(
    lambda charge: Charge.objects.select_related("member", "merchant").filter(public_id=charge),
    lock=("self",),
)


def charge_to_lock(*, charge: str, **_rest: Any) -> Lock:
    """The lock of commands about one bill."""
    return Lock(locked=lambda: _BY_ID(charge=charge))


def the_charge(ctx: Context, charge: str) -> Charge:
    """The bill, locked until the end of the transaction. Raises ``NotFound``.

    Staff of one merchant in a programme of several touch their own merchant's bills only.
    """
    held = [row for row in ctx.locked if isinstance(row, Charge) and row.public_id == charge]
    row = next(iter(held or _BY_ID(charge=charge)), None)
    foreign = row is not None and ctx.actor.merchant_id not in (None, row.merchant_id)
    if row is None or foreign:
        raise NotFound("charge_not_found", _("There is no such bill."), field="charge")
    return row
