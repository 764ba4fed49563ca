"""A game in words: what it costs, what can be won and how likely, as members read it."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_percent
from django.utils.translation import get_language, gettext, ngettext

from campaigns.games.rules.fairness import SCALE
from campaigns.games.rules.game import NO_PRIZE, NOTHING, GamePrize, GameTerms
from loyalty.common import naming
from loyalty.web import formats


def odds_text(ppm: int) -> str:
    """Of a million: 12500 -> `1.25%`; to the last digit."""
    share = Decimal(ppm) / SCALE
    return str(format_percent(share, format="#,##0.####%", locale=formats.locale()))


def prize_name(prize: GamePrize) -> str:
    """What the shop calls it, in the reader's language."""
    return prize.name(get_language() or "vi")


def prize_text(terms: GameTerms, prize: GamePrize) -> str:
    """A prize with its odds, and what becomes of them when the stock is gone."""
    values = {"prize": prize_name(prize), "odds": odds_text(prize.odds_ppm), "n": prize.stock}
    if terms.is_draw:
        return gettext("%(n)s × %(prize)s") % values
    if prize.stock is None:
        return gettext("%(prize)s: %(odds)s") % values
    values["instead"] = prize_name(terms.prize(prize.instead) if prize.instead else NO_PRIZE)
    if prize.instead and terms.prize(prize.instead).kind != NOTHING:
        text = gettext("%(prize)s: %(odds)s, as long as there are some of %(n)s; then %(instead)s")
    else:
        text = gettext("%(prize)s: %(odds)s, as long as there are some of %(n)s; then nothing")
    return text % values


def costs_text(terms: GameTerms, *, currency: str, unit: str = "") -> str:
    """How one comes to play; ``unit`` is what the shop calls its points."""
    told = []
    if terms.free_per_day:
        text = ngettext(
            "%(n)s play a day is free", "%(n)s plays a day are free", terms.free_per_day
        )
        told.append(text % {"n": terms.free_per_day})
    if terms.tickets:
        text = ngettext(
            "a purchase of at least %(amount)s gives %(n)s play",
            "a purchase of at least %(amount)s gives %(n)s plays",
            terms.tickets,
        )
        plain = ngettext(
            "a purchase gives %(n)s play", "a purchase gives %(n)s plays", terms.tickets
        )
        minimum = terms.restriction.minimum_minor
        amount = formats.money_text(minimum, currency=currency)
        told.append((text if minimum else plain) % {"n": terms.tickets, "amount": amount})
    if terms.points_cost:
        points = formats.points_text(terms.points_cost, unit=unit)
        told.append(gettext("a play costs %(points)s") % {"points": points})
    return "; ".join(told)


def game_sentence(terms: GameTerms, *, currency: str, unit: str = "") -> str:
    """The promise of a game, for the page of rules; ``unit`` is what the shop calls its points."""
    values = {
        "game": naming.told(terms.name),
        "costs": costs_text(terms, currency=currency, unit=unit),
        "prizes": "; ".join(prize_text(terms, one) for one in terms.prizes),
        "day": formats.instant_text(terms.draws_at) if terms.draws_at else "",
    }
    texts = {
        "spin": gettext("Wheel “%(game)s”: %(costs)s. Odds: %(prizes)s."),
        "scratch": gettext("Scratch card “%(game)s”: %(costs)s. Odds: %(prizes)s."),
        "draw": gettext(
            "Draw “%(game)s” on %(day)s: %(costs)s. Each entry has the same chance. Prizes: %(prizes)s."
        ),
    }
    return texts[terms.way] % values
