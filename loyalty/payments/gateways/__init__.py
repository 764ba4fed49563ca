"""Every way to be paid: a folder here with a ``GATEWAY``. Found by name; nothing lists them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from loyalty.payments.gateways.base import Gateway


@cache
def all_gateways() -> dict[str, Gateway]:
    """By name, those a payer needs no account for first."""
    here = Path(__file__).parent
    folders = sorted(path.parent.name for path in here.glob("*/__init__.py"))
    found: list[Gateway] = [import_module(f"{__name__}.{name}").GATEWAY for name in folders]
    order = ("manual", "qr", "redirect")
    found.sort(key=lambda one: (order.index(one.mode), one.name))
    return {one.name: one for one in found}


def gateway_named(name: str) -> Gateway | None:
    """The gateway of this name, if there is one."""
    return all_gateways().get(name)
