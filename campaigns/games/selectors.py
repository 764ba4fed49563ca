"""Reads about games: what is played now, who played, what was given, and how to check it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.games.models import Draw, Game, Play, PrizeStock, Seed, Win
from campaigns.games.results import Proof
from campaigns.games.rules.fairness import message_of
from campaigns.games.rules.figures import hint
from campaigns.games.rules.game import NO_PRIZE, POINTS, GamePrize, GameTerms
from campaigns.games.rules.words import odds_text, prize_name
from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.rules import period_start
from loyalty.engine.selectors import counting_rules
from loyalty.ledger.selectors import balances
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member

# A play that saw a seed open is committed long before it is shown.
GRACE = timedelta(minutes=5)
_RUNNING = (Game.State.LIVE, Game.State.PILOT)


@dataclass(frozen=True, kw_only=True)
class Chances:
    """What a member can play with now: free plays left today, plays earned, points they have."""

    free: int
    tickets: int
    points: int

    def may_play(self, terms: GameTerms) -> bool:
        """Is there anything to play with?"""
        return bool(self.free or self.tickets or self.for_points(terms))

    def for_points(self, terms: GameTerms) -> bool:
        """Could the next play be paid with points?"""
        return 0 < terms.points_cost <= self.points


@dataclass(frozen=True, kw_only=True)
class PrizeFigures:
    """A prize as it stands: ``drawn`` by lot, ``given`` (as a substitute too), ``left`` of its stock."""

    prize: GamePrize
    drawn: int
    given: int
    expected: int
    left: int | None
    substitute: GamePrize | None

    @property
    def is_gone(self) -> bool:
        """Is its stock gone?"""
        return self.left == 0

    @property
    def odds(self) -> str:
        """Its odds in percent."""
        return odds_text(self.prize.odds_ppm)

    @property
    def name(self) -> str:
        """What it is called, in the reader's language."""
        return prize_name(self.prize)

    @property
    def instead(self) -> str:
        """What is given when it is gone, in the reader's language."""
        return prize_name(self.substitute) if self.substitute else ""


@dataclass(frozen=True, kw_only=True)
class GameFigures:
    """A game's plays so far; ``looks`` like the odds: ``few``, ``usual`` or ``unusual``."""

    plays: int
    players: int
    by_paid: dict[str, int]
    prizes: tuple[PrizeFigures, ...]
    looks: str


def counting_games() -> list[GameTerms]:
    """Every version of a game that may count, newest version of a family first."""
    rows = counting_rules(Game)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]


def games(*, open_only: bool = False) -> list[Game]:
    """The newest version of each published game, newest first; ``open_only``: played now."""
    published = Game.objects.select_related("replaces", "programme").exclude(state=Game.State.DRAFT)
    replaced = published.filter(replaces__isnull=False).values("replaces")
    rows = published.exclude(pk__in=replaced).order_by("-priority", "-id")
    return [row for row in rows if not open_only or is_open(row)]


def is_open(row: Game, *, at: datetime | None = None) -> bool:
    """Can it be played at this instant, by those it is for?"""
    at = at or clock_now()
    ends = (row.ends_at, row.draws_at if row.way == Game.Way.DRAW else None)
    return (
        row.state in _RUNNING
        and (row.starts_at is None or row.starts_at <= at)
        and all(end is None or at < end for end in ends)
    )


def access_game(public_id: str) -> Game:
    """The newest published version of a game, by the id of any version. Raises ``NotFound``."""
    named = Game.objects.filter(public_id=public_id).first()
    family = named.family if named else ""
    found = next((one for one in games() if one.family == family), None)
    if found is None:
        raise NotFound("game_not_found", _("There is no such game."), field="game")
    return found


def version_of(public_id: str) -> Game:
    """One version of a game, by which something was played."""
    return Game.objects.select_related("programme").get(public_id=public_id)


def open_seed(family: str) -> Seed | None:
    """The seed plays are drawn by now."""
    return Seed.objects.filter(family=family, closed_at=None).first()


def seeds(family: str) -> list[Seed]:
    """All seeds of a game, newest first."""
    return list(Seed.objects.filter(family=family).order_by("-number"))


def rests(family: str) -> bool:
    """Does a game rest because its seed is sealed with a key this server does not know?"""
    seed = open_seed(family)
    return seed is not None and seed.is_lost


def resting_games() -> list[Game]:
    """Games that wait for the owner: their seeds cannot be opened."""
    lost = {one.family for one in Seed.objects.filter(closed_at=None) if one.is_lost}
    return [row for row in games() if row.family in lost] if lost else []


