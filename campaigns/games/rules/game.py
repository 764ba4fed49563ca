"""A game as a value: its prizes with their declared odds, what a play costs, what must be said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.games.rules.fairness import SCALE
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.ledger.assets import AssetView

POINTS, CREDIT = "points", "store_credit"
NOTHING, KINDS = "nothing", ("nothing", "points", "credit", "reward")
SPIN, SCRATCH, DRAW = "spin", "scratch", "draw"
MAX_PRIZES, MAX_WINNERS, MAX_STOCK, MAX_POINTS = 12, 500, 1_000_000, 1_000_000
PRIZE_KEYS = frozenset(
    "code name_vi name_en kind odds_ppm points amount_minor reward stock instead".split()
)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_TEXTS = {"code": 20, "name_vi": 60, "name_en": 60, "instead": 20, "reward": 40}
_NUMBERS = {
    "odds_ppm": SCALE,
    "points": MAX_POINTS,
    "amount_minor": MAX_MINOR,
    "stock": MAX_STOCK,
}
# As the cashback app opens it; what exists already stays as it is.
_CREDIT = AssetView(
    code=CREDIT,
    kind="money",
    name_vi="tiền hoàn",
    name_en="store credit",
    value_minor=1,
    value_units=1,
)


def plays_asset(family: str) -> str:
    """The code of the asset a game's plays are counted in, in the ledger."""
    return f"plays:{family}"


@dataclass(frozen=True, kw_only=True)
class GamePrize:
    """What can be won. ``odds_ppm`` of a million plays; of a draw ``stock`` is how many win it.

    ``stock`` ``None``: as many as are won. ``instead`` is what is given when the stock is gone: the
    code of a prize without stock; empty for nothing.
    """

    code: str
    name_vi: str
    name_en: str = ""
    kind: str = NOTHING
    odds_ppm: int = 0
    points: int = 0
    amount_minor: int = 0
    reward: str = ""
    stock: int | None = None
    instead: str = ""

    def name(self, language: str) -> str:
        """What the shop calls it in a language."""
        return self.name_vi if language.startswith("vi") else self.name_en or self.name_vi


NO_PRIZE = GamePrize(code="", name_vi="Chúc bạn may mắn lần sau", name_en="Nothing this time")


def read_prizes(
    raw: Any, *, known_rewards: Mapping[str, str]
) -> tuple[tuple[GamePrize, ...], tuple[tuple[int, str], ...]]:
    """Prizes as they were written, and (place, field) of each that makes no sense."""
    found: list[GamePrize] = []
    faults: list[tuple[int, str]] = []
    for place, one in enumerate(raw if isinstance(raw, list) else ()):
        wrong = next(_wrong(one, known_rewards), None)
        if wrong is not None:
            faults.append((place, wrong))
            continue
        found.append(GamePrize(**one))
    return tuple(found), tuple(faults)


