"""Where apps meet what stands above or beside them without importing it.

An app that issues rewards puts ``GRANTS``, ``REWARD_NAMES``, ``REWARDS_IN_BOTH`` and ``USABLE_VOUCHERS``
(callables) into its ``mechanic.py``; there is one, the catalogue. So does the app that keeps purchases with ``HISTORY``, ``PAST_SALES``,
``GOODS_NAMES`` and ``SHELF`` (products, and who bought them). An app that adds to the demo's coffee shop is handed a
:class:`DemoShop` in its ``demo.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from loyalty.commands.decorator import Call
from loyalty.engine.memory import MemoryGrants
from loyalty.engine.world import Bought, Grants
from loyalty.web.discovery import modules_named

if TYPE_CHECKING:
    from loyalty.engine.activity import ActivityData
    from loyalty.engine.models import Activity
    from loyalty.tenancy.models import Location, Merchant, Programme
    from members.profiles.models import Member


class DemoShop(Protocol):
    """The demo's coffee shop as apps furnish it; ``rewards`` by a short name (``drink``, ``cake``)."""

    programme: Programme
    merchant: Merchant
    locations: list[Location]
    rewards: dict[str, str]

    def call(self) -> Call:
        """The owner's next call of a command."""

    def rule(self, kind: str, *, draft: bool = False, **values: Any) -> str:
        """Write a rule and publish it, unless it shall stay a draft; answers its public id."""


class History(Protocol):
    """What members bought up to an instant, by member and by window, in one query for all."""

    def __call__(
        self, member_ids: Collection[int], *, at: datetime
    ) -> Mapping[int, Mapping[int, Bought]]: ...


@dataclass(frozen=True, kw_only=True)
class PastSale:
    """A sale of the past as mechanics see one, with its row, and by line what of it came back."""

    row: Activity
    activity: ActivityData
    portions: Mapping[int, Fraction]


@dataclass(frozen=True, kw_only=True)
class ShopProduct:
    """A product of the shop as apps beside sales see it. ``pk`` is for their foreign keys."""

    pk: int
    public_id: str
    sku: str
    name: str
    category: str = ""
    is_active: bool = True


class Shelf(Protocol):
    """The shop's products, and who bought them."""

    def product(self, *, sku: str = "", public_id: str = "") -> ShopProduct:
        """One product. Raises ``NotFound``."""

    def find(self, text: str, *, limit: int = 20) -> list[ShopProduct]:
        """Goods on sale by words of name or code, by name. One query."""

    def kept_by(
        self, member_ids: Collection[int], *, products: Collection[int] | None = None
    ) -> Mapping[int, tuple[ShopProduct, datetime]]:
        """What these members bought and did not give back, by the product's key, with the last time
        they bought it; only of ``products`` where they are named. One query.
        """

    def products_of(self, purchase: str) -> list[int]:
        """Keys of the products on a bill. One query."""


@cache
def _brought(name: str) -> Any:
    found = [getattr(one, name) for one in modules_named("mechanic") if hasattr(one, name)]
    assert len(found) <= 1, f"Two apps bring {name}."
    return found[0] if found else None


def bought_by(member_ids: Collection[int], *, at: datetime) -> Mapping[int, Mapping[int, Bought]]:
    """What these members bought up to an instant. One query."""
    history: History = _brought("HISTORY")
    return history(member_ids, at=at)


def past_sales(member: Member, *, since: datetime | None) -> Sequence[PastSale]:
    """The sales of a member since an instant that were not wholly given back, oldest first."""
    found: Sequence[PastSale] = _brought("PAST_SALES")(member, since=since)
    return found


def shelf() -> Shelf:
    """The shop's products, and who bought them."""
    found: Shelf = _brought("SHELF")
    return found


def reward_names(public_ids: Iterable[str]) -> Mapping[str, str]:
    """Those of these rewards that exist, with their names in the reader's language. One query."""
    names = _brought("REWARD_NAMES")
    found: Mapping[str, str] = names(public_ids) if names else {}
    return found


def rewards_in_both() -> Iterable[tuple[str, str]]:
    """The names of rewards that have one in each language, Vietnamese first. One query."""
    names = _brought("REWARDS_IN_BOTH")
    found: Iterable[tuple[str, str]] = names() if names else ()
    return found


def reward_stock(public_ids: Iterable[str]) -> Mapping[str, int]:
    """How many there still are of those of these rewards that are not without end. Two queries."""
    wanted, stock = list(public_ids), _brought("REWARD_STOCK")
    found: Mapping[str, int] = stock(wanted) if wanted and stock else {}
    return found


def usable_vouchers(member: Member, *, reward: str) -> Sequence[str]:
    """Codes of a member's vouchers for a reward (by public id) that are usable now, the one that dies
    first ahead. One query. What they are worth and using them: ``world.grants``.
    """
    codes = _brought("USABLE_VOUCHERS")
    found: Sequence[str] = codes(member, reward=reward) if codes else ()
    return found


def goods_names(
    *, skus: Collection[str], categories: Collection[str]
) -> Mapping[tuple[str, str], str]:
    """Those of these goods that exist, by ``("sku", code)`` and ``("category", code)``, with their
    names. Two queries at most.
    """
    names = _brought("GOODS_NAMES")
    found: Mapping[tuple[str, str], str] = names(skus, categories) if names else {}
    return found


def live_grants(*, member: Member, merchant_id: int | None, now: datetime) -> Grants:
    """Where vouchers of this member are issued within a command."""
    maker = _brought("GRANTS")
    if maker is None:
        return MemoryGrants()
    grants: Grants = maker(member=member, merchant_id=merchant_id, now=now)
    return grants
