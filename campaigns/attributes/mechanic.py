"""The plug of attributes: facts that every programme names for itself (``attribute.lines``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.utils.translation import get_language, gettext

from campaigns.attributes import selectors
from campaigns.attributes.rules import FACT_PREFIX, STATUS, AttributeTerms
from loyalty.common.values import changed
from loyalty.engine.fact_info import FactInfo, Kind
from loyalty.engine.plug import Mechanic, live_rules
from loyalty.engine.status import Status
from loyalty.tenancy.scope import current_programme


class Attributes(Mechanic):
    """Answers no activity; every rule may ask it what the programme knows of a member."""

    name = "attributes"
    names_facts: ClassVar[str] = FACT_PREFIX

    def load(self, programme_id: int) -> Sequence[AttributeTerms]:
        return selectors.attribute_terms()

    def joined_status(self, name: str, own: Status | None, other: Status) -> Status | None:
        """What is known of either card; where both say something, the card that lives is right."""
        if name != STATUS:
            return None
        return changed(own, data={**other.data, **own.data}) if own else other

    def named_facts(self) -> Mapping[str, FactInfo]:
        programme = current_programme()
        rules = live_rules(self, programme.pk, programme.rules_version)
        language = get_language() or programme.language
        return {one.fact: _info(one, language) for one in rules}

    def named_fact(self, world: Any, name: str) -> Any:
        status = world.status(STATUS)
        return status.data.get(name.removeprefix(FACT_PREFIX)) if status else None


def _info(terms: AttributeTerms, language: str) -> FactInfo:
    options = [(one, one) for one in terms.options]
    return FactInfo(
        label=terms.name(language),
        kind=cast("Kind", terms.kind),
        options=(lambda: options) if options else None,
        promise=_promise(terms, language) if terms.is_told else None,
    )


def _promise(terms: AttributeTerms, language: str) -> Callable[[str, Any], str | None]:
    name = terms.name(language)

    def told(op: str, value: Any) -> str | None:
        texts = {
            "gte": gettext("%(name)s: %(value)s or more"),
            "lte": gettext("%(name)s: %(value)s at most"),
            "eq": gettext("%(name)s: %(value)s"),
        }
        if isinstance(value, bool):
            return name if op == "eq" and value else None
        return texts[op] % {"name": name, "value": value} if op in texts else None

    return told


MECHANICS = (Attributes(),)
