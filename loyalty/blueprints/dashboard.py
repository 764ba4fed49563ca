"""Ready-made programmes in the dashboard: choose one, get its drafts, look them through, publish."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.blueprints.blueprint import Blueprint, blueprints
from loyalty.blueprints.services import load_blueprint
from loyalty.engine.selectors import kind_named
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView


class BlueprintsView(DashboardView):
    """All blueprints, those in the programme's currency ready to load."""

    permission = "rules:read"
    write_permission = "rules:write"
    template_name = "blueprints/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = [_card(one) for one in blueprints().values()]
        ours = self.programme.currency
        context = {
            "fitting": [one for one in found if one["currency"] == ours],
            "others": [one for one in found if one["currency"] != ours],
            "may_write": self.may("rules:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        done = load_blueprint(
            self.call(),
            blueprint=request.POST.get("blueprint", ""),
            with_settings=request.POST.get("with_settings") == "on",
        )
        text = _("Drafts written: %(rewards)s rewards, %(rules)s rules. Look them through.")
        told = text % {"rewards": len(done.rewards), "rules": len(done.rules)}
        return self.go(f"{self.url('rules')}?state=draft", text=told)


def _card(one: Blueprint) -> dict[str, Any]:
    language = get_language() or "vi"
    names = [reward.terms.get(f"name_{language[:2]}", "") for reward in one.rewards]
    return {
        "slug": one.slug,
        "name": one.name.text(language),
        "about": one.about.text(language),
        "why": one.why.text(language),
        "currency": one.currency,
        "kinds": list(dict.fromkeys(kind_named(rule.kind).label for rule in one.rules)),
        "rewards": [name for name in names if name],
        "has_settings": bool(one.points),
    }


routes = [path("blueprints/", BlueprintsView.as_view(), name="blueprints")]
menu = (
    MenuItem(
        label=gettext_lazy("Ready-made programmes"),
        route="blueprints",
        icon="stack-2",
        section="programme",
        order=90,
        permission="rules:read",
    ),
)