def mine(member: Member) -> Q:
    """Plays of a member, those of cards merged into theirs too."""
    return Q(member=member) | Q(member__merged_into=member)


def free_left(terms: GameTerms, member: Member, *, at: datetime) -> int:
    """How many of today's free plays are left."""
    if not terms.free_per_day:
        return 0
    today = period_start("day", at, current_programme().timezone)
    rows = Play.objects.filter(mine(member), family=terms.family, paid=Play.Paid.FREE)
    return max(terms.free_per_day - rows.filter(played_at__gte=today).count(), 0)


def chances(terms: GameTerms, member: Member, *, at: datetime | None = None) -> Chances:
    """What a member can play with now. Two queries."""
    at = at or clock_now()
    known = {one.asset: one.available for one in balances(holder_id=member.holder_id, at=at)}
    return Chances(
        free=free_left(terms, member, at=at),
        tickets=max(known.get(terms.asset, 0), 0),
        points=known.get(POINTS, 0),
    )


def waiting_plays(member: Member) -> list[tuple[Game, Chances]]:
    """Open games in which a member has plays that cost nothing more."""
    found = []
    for row in games(open_only=True):
        has = chances(row.terms(), member)
        if has.free or has.tickets:
            found.append((row, has))
    return found


def last_number(family: str, member: Member) -> int:
    """The number of a member's last play of a game; 0 before the first."""
    rows = Play.objects.filter(family=family, member=member).order_by("-number")
    return rows.values_list("number", flat=True).first() or 0


def given_so_far(family: str) -> dict[str, int]:
    """How many of each stocked prize were given."""
    rows = PrizeStock.objects.filter(family=family)
    return dict(rows.values_list("code", "given"))


def plays(*, family: str = "", member: Member | None = None) -> QuerySet[Play]:
    """Plays, newest first."""
    rows: QuerySet[Play] = Play.objects.select_related("member", "seed").order_by("-id")
    if family:
        rows = rows.filter(family=family)
    return rows.filter(mine(member)) if member else rows


def access_play(public_id: str) -> Play:
    """A play. Raises ``NotFound``."""
    row = Play.objects.select_related("member", "seed").filter(public_id=public_id).first()
    if row is None:
        raise NotFound("play_not_found", _("There is no such play."), field="play")
    return row


def proof_of(play: Play) -> Proof:
    """What anybody needs to compute a play's outcome again."""
    terms = version_of(play.rule).terms()
    return Proof(
        play=play,
        message=message_of(play.family, play.player, play.number),
        commitment=play.seed.commitment,
        seed=play.seed.shown,
        is_lost=play.seed.is_lost,
        ranges=tuple(terms.ranges()),
    )


def prize_states(terms: GameTerms) -> tuple[PrizeFigures, ...]:
    """Prizes with what is left of them, as members may see it. One query."""
    return _prize_figures(terms, {}, {}, 0)


def figures_of(row: Game) -> GameFigures:
    """A game over all its versions; ``drawn`` and ``expected`` by the present version's odds."""
    terms = row.terms()
    rows = Play.objects.filter(family=terms.family)
    present = rows.filter(rule=terms.public_id)
    drawn = _counted(present, "prize")
    given = _counted(rows, "given")
    prizes = _prize_figures(terms, drawn, given, sum(drawn.values()))
    told = rows.aggregate(plays=Count("id"), players=Count("player", distinct=True))
    odds = [one.prize.odds_ppm for one in prizes]
    return GameFigures(
        plays=told["plays"],
        players=told["players"],
        by_paid=_counted(rows, "paid"),
        prizes=prizes,
        looks="" if terms.is_draw else hint([one.drawn for one in prizes], odds),
    )


def _counted(rows: QuerySet[Play], name: str) -> dict[str, int]:
    counted = rows.order_by().values_list(name).annotate(n=Count("id"))
    return {value: n for value, n in counted if value}


def _prize_figures(
    terms: GameTerms, drawn: dict[str, int], given: dict[str, int], total: int
) -> tuple[PrizeFigures, ...]:
    taken = given_so_far(terms.family)

    def left(one: GamePrize) -> int | None:
        return None if one.stock is None else max(one.stock - taken.get(one.code, 0), 0)

    return tuple(
        PrizeFigures(
            prize=one,
            drawn=drawn.get(one.code, 0),
            given=given.get(one.code, 0),
            expected=total * one.odds_ppm // 1_000_000,
            left=left(one),
            substitute=None
            if one.stock is None or terms.is_draw
            else (terms.prize(one.instead) if one.instead else NO_PRIZE),
        )
        for one in terms.prizes
    )


