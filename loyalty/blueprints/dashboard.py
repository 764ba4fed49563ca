"""Ready-made programmes in the dashboard: choose one, get its drafts, look them through, publish."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.blueprints.blueprint import Blueprint, Words, blueprints
from loyalty.blueprints.export import export_programme
from loyalty.blueprints.services import (
    MAX_FILE_BYTES,
    Loaded,
    load_blueprint,
    load_file,
    read_file,
)
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
        with_settings = request.POST.get("with_settings") == "on"
        call, sent = self.call(), request.FILES.get("file")
        if sent is not None:
            content = sent.read(MAX_FILE_BYTES + 1)
            own = read_file(content)
            return self.loaded(load_file(call, blueprint=own, with_settings=with_settings))
        chosen = request.POST.get("blueprint", "")
        return self.loaded(load_blueprint(call, blueprint=chosen, with_settings=with_settings))

    def loaded(self, done: Loaded) -> HttpResponse:
        """To the drafts, with a word about them."""
        text = _("Drafts written: %(rewards)s rewards, %(rules)s rules. Look them through.")
        told = text % {"rewards": len(done.rewards), "rules": len(done.rules)}
        return self.go(f"{self.url('rules')}?state=draft", text=told)


class ExportView(DashboardView):
    """The programme as a file."""

    permission = "rules:read"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text = export_programme(self.programme).text
        answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.programme.slug}.yaml"'
        return answer


def _card(one: Blueprint) -> dict[str, Any]:
    language = get_language() or "vi"
    named: dict[str, list[str]] = {}
    for part, _number, draft in one.parts():
        words = Words(vi=draft.terms.get("name_vi", ""), en=draft.terms.get("name_en", ""))
        name = words.text(language) or draft.terms.get("name", "")
        named.setdefault(str(part.label), []).append(name)
    return {
        "slug": one.slug,
        "name": one.name.text(language),
        "about": one.about.text(language),
        "why": one.why.text(language),
        "currency": one.currency,
        "kinds": list(dict.fromkeys(kind_named(rule.kind).label for rule in one.rules)),
        "parts": named,
        "has_settings": bool(one.points),
    }


routes = [
    path("blueprints/", BlueprintsView.as_view(), name="blueprints"),
    path("blueprints/export/", ExportView.as_view(), name="blueprint_export"),
]
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
