"""Games on the members' pages: play, what came out, the rules with their odds, and the proof."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.games import selectors, services
from campaigns.games.models import Game
from campaigns.games.rules.game import DRAW, POINTS
from campaigns.games.rules.wheel import slices
from campaigns.games.rules.words import costs_text
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import Invalid, NotFound
from loyalty.ledger.assets import asset_view_of
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member


def _unit() -> str:
    """What the shop calls its points."""
    return asset_view_of(POINTS).name(get_language() or "vi")


def _slices(row: Game) -> Any:
    return slices([(one.code, one.odds_ppm) for one in row.terms().prizes])


class GamesView(PortalView):
    """All open games, and drawn prizes that wait for me."""

    needs_member: ClassVar[bool] = False
    template_name = "games/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = selectors.games(open_only=True)
        known = {
            row.pk: selectors.chances(row.terms(), self.member) if self.member else None
            for row in rows
        }
        context = {
            "games": [
                (row, has, slices_of(row), has is None or has.may_play(row.terms()))
                for row in rows
                for has in (known[row.pk],)
            ],
            "wins": _won(self.member) if self.member else [],
        }
        return self.page(context)


def slices_of(row: Game) -> Any:
    """The wheel of a game; none for other kinds."""
    return _slices(row) if row.way == Game.Way.SPIN else ()


def _won(member: Member) -> list[dict[str, Any]]:
    found = []
    for win in selectors.waiting_wins(member):
        version = selectors.version_of(win.draw.rule)
        found.append({"win": win, "game": version, "prize": version.terms().prize(win.prize)})
    return found


class GameView(PortalView):
    """One game, and the button to play it."""

    needs_member: ClassVar[bool] = False
    template_name = "games/portal_game.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_game(self.kwargs["game"])
        terms = row.terms()
        has = selectors.chances(terms, self.member) if self.member else None
        made = selectors.draw_of(row.family) if terms.is_draw else None
        context = {
            "game": row,
            "terms": terms,
            "has": has,
            "may_play": has is not None and has.may_play(terms),
            "rests": selectors.rests(row.family),
            "is_open": selectors.is_open(row),
            "unit": _unit(),
            "is_over": terms.draws_at is not None and terms.draws_at <= now(),
            "costs": costs_text(terms, currency=self.programme.currency, unit=_unit()),
            "slices": slices_of(row),
            "prizes": selectors.prize_states(terms),
            "seed": selectors.open_seed(row.family),
            "mine": selectors.plays(family=row.family, member=self.member)[:10]
            if self.member
            else [],
            "drawn": services.draw_view(made, selectors.version_of(made.rule).terms())
            if made
            else None,
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.member is None:
            return self._to_login()
        done = services.play(
            self.call(),
            game=self.kwargs["game"],
            member=self.member.public_id,
            with_points=request.POST.get("with_points") == "1",
        )
        return self.go("game_play", done.play)


class PlayView(PortalView):
    """What came out of one of my plays."""

    template_name = "games/portal_play.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_play(self.kwargs["play"])
        if self.member.pk not in (row.member_id, row.member.merged_into_id):
            raise NotFound("play_not_found", _("There is no such play."), field="play")
        version = selectors.version_of(row.rule)
        terms = version.terms()
        drawn = slices_of(version)
        has = selectors.chances(terms, self.member)
        context = {
            "play": row,
            "game": version,
            "terms": terms,
            "prize": terms.prize(row.prize),
            "given": terms.prize(row.given),
            "is_substitute": row.prize != row.given,
            "slices": drawn,
            "turned": next((-one.middle for one in drawn if one.code == row.prize), 0),
            "may_play": has.may_play(terms)
            and selectors.is_open(version)
            and not selectors.rests(row.family),
        }
        return self.page(context)


class ProofView(PortalView):
    """How anybody can check a play."""

    needs_member: ClassVar[bool] = False
    template_name = "games/portal_proof.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        play = selectors.access_play(self.kwargs["play"])
        proof = selectors.proof_of(play)
        version = selectors.version_of(play.rule)
        return self.page({"proof": proof, "game": version, "terms": version.terms()})


class RulesView(PortalView):
    """Who may take part, how it is drawn, and the odds."""

    needs_member: ClassVar[bool] = False
    template_name = "games/portal_rules.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_game(self.kwargs["game"])
        terms = row.terms()
        context = {
            "game": row,
            "terms": terms,
            "costs": costs_text(terms, currency=self.programme.currency, unit=_unit()),
            "prizes": selectors.prize_states(terms),
            "seeds": selectors.seeds(row.family)[:30],
        }
        return self.page(context)


class ListView(PortalView):
    """The list a draw was drawn from, to compute its SHA-256."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        made = selectors.access_draw(selectors.access_game(self.kwargs["game"]).family)
        return HttpResponse(made.listed, content_type="text/plain; charset=utf-8")


class ClaimView(PortalView):
    """A drawn prize is mine."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        win = request.POST.get("win", "")[:40]
        if not win:
            raise Invalid("required", _("This page has no such button."), field="win")
        services.claim(self.call(), win=win, member=self.member.public_id)
        return self.go("games", text=_("It is yours. You find it among your vouchers and points."))


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    waiting, won = selectors.waiting_plays(member), _won(member)
    if not waiting and not won:
        return None
    return {"waiting": waiting, "wins": won, "draw": DRAW}


routes = [
    path("games/", GamesView.as_view(), name="games"),
    path("games/claim/", ClaimView.as_view(), name="game_claim"),
    path("games/plays/<str:play>/", PlayView.as_view(), name="game_play"),
    path("games/plays/<str:play>/check/", ProofView.as_view(), name="game_proof"),
    path("games/<str:game>/", GameView.as_view(), name="game"),
    path("games/<str:game>/rules/", RulesView.as_view(), name="game_rules"),
    path("games/<str:game>/list.txt", ListView.as_view(), name="game_list"),
]
panels = (Panel(place="home", template="games/portal_home.html", context=_home, order=15),)