def draw_of(family: str) -> Draw | None:
    """The draw of a game, once it took place."""
    return Draw.objects.select_related("seed").filter(family=family).first()


def access_draw(family: str) -> Draw:
    """The draw of a game. Raises ``NotFound`` before it took place."""
    found = draw_of(family)
    if found is None:
        raise NotFound("not_drawn_yet", _("It is not drawn yet."), field="game")
    return found


def wins(draw: Draw) -> list[Win]:
    """The drawn places, first place first, substitutes after whom they stand in for."""
    rows = Win.objects.select_related("play", "play__member").filter(draw=draw)
    return list(rows.order_by("place", "turn"))


def access_win(public_id: str) -> Win:
    """A drawn prize. Raises ``NotFound``."""
    rows = Win.objects.select_related("draw", "draw__seed", "play", "play__member")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound("win_not_found", _("There is no such drawn prize."), field="win")
    return row


def waiting_wins(member: Member, *, at: datetime | None = None) -> list[Win]:
    """Drawn prizes a member can still claim."""
    rows = Win.objects.select_related("draw", "play").filter(
        Q(play__member=member) | Q(play__member__merged_into=member),
        state=Win.State.WAITING,
        claim_until__gt=at or clock_now(),
    )
    return list(rows.order_by("claim_until"))


def is_active(member: Member) -> bool:
    """Can whoever holds this card now be given a prize?"""
    holder: Any = member.merged_into if member.state == Member.State.MERGED else member
    return bool(holder is not None and holder.state == Member.State.ACTIVE)


def entries_of(family: str) -> list[Play]:
    """All entries of a draw by number, with who holds them."""
    rows = Play.objects.select_related("member", "member__merged_into")
    return list(rows.filter(family=family, entry__isnull=False).order_by("entry"))


def due_draws(*, at: datetime) -> list[Game]:
    """Draws whose time has come and that did not take place, ended games too: entrants were promised."""
    rows = [
        row
        for row in games()
        if row.way == Game.Way.DRAW and row.draws_at is not None and row.draws_at <= at
    ]
    done = set(
        Draw.objects.filter(family__in=[r.family for r in rows]).values_list("family", flat=True)
    )
    return [row for row in rows if row.family not in done]


def due_wins(*, at: datetime, limit: int) -> list[Win]:
    """Drawn prizes nobody claimed in time."""
    rows = Win.objects.filter(state=Win.State.WAITING, claim_until__lte=at)
    return list(rows.select_related("draw").order_by("id")[:limit])


def is_over(row: Game, *, at: datetime) -> bool:
    """Has the game ended for good?"""
    return row.state == Game.State.ENDED or (row.ends_at is not None and row.ends_at <= at)


def is_spent(row: Game, seed: Seed, *, at: datetime) -> bool:
    """Shall an open seed be closed? A draw closes its own."""
    if row.way == Game.Way.DRAW:
        return False
    zone = current_programme().timezone
    is_old = local_day(seed.opened_at, zone) < local_day(at, zone)
    return is_over(row, at=at) or (row.daily_seed and is_old)


def can_show(seed: Seed, *, at: datetime) -> bool:
    """Is a closed seed due to be shown, and can it be opened?"""
    return seed.closed_at is not None and seed.closed_at <= at - GRACE and not seed.is_lost


def unsettled(rows: Iterable[Game], *, at: datetime) -> list[Game]:
    """Of these games, those with a seed to open, to close or to show. Two queries."""
    rows = list(rows)
    families = [row.family for row in rows]
    known = Seed.objects.filter(family__in=families, revealed_at=None)
    by_family: dict[str, list[Seed]] = {}
    for seed in known:
        by_family.setdefault(seed.family, []).append(seed)
    drawn = set(Draw.objects.filter(family__in=families).values_list("family", flat=True))
    found = []
    for row, family in zip(rows, families, strict=True):
        hidden = by_family.get(family, [])
        opened = [one for one in hidden if one.closed_at is None]
        needs_one = not opened and row.state in _RUNNING and not is_over(row, at=at)
        if (
            (needs_one and family not in drawn)
            or any(is_spent(row, one, at=at) for one in opened)
            or any(can_show(one, at=at) for one in hidden)
        ):
            found.append(row)
    return found
