"""A game's seeds: committed to before the first play, shown when the last one drawn by it is done."""

from __future__ import annotations

import secrets

from django.utils.translation import gettext_lazy as _

from campaigns.games import selectors
from campaigns.games.models import Game, Seed
from campaigns.games.results import SeedView
from campaigns.games.rules.fairness import commitment, opened, sealed
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import NotFound, Refused
from loyalty.common.sealing import BrokenSealError
from loyalty.outbox.services import publish


def game_to_lock(game: str) -> Lock:
    """What is done to a game's seeds and draw waits in line at its first version, which never changes."""
    named = Game.objects.filter(public_id=game).first()
    return Lock(rows=Game.objects.filter(public_id=named.family if named else ""))


def the_game(ctx: Context, game: str) -> Game:
    """The newest published version of the locked game. Raises ``NotFound``."""
    if not ctx.locked:
        raise NotFound("game_not_found", _("There is no such game."), field="game")
    return selectors.access_game(game)


def secret_of(seed: Seed) -> str:
    """The seed itself, for drawing by it. Raises ``Refused`` (``game_rests``).

    It cannot be opened where the server's secret key was changed and the old one not named.
    """
    try:
        return seed.shown or opened(seed.sealed)
    except BrokenSealError as error:
        raise Refused(
            "game_rests",
            _("This game rests until the shop has looked after it. Nothing was spent."),
            field="game",
        ) from error


@command(
    "games.look_after",
    label=_("Seeds of a game looked after"),
    permission="games:write",
    lock=lambda *, game: game_to_lock(game),
)
def look_after(ctx: Context, *, game: str) -> tuple[SeedView, ...]:
    """Open a seed where plays need one, close it when the game (or the day) is over, show it after.

    Raises ``NotFound``. Doing it twice changes nothing. A draw's seed is closed by the draw alone.
    """
    row = the_game(ctx, game)
    family = row.family
    now_open = selectors.open_seed(family)
    if now_open is not None and selectors.is_spent(row, now_open, at=ctx.now):
        now_open.closed_at = ctx.now
        now_open.save(update_fields=["closed_at"])
        now_open = None
    is_done = selectors.is_over(row, at=ctx.now) or selectors.draw_of(family) is not None
    if now_open is None and not is_done:
        _open(ctx, family)
    _reveal(ctx, family)
    found = selectors.seeds(family)
    ctx.about(row.public_id, seeds=len(found))
    return tuple(seed_view(one) for one in found)


@command(
    "games.renew_seed",
    label=_("New seed of a game chosen"),
    permission="games:write",
    lock=lambda *, game: game_to_lock(game),
)
def renew_seed(ctx: Context, *, game: str) -> tuple[SeedView, ...]:
    """Choose another seed for a game that rests, its seed being sealed with a lost key.

    Plays and entries stay; the numbers of a draw's entries go on. The old seed is shown should its
    key come back. A seed that can be opened is never replaced: nobody chooses until they like it.

    Raises ``NotFound``, ``Refused`` (``seed_is_good``).
    """
    row = the_game(ctx, game)
    lost = selectors.open_seed(row.family)
    if lost is None or not lost.is_lost:
        raise Refused("seed_is_good", _("This game needs no new seed."), field="game")
    lost.closed_at = ctx.now
    lost.save(update_fields=["closed_at"])
    told = {"game": row.family, "commitment": lost.commitment}
    publish(ctx, "game.seed_lost", subject=row.family, data=told)
    if not selectors.is_over(row, at=ctx.now) or row.draws_at is not None:
        _open(ctx, row.family, entries=lost.entries)
    ctx.about(row.public_id, **told)
    return tuple(seed_view(one) for one in selectors.seeds(row.family))


def _open(ctx: Context, family: str, *, entries: int = 0) -> None:
    secret = secrets.token_hex(32)
    row = Seed.objects.create(
        programme=ctx.programme,
        family=family,
        number=Seed.objects.filter(family=family).count() + 1,
        sealed=sealed(secret),
        commitment=commitment(secret),
        entries=entries,
        opened_at=ctx.now,
    )
    told = {"game": family, "commitment": row.commitment}
    publish(ctx, "game.seed_committed", subject=family, data=told)


def _reveal(ctx: Context, family: str) -> None:
    for row in Seed.objects.filter(family=family, revealed_at=None):
        if not selectors.can_show(row, at=ctx.now):
            continue
        row.revealed_at, row.shown = ctx.now, opened(row.sealed)
        row.save(update_fields=["revealed_at", "shown"])
        told = {"game": family, "commitment": row.commitment, "seed": row.shown}
        publish(ctx, "game.seed_revealed", subject=family, data=told)


def seed_view(row: Seed) -> SeedView:
    """A seed as a value."""
    return SeedView(
        number=row.number,
        commitment=row.commitment,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        revealed_at=row.revealed_at,
        seed=row.shown,
        is_lost=row.is_lost,
    )
