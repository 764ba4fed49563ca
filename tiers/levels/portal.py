"""A member's level: what it gives, what the next one asks, what staying asks, and when it is looked at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from loyalty.commands.actor import Actor
from loyalty.engine.ports import reward_names
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from tiers.levels import selectors
from tiers.levels.results import tell_moves
from tiers.levels.rules.words import step_texts, told, window_text

_MOVES = 20


class LevelsView(PortalView):
    """My level and all levels."""

    template_name = "levels/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = selectors.outlook_of(self.member)
        if found is None:
            return self.page({"told": None})
        units = selectors.units_of(found.ladder)
        gifts = reward_names(
            [one.birthday_reward for one in found.ladder.levels if one.birthday_reward]
        )
        names = dict(selectors.level_names())
        context = {
            "told": told(found, units=units),
            "rank": found.rank,
            "window": window_text(found.ladder),
            "steps": step_texts(found.ladder, units, gifts=gifts),
            "moves": tell_moves(
                selectors.moves_of(self.member).order_by("-id")[:_MOVES], names=names
            ),
        }
        return self.page(context)


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.outlook_of(member)
    return {"told": told(found, units=selectors.units_of(found.ladder))} if found else None


routes = [path("levels/", LevelsView.as_view(), name="levels")]
panels = (Panel(place="home", template="levels/portal_home.html", context=_home, order=8),)
