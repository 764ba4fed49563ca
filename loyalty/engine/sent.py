"""Fields of the API that hold what the engine judges, for the bodies of every room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loyalty.common.errors import DomainError
from loyalty.engine.conditions import faults
from loyalty.web.api import JudgedList


class Conditions(JudgedList):
    """Conditions as a rule's audience has them."""

    def faults(self, found: list[dict[str, Any]]) -> Iterable[DomainError]:
        return faults(found, field="")
