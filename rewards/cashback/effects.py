"""What store credit does to a world: it pays. Earning it is the engine's own ``Accrue``."""

from __future__ import annotations

from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.paying import Spend


@value
class SpendCredit(Spend):
    """Store credit pays a part of the bill. It is the member's money: a refund gives it back."""

    kind: ClassVar[str] = "spend_credit"
    keeps_policy: ClassVar[bool] = False
