"""One play: may they, how is it paid, what is drawn, is there any left; then the engine gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.games import selectors
from campaigns.games.models import Play, PrizeStock, Seed
from campaigns.games.results import PlayResult, play_result
from campaigns.games.rules.fairness import SCALE, message_of, number_below, player_of
from campaigns.games.rules.game import NO_PRIZE, POINTS, GamePrize, GameTerms, age_on
from campaigns.games.services.seeds import secret_of
from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.models import Activity
from loyalty.engine.results import EffectView, effect_views
from loyalty.engine.rules import applies, capped
from loyalty.engine.run import run
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

PLAYED = "game.played"
BY_BOTH = ("games:write", "self:games")


@command(
    "games.play",
    label=_("Game played"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def play(ctx: Context, *, game: str, member: str, with_points: bool = False) -> PlayResult:
    """Play once: with a free play, else one earned by a purchase, else (``with_points``) for points.

    Raises ``NotFound`` (member, game), ``Refused`` (``member_not_active``, ``game_closed``,
    ``game_not_ready``, ``game_rests``, ``game_not_for_you``, ``birthday_needed``, ``too_young``, ``limit_reached``,
    ``no_play_left``, ``costs_points``, ``insufficient_balance``).
    """
    row = active(ctx)
    version = selectors.access_game(game)
    terms = version.terms()
    seed = selectors.open_seed(terms.family)
    if not selectors.is_open(version, at=ctx.now):
        raise Refused("game_closed", _("This game is not played now."), field="game")
    if seed is None:
        raise Refused(
            "game_not_ready", _("This game opens in a moment. Please try again."), field="game"
        )
    secret = secret_of(seed)
    world = DatabaseWorld.within(ctx, row)
    activity = ActivityData(
        type=PLAYED, key=new_id("ply"), public_id=new_id("act"), happened_at=ctx.now
    )
    _check(ctx, terms, activity, Facts(world), row)
    made = Play(
        programme=ctx.programme,
        public_id=activity.key,
        family=terms.family,
        rule=terms.public_id,
        member=row,
        player=player_of(terms.family, row.public_id),
        number=selectors.last_number(terms.family, row) + 1,
        seed=seed,
        paid=_payment(ctx, terms, world, row, with_points=with_points),
        activity=activity.public_id,
        played_at=ctx.now,
    )
    given = _drawn(ctx, terms, made, secret)
    data = {
        "rule": terms.public_id,
        "game": terms.family,
        "number": made.number,
        "paid": made.paid,
        "points": terms.points_cost if made.paid == Play.Paid.POINTS else 0,
        "prize": made.prize,
        "given": made.given,
    }
    effects = record(ctx, world, replace(activity, data=data), row)
    made.save(force_insert=True)
    told = {
        "play": made.public_id,
        "game": terms.family,
        "member": row.public_id,
        "given": made.given,
        "entry": made.entry,
    }
    publish(ctx, "game.played", subject=row.public_id, data=told)
    ctx.about(row.public_id, **told)
    return play_result(made, given, effects=effects)


def record(
    ctx: Context, world: DatabaseWorld, activity: ActivityData, row: Member
) -> tuple[EffectView, ...]:
    """Keep the activity and what it has for effects, with everything in the command's transaction."""
    stored = Activity(
        programme=ctx.programme,
        public_id=activity.public_id,
        member=row,
        type=activity.type,
        key=activity.key,
        happened_at=activity.happened_at,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=ctx.actor.location_id,
        data=dict(activity.data),
    )
    stored.save(force_insert=True)
    world.row = stored
    outcome = run(world, activity)
    effects = effect_views(outcome.effects)
    world.write(ctx)
    return effects


def active(ctx: Context) -> Member:
    """The locked member. Raises ``NotFound``, ``Refused`` (``member_not_active``)."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    return row


def _check(
    ctx: Context, terms: GameTerms, activity: ActivityData, facts: Facts, row: Member
) -> None:
    if not applies(terms, activity, facts):
        raise Refused(
            "game_not_for_you", _("This game is not open to this card now."), field="game"
        )
    if terms.minimum_age:
        if row.birthday is None:
            raise Refused(
                "birthday_needed",
                _("This game is for people from %(age)s on. Put your birthday in your profile.")
                % {"age": terms.minimum_age},
                field="member",
            )
        if age_on(local_day(ctx.now, ctx.programme.timezone), row.birthday) < terms.minimum_age:
            raise Refused(
                "too_young",
                _("This game is for people from %(age)s on.") % {"age": terms.minimum_age},
                field="member",
            )
    if not capped(terms, 1, facts, at=ctx.now):
        raise Refused(
            "limit_reached", _("That is all for now: the limit of plays is reached."), field="game"
        )


def _payment(
    ctx: Context, terms: GameTerms, world: DatabaseWorld, row: Member, *, with_points: bool
) -> Play.Paid:
    """How this play is paid. The engine takes it; what is not there refuses the play whole."""
    if selectors.free_left(terms, row, at=ctx.now):
        return Play.Paid.FREE
    if world.book.available(terms.asset) > 0:
        return Play.Paid.TICKET
    if not terms.points_cost:
        raise Refused("no_play_left", _("There is no play left for now."), field="game")
    if not with_points:
        raise Refused(
            "costs_points",
            _("The next play costs %(points)s points.") % {"points": terms.points_cost},
            field="with_points",
            params={"points": terms.points_cost},
        )
    world.book.available(POINTS)
    return Play.Paid.POINTS


def _drawn(ctx: Context, terms: GameTerms, made: Play, secret: str) -> GamePrize:
    """Draw the outcome (of a draw: take an entry number) and put it on the play."""
    if terms.is_draw:
        still = Seed.objects.filter(pk=made.seed_id, closed_at=None)
        # The draw closes the seed first: an entry is before it, with a number, or not at all.
        if not still.update(entries=F("entries") + 1):
            raise Refused("game_closed", _("This game is not played now."), field="game")
        made.entry = still.values_list("entries", flat=True).get()
        return NO_PRIZE
    message = message_of(terms.family, made.player, made.number)
    made.outcome_ppm = number_below(secret, message, SCALE)
    prize = terms.outcome(made.outcome_ppm)
    made.prize = prize.code
    given = prize if _take(ctx, terms, prize) else _substitute(terms, prize)
    made.given = given.code
    return given


def _substitute(terms: GameTerms, prize: GamePrize) -> GamePrize:
    return terms.prize(prize.instead) if prize.instead else NO_PRIZE


def _take(ctx: Context, terms: GameTerms, prize: GamePrize) -> bool:
    """Take one of the stock by one conditional update; false where there is none left.

    It happens before anything is written: what is given is decided once, in this transaction, so
    nothing is ever given by half. Only plays that win the same rare prize wait for each other.
    """
    if prize.stock is None:
        return True
    which: Mapping[str, Any] = {"family": terms.family, "code": prize.code}
    rows = PrizeStock.objects.filter(**which)
    if not rows.exists():
        fresh = PrizeStock(programme=ctx.programme, **which)
        PrizeStock.objects.bulk_create([fresh], ignore_conflicts=True)
    return bool(rows.filter(given__lt=prize.stock).update(given=F("given") + 1))
