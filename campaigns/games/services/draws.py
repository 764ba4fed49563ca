"""Draws by lot: from the committed seed and the list of entries; claims, and whom nobody heard of."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from campaigns.games import selectors
from campaigns.games.models import Draw, Play, Seed, Win
from campaigns.games.results import Claimed, DrawView, Settled, win_view
from campaigns.games.rules.fairness import list_hash, list_text, pick
from campaigns.games.rules.game import GameTerms
from campaigns.games.services.plays import BY_BOTH, active, record
from campaigns.games.services.seeds import game_to_lock, secret_of, the_game
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import NotFound, Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.outbox.services import publish
from members.profiles.selectors import member_to_lock

WON = "game.won"


@command(
    "games.draw",
    label=_("Winners drawn"),
    permission="games:write",
    lock=lambda *, game: game_to_lock(game),
)
def draw(ctx: Context, *, game: str) -> DrawView:
    """Draw the winners, at the announced time or after it, once.

    Every place is ``HMAC(seed, game | draw | hash of the list | place | 0)``; the seed is shown with
    the results. Cards that are erased or on hold are not on the list.

    Raises ``NotFound``, ``Refused`` (``not_a_draw``, ``too_early``, ``drawn_already``,
    ``game_not_ready``, ``game_rests``).
    """
    row = the_game(ctx, game)
    terms = row.terms()
    seed = selectors.open_seed(terms.family)
    if terms.draws_at is None:
        raise Refused("not_a_draw", _("This game is no draw."), field="game")
    if ctx.now < terms.draws_at:
        raise Refused(
            "too_early", _("It is drawn at the announced time, not before."), field="game"
        )
    if selectors.draw_of(terms.family) is not None:
        raise Refused("drawn_already", _("The winners are drawn already."), field="game")
    if seed is None:
        raise Refused("game_not_ready", _("Nobody could take part yet."), field="game")
    secret = secret_of(seed)
    # From here on nobody enters any more; an entry on its way is waited for.
    Seed.objects.filter(pk=seed.pk).update(closed_at=ctx.now, revealed_at=ctx.now, shown=secret)
    entries = [one for one in selectors.entries_of(terms.family) if selectors.is_active(one.member)]
    listed = list_text((one.entry or 0, one.player) for one in entries)
    made = Draw.objects.create(
        programme=ctx.programme,
        family=terms.family,
        rule=terms.public_id,
        seed=Seed.objects.get(pk=seed.pk),
        entries=len(entries),
        listed=listed,
        list_hash=list_hash(listed),
        drawn_by=ctx.actor.label[:200],
        drawn_at=ctx.now,
    )
    won: list[Win] = []
    for place, prize in terms.places():
        found = _winner(terms, made, place=place, turn=0, entries=entries, won=won)
        if found is None:
            break
        won.append(_win(ctx, terms, made, found, place=place, turn=0, prize=prize.code))
    told = {"game": terms.family, "draw": made.public_id, "entries": made.entries, "wins": len(won)}
    publish(ctx, "game.drawn", subject=terms.family, data=told)
    ctx.about(row.public_id, **told)
    return draw_view(made, terms)


def _winner(
    terms: GameTerms, made: Draw, *, place: int, turn: int, entries: list[Play], won: list[Win]
) -> Play | None:
    """The entry a place falls to, among those that did not win yet; ``None`` where none is left."""
    gone = {one.play_id for one in won}
    people = {_person(one.play) for one in won} if terms.one_win else set()
    able = {
        one.entry or 0: one for one in entries if one.pk not in gone and _person(one) not in people
    }
    if not able:
        return None
    number = pick(
        secret_of(made.seed),
        game=made.family,
        hash_of_list=made.list_hash,
        place=place,
        turn=turn,
        among=list(able),
    )
    return able[number]


def _person(entry: Play) -> int:
    return entry.member.merged_into_id or entry.member_id


def _win(
    ctx: Context, terms: GameTerms, made: Draw, entry: Play, *, place: int, turn: int, prize: str
) -> Win:
    row = Win.objects.create(
        programme=ctx.programme,
        draw=made,
        play=entry,
        place=place,
        turn=turn,
        prize=prize,
        claim_until=ctx.now + timedelta(days=terms.claim_days),
    )
    person = entry.member.merged_into or entry.member
    told = {
        "game": made.family,
        "win": row.public_id,
        "member": person.public_id,
        "prize": prize,
        "claim_until": row.claim_until.isoformat(),
    }
    publish(ctx, "game.prize_drawn", subject=person.public_id, data=told)
    return row


@command(
    "games.claim",
    label=_("Drawn prize claimed"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def claim(ctx: Context, *, win: str, member: str) -> Claimed:
    """Hand a drawn prize over to its winner, in time and once.

    Raises ``NotFound``, ``Refused`` (``member_not_active``, ``claimed_already``, ``claim_too_late``).
    """
    person = active(ctx)
    row = selectors.access_win(win)
    if person.pk not in (row.play.member_id, row.play.member.merged_into_id):
        raise NotFound("win_not_found", _("There is no such drawn prize."), field="win")
    if row.state == Win.State.CLAIMED:
        raise Refused("claimed_already", _("This prize is claimed already."), field="win")
    waiting = Win.objects.filter(pk=row.pk, state=Win.State.WAITING, claim_until__gt=ctx.now)
    if not waiting.update(state=Win.State.CLAIMED, claimed_at=ctx.now):
        raise Refused("claim_too_late", _("The time to claim this prize is over."), field="win")
    activity = ActivityData(
        type=WON,
        key=row.public_id,
        public_id=new_id("act"),
        happened_at=ctx.now,
        data={"rule": row.draw.rule, "win": row.public_id, "prize": row.prize},
    )
    effects = record(ctx, DatabaseWorld.within(ctx, person), activity, person)
    told = {"win": row.public_id, "game": row.draw.family, "prize": row.prize}
    publish(ctx, "game.prize_claimed", subject=person.public_id, data=told)
    ctx.about(person.public_id, **told)
    return Claimed(win=row.public_id, member=person.public_id, prize=row.prize, effects=effects)


def _game_of_win(win: str) -> Lock:
    row = Win.objects.select_related("draw").filter(public_id=win).first()
    return game_to_lock(row.draw.family if row else "")


@command(
    "games.settle_win",
    label=_("Prize nobody claimed drawn again"),
    permission="games:write",
    lock=lambda *, win: _game_of_win(win),
)
def settle_win(ctx: Context, *, win: str) -> Settled:
    """Let a prize lapse whose time to claim is over, and draw its substitute where rules say so.

    Raises ``NotFound``.
    """
    row = selectors.access_win(win)
    late = Win.objects.filter(pk=row.pk, state=Win.State.WAITING, claim_until__lte=ctx.now)
    instead = ""
    if late.update(state=Win.State.LAPSED):
        terms = selectors.version_of(row.draw.rule).terms()
        if row.turn < terms.redraws:
            instead = _redraw(ctx, terms, row)
        told = {"win": win, "game": row.draw.family, "instead": instead}
        publish(ctx, "game.prize_lapsed", subject=row.play.member.public_id, data=told)
    row.refresh_from_db(fields=["state"])
    ctx.about(row.draw.family, win=win, instead=instead)
    return Settled(win=win, state=str(row.state), instead=instead)


def _redraw(ctx: Context, terms: GameTerms, row: Win) -> str:
    entries = [one for one in selectors.entries_of(terms.family) if selectors.is_active(one.member)]
    won, turn = selectors.wins(row.draw), row.turn + 1
    found = _winner(terms, row.draw, place=row.place, turn=turn, entries=entries, won=won)
    if found is None:
        return ""
    made = _win(ctx, terms, row.draw, found, place=row.place, turn=turn, prize=row.prize)
    return str(made.public_id)


def draw_view(made: Draw, terms: GameTerms) -> DrawView:
    """A draw with its winners."""
    return DrawView(
        id=made.public_id,
        game=made.family,
        entries=made.entries,
        list_hash=made.list_hash,
        commitment=made.seed.commitment,
        seed=made.seed.shown,
        drawn_at=made.drawn_at,
        wins=tuple(win_view(one, terms.prize(one.prize)) for one in selectors.wins(made)),
    )
