"""What the commands of points answer: plain values a face can show and a replay can repeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.engine.results import BalanceView


@dataclass(frozen=True, kw_only=True)
class AdjustmentResult:
    """An adjustment as it stands; ``state`` is waiting, applied or rejected."""

    adjustment: str
    member: str
    asset: str
    amount: int
    text: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    balances: tuple[BalanceView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TransferResult:
    """A transfer as it stands, and the balances of whom the command changed."""

    transfer: str
    sender: str
    receiver: str
    asset: str
    amount: int
    state: str
    balances: tuple[BalanceView, ...]


@dataclass(frozen=True, kw_only=True)
class WaitingResult:
    """How much became available, or lapsed."""

    member: str
    cause: str
    event: str
    amount: int
    balances: tuple[BalanceView, ...]


@dataclass(frozen=True, kw_only=True)
class SettingsView:
    """The settings of one asset of points; ``values`` by field name."""

    asset: str
    revision: int
    expiry_switched_at: datetime | None
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class WarnedResult:
    """Of how many points' end a member was warned."""

    member: str
    points: int


@dataclass(frozen=True, kw_only=True)
class DatedResult:
    """How many lots of a member got a date."""

    member: str
    lots: int
