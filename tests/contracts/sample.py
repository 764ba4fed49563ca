"""What a mechanic brings so that the contracts of all mechanics hold it too: samples of it at work.

Every app with a ``mechanic.py`` has ``tests/<area>/<app>/samples.py`` with ``SAMPLES``. Together they
cover every mechanic and every kind of rule; a new folder without samples fails the contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from loyalty.engine.plug import mechanics
from loyalty.sales.services import SaleInput
from tests.world import Shop


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One mechanic at work on one sale.

    Args:
        mechanics: names of the mechanics that must answer the sale with an effect.
        kinds: kinds of rules it uses.
        set_up: publishes rules through the doors and answers the sale; what it has several lines
            and units, so that there are parts to refund.
        from_nothing: the member needs no balance and no voucher for it: memory can play it alone.
    """

    name: str
    mechanics: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    set_up: Callable[[Shop], SaleInput]
    from_nothing: bool = True


def samples_of(app: str) -> tuple[Sample, ...]:
    """The samples of an app such as ``rewards.points``; none where it brings none."""
    module = f"tests.{app}.samples"
    if find_spec(f"tests.{app}") is None or find_spec(module) is None:
        return ()
    found: tuple[Sample, ...] = import_module(module).SAMPLES
    return found


def apps_with_mechanics() -> list[str]:
    """Dotted names of the apps whose mechanics the engine found."""
    return sorted({type(one).__module__.rsplit(".", maxsplit=1)[0] for one in mechanics()})


def all_samples() -> list[Sample]:
    """Every sample of every app."""
    return [sample for app in apps_with_mechanics() for sample in samples_of(app)]
