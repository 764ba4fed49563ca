"""What commands of games answer, and what checks a play: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from campaigns.games.models import Play, Win
from campaigns.games.rules.game import GamePrize
from loyalty.engine.results import EffectView


@dataclass(frozen=True, kw_only=True)
class PlayResult:
    """A play. ``given`` differs from ``prize`` when its stock was gone (``is_substitute``).

    ``outcome_ppm`` is the number from 0 to 999,999 that was drawn. Of a draw there is only an
    ``entry``, and the prize comes with the draw.
    """

    play: str
    game: str
    member: str
    number: int
    paid: str
    entry: int | None
    outcome_ppm: int | None
    prize: str
    given: str
    name_vi: str
    name_en: str
    is_substitute: bool
    commitment: str
    played_at: datetime
    effects: tuple[EffectView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WinView:
    """A drawn place. ``turn`` 0 was drawn first, 1 instead of who did not claim."""

    id: str
    place: int
    turn: int
    entry: int
    player: str
    prize: str
    name_vi: str
    name_en: str
    state: str
    claim_until: datetime


@dataclass(frozen=True, kw_only=True)
class DrawView:
    """A draw: by which list (its SHA-256), and who won."""

    id: str
    game: str
    entries: int
    list_hash: str
    commitment: str
    seed: str
    drawn_at: datetime
    wins: tuple[WinView, ...]


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A drawn prize as it was handed over."""

    win: str
    member: str
    prize: str
    effects: tuple[EffectView, ...]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A prize nobody claimed: who was drawn instead, if anybody (id of the new win)."""

    win: str
    state: str
    instead: str


@dataclass(frozen=True, kw_only=True)
class SeedView:
    """A game's seed: its commitment from the first, the seed itself once it is shown.

    ``is_lost``: it cannot be opened, being sealed with a secret key this server does not know.
    """

    number: int
    commitment: str
    opened_at: datetime
    closed_at: datetime | None
    revealed_at: datetime | None
    seed: str
    is_lost: bool


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What checks a play: everything but the seed from the first, the seed once it is shown.

    ``is_lost``: the seed cannot be shown, it was sealed with a key this server does not know.
    """

    play: Play
    message: str
    commitment: str
    seed: str
    is_lost: bool
    ranges: tuple[tuple[GamePrize, int, int], ...]


def play_result(row: Play, prize: GamePrize, *, effects: tuple[EffectView, ...] = ()) -> PlayResult:
    """A play with what was given."""
    return PlayResult(
        play=row.public_id,
        game=row.family,
        member=row.member.public_id,
        number=row.number,
        paid=str(row.paid),
        entry=row.entry,
        outcome_ppm=row.outcome_ppm,
        prize=row.prize,
        given=row.given,
        name_vi=prize.name_vi if row.entry is None else "",
        name_en=prize.name("en") if row.entry is None else "",
        is_substitute=row.prize != row.given,
        commitment=row.seed.commitment,
        played_at=row.played_at,
        effects=effects,
    )


def win_view(row: Win, prize: GamePrize) -> WinView:
    """A drawn place with its prize."""
    assert row.play.entry is not None
    return WinView(
        id=row.public_id,
        place=row.place,
        turn=row.turn,
        entry=row.play.entry,
        player=row.play.player,
        prize=row.prize,
        name_vi=prize.name_vi,
        name_en=prize.name("en"),
        state=str(row.state),
        claim_until=row.claim_until,
    )
