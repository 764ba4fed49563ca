"""The coalition's say in every sale: a merchant issues and takes points by its terms, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.coalition import selectors
from campaigns.coalition.effects import check_issuing
from campaigns.coalition.rules import Terms
from loyalty.engine.plug import Mechanic, Moving, Phase


class Coalition(Mechanic):
    """Offers no effects: it agrees to those of others, or refuses the sale."""

    name = "coalition"
    phase = Phase.STATUS
    title = gettext_lazy("Where the card is good")
    facts: ClassVar = {}

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.all_terms(programme_id)

    def agree(self, rules: Sequence[Any], moving: Moving) -> None:
        check_issuing(rules, moving)

    def in_words(self, rules: Sequence[Terms], *, currency: str) -> list[str]:
        shops = selectors.open_today(rules)
        if not shops:
            return []
        names = ", ".join(one.merchant_name for one in shops)
        return [
            _("Points are collected and used at: %(shops)s.") % {"shops": names},
            _("Points of a shop that leaves stay good at all others."),
        ]


MECHANICS = (Coalition(),)