def _wrong(one: Any, known_rewards: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(one, dict) or not set(one) <= PRIZE_KEYS:
        yield ""
        return
    for name, longest in _TEXTS.items():
        if not _is_text(one.get(name, ""), longest):
            yield name
    for name in ("code", "name_vi"):
        if not str(one.get(name, "")).strip():
            yield name
    if not _CODE.fullmatch(str(one.get("code", ""))):
        yield "code"
    for name, most in _NUMBERS.items():
        empty_is_right = name == "stock" and one.get(name) is None
        if not empty_is_right and not _is_whole(one.get(name, 0), most):
            yield name
    yield from _wrong_gift(one, known_rewards)


def _wrong_gift(one: Mapping[str, Any], known_rewards: Mapping[str, str]) -> Iterator[str]:
    """Each kind says its own value and no other's."""
    kind = one.get("kind", NOTHING)
    if kind not in KINDS:
        yield "kind"
        return
    given = {"points": ("points", 0), "credit": ("amount_minor", 0), "reward": ("reward", "")}
    for of, (name, empty) in given.items():
        if (one.get(name, empty) != empty) != (of == kind):
            yield name
    if kind == "reward" and one["reward"] not in known_rewards:
        yield "reward"


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and (value == "" or value.isprintable())


def _is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


@dataclass(frozen=True, kw_only=True)
class GameTerms(RuleTerms):
    """A game. ``family`` is the id of its first version: plays and the seed belong to the family.

    Args:
        way: ``spin``, ``scratch`` (an outcome at once) or ``draw`` (entries, drawn at ``draws_at``).
        faults: (place, field) of prizes that make no sense.
        restriction: what a purchase must hold for ``tickets`` plays.
        free_per_day: plays that cost nothing, each local day; ``points_cost`` of one more, 0: none.
        used_policy: when the purchase of a play that was played comes back: ``keep`` or ``owe`` (the
            next play earned fills it).
        minimum_age: in years; who has no birthday on file cannot play. 0: no such limit.
        needs_registration: where the law wants a registration number of a draw by lot.
        claim_days: a draw's prize waits so long; then ``redraws`` more are drawn, one at a time.
        one_win: a draw gives a member one prize at most.
        daily_seed: the seed is shown and replaced each night, not only in the end.
    """

    family: str = ""
    way: str = SPIN
    prizes: tuple[GamePrize, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()
    restriction: Restriction = EVERYTHING
    tickets: int = 0
    free_per_day: int = 0
    points_cost: int = 0
    used_policy: str = "keep"
    legal: tuple[str, str] = ("", "")
    registration: str = ""
    needs_registration: bool = False
    minimum_age: int = 0
    draws_at: datetime | None = None
    claim_days: int = 14
    redraws: int = 1
    one_win: bool = True
    daily_seed: bool = False

    @property
    def asset(self) -> str:
        """Where its plays are counted."""
        return plays_asset(self.family)

    @property
    def closes_at(self) -> datetime | None:
        """When nobody can play any more."""
        known = [at for at in (self.ends_at, self.draws_at) if at is not None]
        return min(known, default=None)

    @property
    def is_draw(self) -> bool:
        """Are entries drawn later?"""
        return self.way == DRAW

    def prize(self, code: str) -> GamePrize:
        """A prize by its code; nothing where there is none of it."""
        return next((one for one in self.prizes if one.code == code), NO_PRIZE)

    def outcome(self, number_ppm: int) -> GamePrize:
        """The prize a number from 0 to 999,999 stands for: ranges in the order of the list."""
        reached = 0
        for one in self.prizes:
            reached += one.odds_ppm
            if number_ppm < reached:
                return one
        raise AssertionError("odds add up to a million")

    def ranges(self) -> Iterator[tuple[GamePrize, int, int]]:
        """Each prize with the first and the last number that stand for it."""
        reached = 0
        for one in self.prizes:
            if one.odds_ppm:
                yield one, reached, reached + one.odds_ppm - 1
            reached += one.odds_ppm

    def places(self) -> Iterator[tuple[int, GamePrize]]:
        """The places of a draw, 1 first, each with its prize."""
        won = (one for one in self.prizes for _each in range(one.stock or 0))
        yield from enumerate(won, start=1)

    def counted_in(self) -> tuple[AssetView, ...]:
        plays = AssetView(
            code=self.asset,
            kind="counter",
            name_vi=f"lượt chơi {self.name}"[:60],
            name_en=f"plays of {self.name}"[:60],
            value_minor=0,
            value_units=1,
        )
        has_credit = any(one.kind == "credit" for one in self.prizes)
        return (plays, _CREDIT) if has_credit else (plays,)

    def problems(self) -> list[DomainError]:
        found = [*self.restriction.problems(), *_ranges(self), *self._prize_faults()]
        if self.used_policy not in ("keep", "owe"):
            found.append(Invalid("unknown_choice", _("Unknown choice."), field="used_policy"))
        if found or not self.prizes:
            return found
        return self._draw_faults() if self.is_draw else self._odds_faults()

    def _prize_faults(self) -> list[DomainError]:
        found: list[DomainError] = [
            Invalid(
                "bad_prize",
                _("Prize %(number)s: this is missing or makes no sense.") % {"number": place + 1},
                field=f"prizes.{place}.{name}" if name else f"prizes.{place}",
            )
            for place, name in self.faults
        ]
        codes = [one.code for one in self.prizes]
        if len(codes) > MAX_PRIZES:
            most = _("At most %(n)s prizes.") % {"n": MAX_PRIZES}
            found.append(Invalid("too_many", most, field="prizes"))
        if len(set(codes)) < len(codes):
            twice = _("Each prize has a code of its own.")
            found.append(Invalid("code_twice", twice, field="prizes"))
        return found

    def _odds_faults(self) -> list[DomainError]:
        found: list[DomainError] = []
        total = sum(one.odds_ppm for one in self.prizes)
        if total != SCALE:
            text = _(
                "The odds of all prizes, “nothing” included, add up to exactly 100%% (1,000,000 of a "
                "million). These add up to %(total)s."
            ) % {"total": total}
            found.append(
                Invalid("odds_do_not_add_up", text, field="prizes", params={"total_ppm": total})
            )
        endless = {one.code for one in self.prizes if one.stock is None}
        for place, one in enumerate(self.prizes):
            if one.instead and (one.stock is None or one.instead not in endless - {one.code}):
                wanted = _("What is given instead is another prize whose stock has no end.")
                found.append(Invalid("bad_substitute", wanted, field=f"prizes.{place}.instead"))
        return found

    def _draw_faults(self) -> list[DomainError]:
        found: list[DomainError] = []
        for place, one in enumerate(self.prizes):
            if not one.stock or one.kind == NOTHING or one.odds_ppm or one.instead:
                text = _(
                    "A draw's prize says how many win it, and no odds: each entry has the same."
                )
                found.append(Invalid("bad_prize", text, field=f"prizes.{place}.stock"))
        if not found and sum(one.stock or 0 for one in self.prizes) > MAX_WINNERS:
            most = _("At most %(n)s winners.") % {"n": MAX_WINNERS}
            found.append(Invalid("too_many", most, field="prizes"))
        return found

    def missing(self) -> list[DomainError]:
        """Nobody is asked to play before prizes, odds and the rules of taking part are told."""
        found: list[DomainError] = []
        needed = [
            ("prizes", bool(self.prizes), _("Say what can be won, and how likely it is.")),
            ("legal_vi", bool(self.legal[0]), _LEGAL),
            ("legal_en", bool(self.legal[1]), _LEGAL),
            (
                "free_per_day",
                bool(self.tickets or self.free_per_day or self.points_cost),
                _("Say how one comes to play: free plays a day, points, or with a purchase."),
            ),
        ]
        if self.is_draw:
            needed.append(("draws_at", self.draws_at is not None, _("Say when it is drawn.")))
        if self.needs_registration:
            needed.append(
                (
                    "registration",
                    bool(self.registration),
                    _(
                        "In Vietnam a draw, or a game of luck that comes with a purchase, is "
                        "registered first. Give the registration number."
                    ),
                )
            )
        found += [
            Invalid("required", text, field=field) for field, is_told, text in needed if not is_told
        ]
        return found


_LEGAL = _(
    "Say who may take part, from which age, how winners are drawn, the odds, and whom to ask; in "
    "Vietnamese and in English."
)


def _ranges(terms: GameTerms) -> Iterator[DomainError]:
    for name, value, most in (
        ("tickets", terms.tickets, 20),
        ("free_per_day", terms.free_per_day, 50),
        ("points_cost", terms.points_cost, MAX_POINTS),
        ("minimum_age", terms.minimum_age, 99),
        ("claim_days", terms.claim_days, 365),
        ("redraws", terms.redraws, 10),
    ):
        least = 1 if name == "claim_days" else 0
        if not least <= value <= most:
            text = _("Give a number from %(minimum)s to %(maximum)s.")
            given = {"minimum": least, "maximum": most}
            yield Invalid("out_of_range", text % given, field=name, params=given)


def age_on(day: date, birthday: date) -> int:
    """Whole years of age; who was born on 29 February has their day on 1 March in other years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))
