"""Games in the dashboard: what they gave beside their odds, their prizes, their draws."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.games import selectors, services
from campaigns.games.forms import PrizesForm
from campaigns.games.models import Game
from campaigns.games.rules.fairness import SCALE
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import NotFound
from loyalty.engine.models import Rule
from loyalty.engine.publishing import edit_rule
from loyalty.engine.selectors import get_rule
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel, unreadable_panel
from loyalty.web.pages import DashboardView, FormView


class GamesView(DashboardView):
    """All published games."""

    permission = "games:read"
    template_name = "games/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = selectors.games()
        return self.page({"games": [(row, selectors.figures_of(row)) for row in rows]})


class GameView(DashboardView):
    """One game: its figures, its plays, its draw."""

    permission = "games:read"
    write_permission = "games:write"
    template_name = "games/game.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_game(self.kwargs["game"])
        terms, made = row.terms(), selectors.draw_of(row.family)
        context = {
            "game": row,
            "terms": terms,
            "figures": selectors.figures_of(row),
            "seeds": selectors.seeds(row.family)[:5],
            "list": newest_first(selectors.plays(family=row.family), request),
            "names": {one.code: one for one in terms.prizes},
            "drawn": services.draw_view(made, selectors.version_of(made.rule).terms())
            if made
            else None,
            "rests": selectors.rests(row.family),
            "may_draw": terms.draws_at is not None and terms.draws_at <= now() and made is None,
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Draw now, or choose a new seed (``do`` of the form)."""
        game = selectors.access_game(self.kwargs["game"]).family
        if request.POST.get("do") == "renew":
            services.renew_seed(self.call(), game=game)
            return self.go("game", game, text=_("The game is on again, under a new seed."))
        services.draw(self.call(), game=game)
        return self.go("game", game, text=_("The winners are drawn."))


class PrizesView(FormView):
    """The prizes of a draft, or of the draft that will replace a published game."""

    permission = "rules:read"
    write_permission = "rules:write"
    template_name = "games/prizes.html"

    def rule(self) -> Game:
        """The game of the address. Raises ``NotFound``."""
        row = get_rule(self.kwargs["rule"])
        if not isinstance(row, Game):
            raise NotFound("game_not_found", _("There is no such game."), field="game")
        return row

    def build_form(self, data: Any = None, files: Any = None) -> PrizesForm:
        row = self.rule()
        raw = [one for one in row.prizes if isinstance(one, dict)]
        return PrizesForm(
            data, prizes=raw, is_draw=row.way == Game.Way.DRAW, currency=self.programme.currency
        )

    def context(self, form: Any) -> dict[str, Any]:
        row = self.rule()
        total = sum(one.odds_ppm for one in row.terms().prizes)
        return {"form": form, "rule": row, "total_ppm": total, "is_whole": total == SCALE}

    def act(self, form: Any) -> HttpResponse:
        done = edit_rule(self.call(), rule=self.rule().public_id, values={"prizes": form.values()})
        return self.go("rule", done.rule, text=_("Draft saved. Publish it when it is right."))


def _resting(actor: Actor) -> list[tuple[str, str]]:
    slug = actor.programme.slug
    found = selectors.resting_games()
    return [(row.name, reverse("dashboard:game", args=[slug, row.family])) for row in found]


def _prizes(actor: Actor, rule: Rule) -> dict[str, Any] | None:
    if not isinstance(rule, Game):
        return None
    return {
        "terms": rule.terms(),
        "prizes": selectors.prize_states(rule.terms()),
        "is_published": rule.state != Game.State.DRAFT,
        "may_change": actor.may("rules:write") and rule.state != Game.State.ENDED,
    }


routes = [
    path("games/", GamesView.as_view(), name="games"),
    path("games/<str:game>/", GameView.as_view(), name="game"),
    path("rules/<str:rule>/prizes/", PrizesView.as_view(), name="game_prizes"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Games"),
        route="games",
        icon="ticket",
        section="programme",
        order=65,
        permission="games:read",
    ),
)
panels = (
    Panel(
        place="rule",
        template="games/rule_panel.html",
        context=_prizes,
        permission="rules:read",
        column="top",
    ),
    unreadable_panel(gettext_lazy("Games that rest"), _resting, permission="games:write"),
)
