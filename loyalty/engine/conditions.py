"""Conditions: ``fact op value`` triples, all of which must hold. A named list is a segment.

A fact may be several values at once (tags, plans, segments): “is” then means “one of them is”.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid
from loyalty.common.money import number_faults
from loyalty.engine.facts import OF_ACTIVITY, known_facts


def _is(fact: Any, value: Any) -> bool:
    if fact == value:
        return True
    return not isinstance(fact, str) and isinstance(fact, Container) and value in fact


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": _is,
    "ne": lambda fact, value: not _is(fact, value),
    "gte": lambda fact, value: fact is not None and fact >= value,
    "lte": lambda fact, value: fact is not None and fact <= value,
    "gt": lambda fact, value: fact is not None and fact > value,
    "lt": lambda fact, value: fact is not None and fact < value,
    "in": lambda fact, value: any(_is(fact, one) for one in value),
    "not_in": lambda fact, value: not any(_is(fact, one) for one in value),
    "contains": lambda fact, value: value in (fact or ()),
    "lacks": lambda fact, value: value not in (fact or ()),
}


ACTIVITY_FACTS = frozenset(OF_ACTIVITY)


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``fact op value``."""

    fact: str
    op: str
    value: Any

    def holds(self, facts: Callable[[str], Any]) -> bool:
        """Does it hold? A fact of another type than the value does not match."""
        try:
            return _OPERATORS[self.op](facts(self.fact), self.value)
        except TypeError:
            return False


def parse(raw: Iterable[Mapping[str, Any]], *, field: str = "audience") -> tuple[Condition, ...]:
    """Conditions from stored or sent JSON. Raises ``Invalid`` naming the first one at fault."""
    items = list(raw)
    for fault in faults(items, field=field):
        raise fault
    return tuple(Condition(item["fact"], item["op"], item["value"]) for item in items)


def faults(raw: Iterable[Any], *, field: str = "audience") -> Iterator[Invalid]:
    """What is wrong with conditions in themselves, each fault by its place: ``audience.0.value``."""
    for number, item in enumerate(raw):
        yield from _faults_of(item, where=f"{field}.{number}" if field else str(number))


def _faults_of(item: Any, *, where: str) -> Iterator[Invalid]:
    if not isinstance(item, Mapping) or set(item) != {"fact", "op", "value"}:
        wanted = _("A condition has a fact, an operator and a value.")
        yield Invalid("bad_condition", wanted, field=where)
        return
    fact, op, value = item["fact"], item["op"], item["value"]
    if not isinstance(fact, str) or (fact not in ACTIVITY_FACTS and fact not in known_facts()):
        text = _("There is no fact called “%(fact)s”.") % {"fact": str(fact)[:60]}
        yield Invalid("unknown_fact", text, field=f"{where}.fact")
    if not isinstance(op, str) or op not in _OPERATORS:
        text = _("Use one of: %(operators)s.") % {"operators": ", ".join(_OPERATORS)}
        yield Invalid("unknown_operator", text, field=f"{where}.op")
    elif op in ("in", "not_in") and not isinstance(value, list):
        yield Invalid("bad_condition", _("Give a list of values."), field=f"{where}.value")
        return
    yield from number_faults(value, field=f"{where}.value")


def operators() -> dict[str, str | Promise]:
    """The words for the ways to compare."""
    return {
        "eq": _("is"),
        "ne": _("is not"),
        "gte": _("is at least"),
        "lte": _("is at most"),
        "gt": _("is more than"),
        "lt": _("is less than"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "contains": _("holds"),
        "lacks": _("lacks"),
    }
