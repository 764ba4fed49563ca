"""Shapes of the games API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from campaigns.games import selectors
from campaigns.games.models import Game
from campaigns.games.results import Proof, SeedView
from campaigns.games.selectors import Chances, GameFigures, PrizeFigures
from campaigns.games.services.seeds import seed_view
from loyalty.web.api import Body, Flag, PublicId


class PlayBody(Body):
    """Who plays, and whether points may pay for it."""

    member = PublicId(prefix="mem")
    with_points = Flag(required=False)


class ClaimBody(Body):
    """Whose prize it is."""

    member = PublicId(prefix="mem")


@dataclass(frozen=True)
class PrizeView:
    """A prize: ``odds_ppm`` of a million plays. When ``left`` is 0, ``instead`` is given (empty:
    nothing). Of a draw there are no odds: ``stock`` entries win it.
    """

    code: str
    name_vi: str
    name_en: str
    kind: str
    odds_ppm: int
    stock: int | None
    left: int | None
    instead: str


@dataclass(frozen=True)
class GameView:
    """A game. ``commitment`` is the SHA-256 of the seed that is used now.

    ``rests``: that seed cannot be opened, so nobody plays until the owner has looked after it.
    """

    id: str
    name: str
    way: str
    is_open: bool
    free_per_day: int
    points_cost: int
    tickets: int
    minimum_age: int
    registration: str
    legal_vi: str
    legal_en: str
    draws_at: datetime | None
    closes_at: datetime | None
    commitment: str
    rests: bool
    prizes: list[PrizeView]


@dataclass(frozen=True)
class DrawnPrizeView:
    """How often a prize was drawn and given, beside what its odds let expect."""

    code: str
    drawn: int
    expected: int
    given: int
    left: int | None


@dataclass(frozen=True)
class GameFiguresView:
    """A game so far. ``looks``: ``few`` plays to tell, ``usual`` or ``unusual`` beside its odds."""

    plays: int
    players: int
    free: int
    with_purchases: int
    with_points: int
    looks: str
    prizes: list[DrawnPrizeView]


@dataclass(frozen=True)
class RangeView:
    """The numbers that stand for a prize, both ends included."""

    prize: str
    first: int
    last: int


@dataclass(frozen=True)
class ProofView:
    """What checks a play. ``seed`` is empty until it is shown; its SHA-256 is ``commitment``.

    ``HMAC-SHA256(seed, message)``, read as four big-endian numbers of 64 bits: the first below
    ``2^64 - 2^64 mod 1000000``, modulo 1,000,000, is ``outcome_ppm``.
    """

    play: str
    game: str
    player: str
    number: int
    entry: int | None
    message: str
    commitment: str
    seed: str
    outcome_ppm: int | None
    prize: str
    given: str
    ranges: list[RangeView]


@dataclass(frozen=True)
class ChancesView:
    """What a member can play a game with now."""

    game: str
    name: str
    free: int
    tickets: int
    points_cost: int


@dataclass(frozen=True)
class SeedsView:
    """All seeds of a game, newest first."""

    game: str
    seeds: list[SeedView]


def _prize(one: PrizeFigures) -> PrizeView:
    return PrizeView(
        code=one.prize.code,
        name_vi=one.prize.name_vi,
        name_en=one.prize.name("en"),
        kind=one.prize.kind,
        odds_ppm=one.prize.odds_ppm,
        stock=one.prize.stock,
        left=one.left,
        instead=one.prize.instead,
    )


def present_game(row: Game) -> GameView:
    """A game for the API."""
    terms, seed = row.terms(), selectors.open_seed(row.family)
    return GameView(
        id=terms.family,
        name=row.name,
        way=terms.way,
        is_open=selectors.is_open(row),
        free_per_day=terms.free_per_day,
        points_cost=terms.points_cost,
        tickets=terms.tickets,
        minimum_age=terms.minimum_age,
        registration=terms.registration,
        legal_vi=row.legal_vi,
        legal_en=row.legal_en,
        draws_at=terms.draws_at,
        closes_at=terms.closes_at,
        commitment=seed.commitment if seed else "",
        rests=seed is not None and seed.is_lost,
        prizes=[_prize(one) for one in selectors.prize_states(terms)],
    )


def present_figures(found: GameFigures) -> GameFiguresView:
    """A game's figures for the API."""
    return GameFiguresView(
        plays=found.plays,
        players=found.players,
        free=found.by_paid.get("free", 0),
        with_purchases=found.by_paid.get("ticket", 0),
        with_points=found.by_paid.get("points", 0),
        looks=found.looks,
        prizes=[
            DrawnPrizeView(
                code=one.prize.code,
                drawn=one.drawn,
                expected=one.expected,
                given=one.given,
                left=one.left,
            )
            for one in found.prizes
        ],
    )


def present_proof(found: Proof) -> ProofView:
    """A play as anybody may check it."""
    row = found.play
    return ProofView(
        play=row.public_id,
        game=row.family,
        player=row.player,
        number=row.number,
        entry=row.entry,
        message=found.message,
        commitment=found.commitment,
        seed=found.seed,
        outcome_ppm=row.outcome_ppm,
        prize=row.prize,
        given=row.given,
        ranges=[RangeView(prize.code, first, last) for prize, first, last in found.ranges],
    )


def present_chances(row: Game, has: Chances) -> ChancesView:
    """A member's chances for the API."""
    return ChancesView(
        game=row.family,
        name=row.name,
        free=has.free,
        tickets=has.tickets,
        points_cost=row.points_cost,
    )


def present_seeds(game: str) -> SeedsView:
    """The seeds of a game for the API."""
    return SeedsView(game=game, seeds=[seed_view(one) for one in selectors.seeds(game)])
