"""The plug of games: purchases give plays, a play or a claimed prize gives what it says.

The outcome is drawn by the command that records the play and stands in the activity's data, so that
whoever runs the activity again, in memory too, comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.games import selectors
from campaigns.games.effects import CountPlay, GivePlay, PayPlay, WinAmount, WinReward
from campaigns.games.rules.game import CREDIT, POINTS, GamePrize, GameTerms
from campaigns.games.rules.shortages import shortages
from campaigns.games.rules.words import game_sentence
from loyalty.common.errors import DomainError
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.ports import reward_stock
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.restrictions import price
from loyalty.engine.rules import applies
from loyalty.ledger.assets import unit_name
from loyalty.ledger.states import LotTerms

# data {"rule", "game", "number", "paid", "prize", "given"}; {"rule", "win", "prize"}.
PLAYED, WON = "game.played", "game.won"


class Games(Mechanic):
    """Every live game looks at every sale; played games give what was won."""

    name = "games"
    title: ClassVar = _("Games")
    phase = Phase.PROGRESS
    activity_types: ClassVar = frozenset({PURCHASE, PLAYED, WON})
    own_activities: ClassVar = frozenset({PLAYED, WON})
    reasons: ClassVar = {
        "play_earned": _("Plays of “%(game)s” for your purchase: %(plays)s"),
        "play_paid": _("Played “%(game)s”"),
        "game_played": _("Played “%(game)s”"),
        "game_won": _("Won in “%(game)s”"),
        "play_taken_back": _("A play of “%(game)s” taken back after a refund"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting_games()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        if activity.type == PURCHASE:
            return list(_earned(activity, rules, facts))
        game = next((one for one in rules if one.public_id == activity.data.get("rule")), None)
        if game is None:
            return []
        if activity.type == PLAYED:
            return list(_played(game, activity))
        return list(_won(game, game.prize(str(activity.data.get("prize", "")))))

    def oddities(self, rule: Any) -> Sequence[DomainError]:
        terms = rule.terms()
        if not isinstance(terms, GameTerms):
            return ()
        stock = reward_stock({one.reward for one in terms.prizes if one.reward})
        if not stock or (terms.is_draw and selectors.draw_of(terms.family) is not None):
            return ()
        return shortages(terms, stock=stock, given=selectors.given_so_far(terms.family))

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        seen: dict[str, GameTerms] = {}
        for game in promised(rules):
            seen.setdefault(game.family, game)
        unit = unit_name()
        return [
            with_its_end(game_sentence(one, currency=currency, unit=unit), one)
            for one in seen.values()
        ]


def _earned(activity: ActivityData, rules: Sequence[GameTerms], facts: Facts) -> Iterator[Effect]:
    seen: set[str] = set()
    for game in rules:
        if not game.tickets or game.family in seen or not applies(game, activity, facts):
            continue
        lines = game.restriction.lines(activity, worth=price)
        closes_at = game.closes_at
        if not lines or (closes_at is not None and closes_at <= activity.happened_at):
            continue
        seen.add(game.family)
        basis = tuple((line.number, line.net_minor) for line in lines)
        worth = sum(weight for _line, weight in basis)
        yield GivePlay(
            **_of(game, "play_earned", plays=game.tickets),
            basis=basis,
            asset=game.asset,
            amount=game.tickets,
            terms=LotTerms(expires_at=closes_at),
            keep=(game.restriction.minimum_minor, worth),
            used=game.used_policy,
        )


def _played(game: GameTerms, activity: ActivityData) -> Iterator[Effect]:
    paid = activity.data["paid"]
    if paid == "ticket":
        yield PayPlay(**_of(game, "play_paid"), asset=game.asset, amount=1)
    if paid == "points":
        amount = int(activity.data["points"])
        yield PayPlay(**_of(game, "play_paid"), asset=POINTS, amount=amount)
    counted = _of(game, "game_played")
    if game.budget is not None:
        counted["details"] = {**counted["details"], "budgeted": True}
    yield CountPlay(**counted)
    yield from _won(game, game.prize(activity.data["given"]))


def _won(game: GameTerms, prize: GamePrize) -> Iterator[Effect]:
    common = _of(game, "game_won")
    if prize.kind == "points":
        yield WinAmount(**common, asset=POINTS, amount=prize.points)
    elif prize.kind == "credit":
        yield WinAmount(**common, asset=CREDIT, amount=prize.amount_minor)
    elif prize.kind == "reward":
        yield WinReward(**common, reward=prize.reward)


def _of(game: GameTerms, reason: str, **details: Any) -> dict[str, Any]:
    """What every effect of a game says."""
    return {
        "mechanic": Games.name,
        "rule": game.public_id,
        "rule_name": game.name,
        "reason": reason,
        "details": {"game": game.name, **details},
    }


MECHANICS = (Games(),)
