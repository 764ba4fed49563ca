"""The plug every mechanic implements, and the registry that finds them by folder.

A mechanic answers an activity with effects. It reads its live rules and facts and writes nothing,
so the same code runs live, in a quote, in a back-test and in property tests. A new mechanic is one
new folder whose ``mechanic.py`` holds ``MECHANICS``, a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from loyalty.common.values import Value, value
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.web.discovery import modules_named

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from loyalty.common.errors import DomainError
    from loyalty.engine.conditions import Condition
    from loyalty.engine.fact_info import FactInfo
    from loyalty.engine.facts import Facts
    from loyalty.engine.models import Rule
    from loyalty.engine.status import Status
    from loyalty.engine.world import World


class Phase(IntEnum):
    """Later phases see what earlier ones did. What is priced and paid lowers what can be earned."""

    PRICE = 1
    PAY = 2
    EARN = 3
    PROGRESS = 4
    STATUS = 5


@value
class Multiplier(Value):
    """A factor on what other mechanics award in an asset, in basis points (20000 = double).

    ``lines`` are the sale's lines it is meant for; ``None`` all of them.
    """

    asset: str
    factor_bp: int
    rule: str
    rule_name: str
    reason: str = "multiplier"
    lines: frozenset[int] | None = None


@value
class PriceOffer(Value):
    """A better price one mechanic holds out for a sale (a level's perk, a delivery pass).

    ``rewards.discounts`` alone decides which offers count together and takes them off the lines,
    so that a refund, a cap and "best of" have one home.

    Args:
        kind: ``percent`` off (``value_bp``), ``amount`` off altogether (``value_minor``) or
            ``fixed_price`` of one unit (``value_minor``).
        lines: numbers of the lines it is meant for, shipping included where it says so; ``None``
            stands for all goods.
        rounding: of a fraction of the smallest unit: ``half_up``, ``floor`` or ``ceil``.
        cap_minor: at most so much off altogether.
        stacks: adds to others; of those that do not, the member gets the best one.
        order: the smaller, the earlier it is taken off where several count.
        details: plain values kept with the record, for the words of ``reason``.
    """

    kind: Literal["percent", "amount", "fixed_price"]
    mechanic: str
    rule: str
    rule_name: str
    reason: str
    value_bp: int = 0
    value_minor: int = 0
    lines: frozenset[int] | None = None
    rounding: str = "half_up"
    cap_minor: int | None = None
    stacks: bool = False
    order: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """Something that is for an audience and is no rule, such as a reward for a level."""

    public_id: str
    kind: str
    name: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Moving:
    """What a command is about to move at one merchant of a coalition.

    ``entries`` have ``asset``, ``pot`` and a signed ``amount``; ``is_quote``: nothing is kept.
    """

    programme_id: int
    merchant_id: int | None
    entries: Sequence[Any]
    at: datetime
    timezone: str
    is_quote: bool = False


class Mechanic:
    """Base of all mechanics.

    ``load`` answers the live rules of a programme as frozen values (a selector; the engine keeps
    the answer until the programme's ``rules_version`` grows). ``facts`` are the facts this mechanic
    offers to everybody's conditions, ``fact_info`` what forms and counts are told of them, ``reasons``
    the texts of its reason codes.
    """

    name: ClassVar[str]
    phase: ClassVar[Phase] = Phase.EARN
    # Within its phase: the smaller, the earlier; of equals by name.
    turn: ClassVar[int] = 50
    activity_types: ClassVar[frozenset[str] | None] = None
    # Types of activities only the house itself records: their data gives what it says.
    own_activities: ClassVar[frozenset[str]] = frozenset()
    # Types besides purchases that carry a sale, so that money can be counted of them.
    sale_activities: ClassVar[frozenset[str]] = frozenset()
    # Its activities as people choose them for a rule: “an event attended”.
    activity_words: ClassVar[Mapping[str, str | Promise]] = {}
    # Those of them no member does by will: another's purchase, a jury's word. No streak is made of them.
    befalling: ClassVar[frozenset[str]] = frozenset()
    facts: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    fact_info: ClassVar[Mapping[str, FactInfo]] = {}
    reasons: ClassVar[Mapping[str, str | Promise]] = {}
    # Facts that every programme names for itself begin with this (``attribute.``); see ``named_facts``.
    names_facts: ClassVar[str] = ""

    # Assets whose balance its own panel of the portal tells: the card does not tell them again.
    own_balances: ClassVar[frozenset[str]] = frozenset()

    # Heading of this mechanic's sentences on the terms page.
    title: ClassVar[str | Promise] = ""

    def load(self, programme_id: int) -> Sequence[Any]:
        """The live rules of a programme as frozen values: a call of the app's selector."""
        raise NotImplementedError

    def multipliers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[Multiplier]:
        """Factors on other mechanics' awards for this activity."""
        return []

    def price_offers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[PriceOffer]:
        """Better prices this mechanic holds out for a sale; asked before anything is priced."""
        return []

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        """The effects this activity has, by these rules."""
        return []

    def ways_to_pay(self, rules: Sequence[Any]) -> Sequence[str]:
        """What of a sale's ``use`` it takes up, by name. Told where something else was to pay."""
        return ()

    def agree(self, rules: Sequence[Any], moving: Moving) -> None:
        """Refuse what a merchant of a coalition may not issue or take; last of all, so that a lock
        it needs is short. Asked in coalitions only. Raises ``Refused``.
        """

    def named_facts(self) -> Mapping[str, FactInfo]:
        """The facts the programme in scope named for itself, by their whole names."""
        return {}

    def named_fact(self, world: World, name: str) -> Any:
        """The value of such a fact for the member of a world."""
        raise NotImplementedError

    def joined_status(self, name: str, own: Status | None, other: Status) -> Status | None:
        """One status of two, where another card (``other``) is merged into a member's; ``None`` for a
        status that is not this mechanic's, or that stays as the member's own is.
        """
        return None

    def reserved(self) -> Sequence[Reserved]:
        """What beside its rules is for an audience now. One query."""
        return ()

    def oddities(self, rule: Rule) -> Sequence[DomainError]:
        """What should be looked at in a rule of this mechanic, by field, though nothing is wrong with
        it; told before it is published and as long as it runs. A few queries.
        """
        return ()

    def heading(self) -> str:
        """What its promises stand under, in the active language."""
        return str(self.title)

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        """What these rules promise members, a plain sentence each, in the active language."""
        return []


@cache
def mechanics() -> tuple[Mechanic, ...]:
    """Every mechanic of the tree, by phase, turn and name."""
    found = [one for module in modules_named("mechanic") for one in module.MECHANICS]
    return tuple(sorted(found, key=lambda one: (one.phase, one.turn, one.name)))


@cache
def carry_sales() -> frozenset[str]:
    """The types of activities that carry a sale: purchases, and what mechanics bring."""
    return frozenset({PURCHASE}).union(*(one.sale_activities for one in mechanics()))


def namer_of(fact: str) -> Mechanic | None:
    """The mechanic whose programmes name this fact; ``None`` for a fact everybody has."""
    return next(
        (one for one in mechanics() if one.names_facts and fact.startswith(one.names_facts)), None
    )


_RULES: dict[tuple[str, int], tuple[int, Sequence[Any]]] = {}


def live_rules(mechanic: Mechanic, programme_id: int, rules_version: int) -> Sequence[Any]:
    """The live rules of a mechanic, loaded once per version of the programme's rules."""
    key = (mechanic.name, programme_id)
    known = _RULES.get(key)
    if known is None or known[0] != rules_version:
        known = _RULES[key] = (rules_version, mechanic.load(programme_id))
    return known[1]


With = tuple[Mechanic, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Answering:
    """Those who answer one type of activity, by what they may say; ``phases`` in their order."""

    multiplying: tuple[With, ...]
    offering: tuple[With, ...]
    phases: tuple[tuple[With, ...], ...]


class Rulebook(Sequence[With]):
    """Mechanics with their rules, in the order of :func:`~loyalty.engine.plug.mechanics`."""

    def __init__(self, pairs: Iterable[With]) -> None:
        self._pairs = tuple(pairs)
        self._known: dict[tuple[str, bool], Answering] = {}

    def __getitem__(self, place: Any) -> Any:
        return self._pairs[place]

    def __len__(self) -> int:
        return len(self._pairs)

    def answering(self, activity: ActivityData) -> Answering:
        """Those who answer an activity of this type."""
        key = (activity.type, activity.sale is not None)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(*key)
        return found

    def _work_out(self, type_: str, is_sale: bool) -> Answering:
        listening = [
            (one, rules)
            for one, rules in self
            if one.activity_types is None or type_ in one.activity_types
        ]

        def saying(name: str) -> list[With]:
            silent = getattr(Mechanic, name)
            return [pair for pair in listening if getattr(type(pair[0]), name) is not silent]

        evaluating = groupby(saying("evaluate"), key=lambda pair: pair[0].phase)
        return Answering(
            multiplying=tuple(saying("multipliers")),
            offering=tuple(saying("price_offers")) if is_sale else (),
            phases=tuple(tuple(members) for _phase, members in evaluating),
        )


_BOOKS: dict[int, tuple[int, Rulebook]] = {}


def rulebook(programme_id: int, rules_version: int) -> Rulebook:
    """The live rules of a programme, made once per version of them; mechanics without rules left out."""
    known = _BOOKS.get(programme_id)
    if known is None or known[0] != rules_version:
        pairs = [(one, live_rules(one, programme_id, rules_version)) for one in mechanics()]
        book = Rulebook((mechanic, rules) for mechanic, rules in pairs if rules)
        known = _BOOKS[programme_id] = (rules_version, book)
    return known[1]


def forget_rules() -> None:
    """Forget all loaded rules (a test rolled back)."""
    _RULES.clear()
    _BOOKS.clear()


@cache
def reason_texts() -> dict[str, str | Promise]:
    """All reason codes with their texts."""
    texts: dict[str, str | Promise] = {}
    for mechanic in mechanics():
        texts.update(mechanic.reasons)
    return texts
