"""Prizes that promise more of a reward than the shop has of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from campaigns.games.rules.game import GameTerms
from campaigns.games.rules.words import prize_name
from loyalty.common.errors import DomainError, Refused
from loyalty.web import formats

_ENDLESS = _(
    "“%(prize)s” has no end here, and of its reward only %(left)s are left. Raise the reward's "
    "stock, or say how many can be won."
)
_TOO_MANY = _(
    "%(promised)s of “%(prize)s” are promised, and of the reward only %(left)s are left. Raise the "
    "reward's stock, or promise fewer."
)


def shortages(
    terms: GameTerms, *, stock: Mapping[str, int], given: Mapping[str, int]
) -> list[DomainError]:
    """What to look at, at the stock of each prize that may not be there when it is won.

    Args:
        stock: what is left of rewards that run out, by public id.
        given: how many of each prize were given, by its code: those are out of the stock already.
    """
    promised: dict[str, int] = defaultdict(int)
    found: list[DomainError] = []
    for place, one in enumerate(terms.prizes):
        if one.reward not in stock:
            continue
        left, field = stock[one.reward], f"prizes.{place}.stock"
        told = {"prize": prize_name(one), "left": formats.number_text(left)}
        if one.stock is None:
            found.append(Refused("reward_may_run_out", _ENDLESS % told, field=field))
            continue
        promised[one.reward] += max(one.stock - given.get(one.code, 0), 0)
        if promised[one.reward] > left:
            told["promised"] = formats.number_text(promised[one.reward])
            found.append(Refused("reward_may_run_out", _TOO_MANY % told, field=field))
    return found
