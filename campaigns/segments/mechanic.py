"""The plug of segments: one fact, ``segment``, that knows which of them the member is in."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.segments import selectors
from campaigns.segments.rules import FACT, SegmentTerms, list_name
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_texts
from loyalty.engine.plug import Mechanic, live_rules
from loyalty.engine.world import World


class Belonging(Container[object]):
    """The segments a member is in, by code: each looked at when it is asked for, and once."""

    def __init__(self, world: World, segments: dict[str, SegmentTerms]) -> None:
        self._world, self._segments = world, segments
        self._facts = Facts(world)
        self._known: dict[str, bool] = {}

    def __contains__(self, code: object) -> bool:
        if not isinstance(code, str) or code not in self._segments:
            return False
        if code not in self._known:
            self._known[code] = False  # should segments ever lean on each other in a circle
            self._known[code] = self._is_in(self._segments[code])
        return self._known[code]

    def _is_in(self, segment: SegmentTerms) -> bool:
        if segment.is_frozen:
            return segment.lists(self._world.status(list_name(segment.public_id)))
        conditions = segment.conditions(self._world.happened_at)
        return all(one.holds(self._fact) for one in conditions)

    def _fact(self, name: str) -> Any:
        return self if name == FACT else self._facts[name]


def _belonging(world: World) -> Belonging:
    rules = live_rules(SEGMENTS, world.terms.programme_id, world.terms.rules_version)
    return Belonging(world, {one.code: one for one in rules})


class Segments(Mechanic):
    """Answers no activity; every rule may ask it who is meant."""

    name = "segments"
    facts: ClassVar = {FACT: _belonging}
    fact_info: ClassVar = {
        FACT: FactInfo(
            label=_("segment"),
            kind="texts",
            options=selectors.segment_names,
            where=as_texts(selectors.members_in),
            promise=selectors.told,
        )
    }

    def load(self, programme_id: int) -> Sequence[SegmentTerms]:
        return selectors.segment_terms()


SEGMENTS = Segments()
MECHANICS = (SEGMENTS,)
