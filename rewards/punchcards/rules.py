"""How stamps are counted, how they fill cards, and what of them stays after a refund: pure rules.

A head start is a shorter card: ten places with two filled in need eight stamps, and the ledger counts
those eight only. So nothing given for nothing is ever in a balance, and a full refund ends at zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.common.values import Value, once, value
from loyalty.engine.activity import Sale, SaleLine
from loyalty.engine.effects import Basis
from loyalty.engine.rules import RuleTerms
from loyalty.engine.validity import NEVER, NO_WAIT, Expiry
from loyalty.engine.validity import problems as expiry_problems
from loyalty.ledger.assets import AssetView

MAX_INTERIMS = 10
MAX_STAMPS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Interim:
    """A reward on the way: at a position of the card as people see it."""

    position: int
    reward: str


@dataclass(frozen=True, kw_only=True)
class CardTerms(RuleTerms):
    """A published card. ``family`` is the id of its first version: stamps belong to the family."""

    family: str = ""
    stamp_per: str = "visit"
    stamps_each: int = 1
    per_minor: int = 0
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    excluded_skus: frozenset[str] = frozenset()
    minimum_minor: int = 0
    needed: int = 10
    reward: str = ""
    reward_names: tuple[str, str] = ("", "")
    interims: tuple[Interim, ...] = ()
    unknown_interims: tuple[int, ...] = ()
    head_start: int = 0
    head_start_every: bool = True
    carry_over: bool = True
    expiry: Expiry = NEVER

    @once
    def asset(self) -> str:
        """The code of the asset its stamps are counted in."""
        return f"stamps:{self.family}"

    def counted_in(self) -> tuple[AssetView, ...]:
        stamps = AssetView(
            code=self.asset,
            kind="stamps",
            # A member may hold stamps of several cards: the name says of which.
            name_vi=f"tem {self.name}"[:60],
            name_en=f"stamps {self.name}"[:60],
            value_minor=0,
            value_units=1,
        )
        return (stamps,)

    @once
    def is_open(self) -> bool:
        """Does it count all goods?"""
        return not (self.skus or self.categories or self.excluded_skus)

    @once
    def one_visit(self) -> Counted:
        """What a visit is for it."""
        return Counted.made(measure="visit", units=1, stamps=self.stamps_each)

    def reward_name(self, language: str) -> str:
        """What a full card gives, as the shop calls it in a language."""
        return self.reward_names[0] if language.startswith("vi") else self.reward_names[1]

    def head(self, spent: int) -> int:
        """Places filled in already on the present card, ``spent`` stamps after the first."""
        return self.head_start if self.head_start_every or spent <= 0 else 0

    def missing_when_empty(self, spent: int) -> int:
        """Stamps that fill the present card from nothing."""
        return self.needed - self.head(spent)

    def problems(self) -> list[DomainError]:
        found = [
            *_numbers(self),
            *_interim_problems(self),
            *expiry_problems(self.expiry, NO_WAIT),
        ]
        if not self.reward:
            found.append(Invalid("required", _("Choose what a full card gives."), field="reward"))
        if self.expiry.kind == "sliding":
            found.append(
                Invalid(
                    "bad_expiry",
                    _("A card dies a time after its first stamp, on fixed days, or never."),
                    field="expiry_kind",
                )
            )
        return found


def _numbers(card: CardTerms) -> list[DomainError]:
    found: list[DomainError] = []
    if card.stamp_per == "amount" and not 1 <= card.per_minor <= MAX_MINOR:
        found.append(
            Invalid("required", _("Say for which amount a stamp is given."), field="per_minor")
        )
    if not 0 <= card.head_start < card.needed:
        found.append(
            Invalid(
                "out_of_range",
                _("A card begins with fewer stamps than fill it."),
                field="head_start",
            )
        )
    return found


def _interim_problems(card: CardTerms) -> list[DomainError]:
    wrong = list(card.unknown_interims)
    wrong += [
        number
        for number, one in enumerate(card.interims)
        if not card.head_start < one.position < card.needed
    ]
    places = [one.position for one in card.interims]
    if len(places) > MAX_INTERIMS or len(set(places)) < len(places):
        return [Invalid("bad_interims", _("One reward per place, at most ten."), field="interims")]
    return [
        Invalid(
            "bad_interim",
            _("Give a place between the first and the last stamp, and a reward of the list."),
            field=f"interims.{number}",
        )
        for number in sorted(set(wrong))
    ]


@value
class Counted(Value):
    """What a card counts on a sale, kept with the effect so that a refund can count again.

    Args:
        measure: ``visit``, ``item`` or ``amount``.
        units: visits, thousandths of items, or minor units of money.
        stamps: how many stamps that makes.
    """

    measure: str
    units: int
    stamps: int
    basis: Basis = ()


def count(card: CardTerms, sale: Sale, *, taken: Collection[int] = ()) -> Counted | None:
    """The stamps of a sale; ``None`` for none. What a voucher or points paid altogether has none.

    Args:
        taken: lines that another card of the same group has stamped.
    """
    if sale.net_minor < card.minimum_minor:
        return None
    lines = [one for one in sale.goods if one.number not in taken and _belongs(card, one)]
    if not lines:
        return None
    if card.stamp_per == "visit":
        return card.one_visit
    if card.stamp_per == "item":
        weights = [(one.number, one.quantity_milli - one.free_milli) for one in lines]
        units = sum([weight for _line, weight in weights])
        stamps = units // 1000 * card.stamps_each
    else:
        weights = [(one.number, one.earning_minor) for one in lines]
        units = sum([weight for _line, weight in weights])
        stamps = units // card.per_minor * card.stamps_each
    if stamps == 0:
        return None
    return Counted.made(
        measure=card.stamp_per,
        units=units,
        stamps=min(stamps, MAX_STAMPS_AT_ONCE),
        basis=tuple(weights),
    )


def _belongs(card: CardTerms, line: SaleLine) -> bool:
    if line.earning_minor <= 0 or line.free_milli >= line.quantity_milli:
        return False
    if card.is_open:
        return True
    if line.sku and line.sku in card.excluded_skus:
        return False
    if not card.skus and not card.categories:
        return True
    return line.sku in card.skus or bool(card.categories & set(line.categories))


def stamps_left(memo: Mapping[str, Any], share: Fraction) -> int:
    """How many of the stamps a sale made stay when a cumulative ``share`` of its cause is gone.

    A visit stays until all came back; an item until it came back; money is counted anew.
    """
    stays = 1 - share
    counted = int(memo["counted"])
    if memo["measure"] == "visit":
        return counted if stays else 0
    if memo["measure"] == "amount":
        return min(int(memo["units"] * stays) // int(memo["per"]) * int(memo["each"]), counted)
    return ceil(counted * stays)


@value
class Step(Value):
    """Stamps on one card, the rewards on the way they reach, and whether they fill the card.

    Args:
        fresh: they are the first of their card.
        fills: stamps that the full card takes; 0 where it is not full.
        interims: (reward on the way, its number among all stamps ever, for telling it apart).
    """

    stamps: int
    fresh: bool
    fills: int = 0
    interims: tuple[tuple[Interim, int], ...] = ()


def plan(card: CardTerms, *, balance: int, earned: int, spent: int, stamps: int) -> list[Step]:
    """How new stamps fill cards, from a balance that may be negative (a debt they fill first)."""
    room = card.missing_when_empty(spent) - balance
    if 0 < stamps < room and not card.interims:
        return [Step.made(stamps=stamps, fresh=balance <= 0)]
    steps: list[Step] = []
    while True:
        head = card.head(spent)
        needed = card.needed - head
        new = max(min(stamps, needed - balance), 0)
        fills = needed if balance + new >= needed else 0
        reached = (
            ()
            if not card.interims
            else tuple(
                (one, earned - balance + one.position - head)
                for one in card.interims
                if max(balance, 0) < one.position - head <= balance + new
            )
        )
        if new or fills:
            steps.append(Step.made(stamps=new, fresh=balance <= 0, fills=fills, interims=reached))
        stamps, balance, earned = stamps - new, balance + new - fills, earned + new
        spent += fills
        if not fills or (stamps == 0 and balance < card.missing_when_empty(spent)):
            return steps
        if not card.carry_over:
            return steps


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A card as people see it: ``filled`` of ``places``, the first ``head`` of them given."""

    filled: int
    places: int
    head: int
    debt: int

    @property
    def missing(self) -> int:
        """How many stamps fill it."""
        return self.places - self.filled + self.debt


def picture(card: CardTerms, *, balance: int, spent: int) -> Picture:
    """The present card of a holder."""
    head = card.head(spent)
    return Picture(
        filled=min(head + max(balance, 0), card.needed),
        places=card.needed,
        head=head,
        debt=max(-balance, 0),
    )
