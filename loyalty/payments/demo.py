"""The demo's shop takes cash, and transfers to an account that does not exist."""

from __future__ import annotations

from loyalty.engine.ports import DemoShop
from loyalty.payments.services import save_account

_ACCOUNT = {"bank": "970436", "account": "0000000000", "holder": "CA PHE HIEN (BAN THU)"}


def furnish(shop: DemoShop) -> None:
    """Switch on what needs no contract."""
    save_account(shop.call(), gateway="cash", is_active=True, values={})
    save_account(shop.call(), gateway="vietqr", is_active=True, values=_ACCOUNT)
