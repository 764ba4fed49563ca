"""Games over the API. They are written as rules of the kind ``games.game``."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.games import selectors, services
from campaigns.games import serializers as shapes
from campaigns.games.models import Play
from campaigns.games.results import Claimed, DrawView, PlayResult, play_result
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Games"
_MEMBER = "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"


def _shown(row: Play) -> PlayResult:
    return play_result(row, selectors.version_of(row.rule).terms().prize(row.given))


class Games(ApiView):
    """All published games."""

    permission = "games:read"

    @operation("List games with their odds", tag=_TAG, answer=list[shapes.GameView])
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_game(row) for row in selectors.games()])


class OneGame(ApiView):
    """One game."""

    permission = "games:read"

    @operation("Read a game with its odds and stock", tag=_TAG, answer=shapes.GameView)
    def get(self, request: Request, game: str) -> Response:
        return self.ok(shapes.present_game(selectors.access_game(game)))


class Plays(ApiView):
    """Plays of a game."""

    permission = {"GET": "games:read", "POST": "games:write"}

    @operation("List plays, newest first", tag=_TAG, answer=PlayResult, is_list=True)
    def get(self, request: Request, game: str) -> Response:
        family = selectors.access_game(game).family
        return self.page(selectors.plays(family=family), present=_shown)

    @operation(
        "Play once for a member",
        tag=_TAG,
        body=shapes.PlayBody,
        example={"member": _MEMBER, "with_points": False},
        answer=PlayResult,
        errors=(422,),
        description=(
            "With a free play of the day, else with one earned by a purchase, else, `with_points`, "
            "for points. The answer says what was drawn and what was given."
        ),
    )
    def post(self, request: Request, game: str) -> Response:
        return self.created(services.play(self.call(), game=game, **self.read(shapes.PlayBody)))


class Figures(ApiView):
    """A game so far."""

    permission = "games:read"

    @operation("Read what a game gave beside its odds", tag=_TAG, answer=shapes.GameFiguresView)
    def get(self, request: Request, game: str) -> Response:
        found = selectors.figures_of(selectors.access_game(game))
        return self.ok(shapes.present_figures(found))


class GameSeeds(ApiView):
    """Commitments and seeds."""

    permission = {"GET": "games:read", "POST": "games:write"}

    @operation(
        "List a game's seeds, hidden ones by their SHA-256", tag=_TAG, answer=shapes.SeedsView
    )
    def get(self, request: Request, game: str) -> Response:
        return self.ok(shapes.present_seeds(selectors.access_game(game).family))

    @operation(
        "Choose a new seed for a game that rests",
        tag=_TAG,
        answer=shapes.SeedsView,
        errors=(422,),
        description=(
            "A game rests (`rests`) when the server's secret key was changed and its seed cannot be "
            "opened. Naming the earlier key in the server's settings is better: plays under the lost "
            "seed cannot be checked. A seed that can be opened is not replaced (`seed_is_good`)."
        ),
    )
    def post(self, request: Request, game: str) -> Response:
        services.renew_seed(self.call(), game=game)
        return self.created(shapes.present_seeds(selectors.access_game(game).family))


class OnePlay(ApiView):
    """The proof of a play."""

    permission = "games:read"

    @operation("Read what checks a play", tag=_TAG, answer=shapes.ProofView)
    def get(self, request: Request, play: str) -> Response:
        return self.ok(shapes.present_proof(selectors.proof_of(selectors.access_play(play))))


class TheDraw(ApiView):
    """The draw of a game."""

    permission = {"GET": "games:read", "POST": "games:write"}

    @operation("Read the results of a draw", tag=_TAG, answer=DrawView)
    def get(self, request: Request, game: str) -> Response:
        row = selectors.access_game(game)
        made = selectors.access_draw(row.family)
        return self.ok(services.draw_view(made, selectors.version_of(made.rule).terms()))

    @operation(
        "Draw the winners",
        tag=_TAG,
        answer=DrawView,
        errors=(422,),
        description="At the announced time a job does it; this is for who cannot wait the minute.",
    )
    def post(self, request: Request, game: str) -> Response:
        return self.created(services.draw(self.call(), game=game))


class Claims(ApiView):
    """A drawn prize is handed over."""

    permission = "games:write"

    @operation(
        "Claim a drawn prize",
        tag=_TAG,
        body=shapes.ClaimBody,
        example={"member": _MEMBER},
        answer=Claimed,
        errors=(422,),
    )
    def post(self, request: Request, win: str) -> Response:
        member = self.read(shapes.ClaimBody)["member"]
        return self.created(services.claim(self.call(), win=win, member=member))


class MemberChances(ApiView):
    """What a member can play."""

    permission = "games:read"

    @operation("List the games a member can play now", tag=_TAG, answer=list[shapes.ChancesView])
    def get(self, request: Request, member: str) -> Response:
        row = member_of_id(member)
        found = [
            shapes.present_chances(game, selectors.chances(game.terms(), row))
            for game in selectors.games(open_only=True)
        ]
        return self.ok(found)


routes = [
    path("games/", Games.as_view()),
    path("games/<str:game>/", OneGame.as_view()),
    path("games/<str:game>/plays/", Plays.as_view()),
    path("games/<str:game>/figures/", Figures.as_view()),
    path("games/<str:game>/seeds/", GameSeeds.as_view()),
    path("games/<str:game>/draw/", TheDraw.as_view()),
    path("plays/<str:play>/", OnePlay.as_view()),
    path("wins/<str:win>/claim/", Claims.as_view()),
    path("members/<str:member>/games/", MemberChances.as_view()),
]
