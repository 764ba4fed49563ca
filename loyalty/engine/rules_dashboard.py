"""Rules in the dashboard, of every kind: the list, a rule's page, its form, its life."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.engine.models import Rule
from loyalty.engine.publishing import (
    create_rule,
    discard_draft,
    edit_rule,
    end_rule,
    noted_view,
    pause_rule,
    publish_rule,
    resume_rule,
)
from loyalty.engine.rule_values import check, unknown_faults
from loyalty.engine.rule_words import facts_of
from loyalty.engine.rules_forms import RuleForm, blank_values
from loyalty.engine.selectors import (
    RuleKind,
    get_rule,
    kind_named,
    kind_of,
    open_successor,
    rule_kinds,
    rules,
)
from loyalty.web.navigation import MenuItem, menu_items, render_panels
from loyalty.web.pages import DashboardView, FormView, saved

_STATES = ("live", "draft", "pilot", "paused", "ended")


class RulesView(DashboardView):
    """All rules of all kinds, newest first."""

    permission = "rules:read"
    template_name = "engine/rules.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        found = rules(states=[state] if state in _STATES else ("live", "draft", "pilot", "paused"))
        chips = [("", _("All in use")), *((one, Rule.State(one).label) for one in _STATES)]
        context = {
            "rules": [{"rule": row, "kind": kind_of(row)} for row in found],
            "kinds": list(rule_kinds().values()),
            "chips": [
                {"label": label, "url": f"?state={one}", "active": one == state}
                for one, label in chips
            ],
        }
        return self.page(context)


def _room(view: DashboardView, kind: RuleKind) -> dict[str, str]:
    """The room that lists what runs of a kind; the list of all rules for kinds, and people, without."""
    rooms = {
        one.route: one
        for one in menu_items("dashboard")
        if (not one.permission or view.may(one.permission))
        and (one.shown is None or one.shown(view.actor))
    }
    item = rooms.get(kind.model.room) or rooms["rules"]
    return {"label": str(item.label), "url": view.url(item.route)}


class RuleView(DashboardView):
    """One rule: what it says, what it has given, what can be done with it."""

    permission = "rules:read"
    template_name = "engine/rule.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = get_rule(self.kwargs["rule"])
        kind = kind_of(row)
        view = noted_view(row)
        context = {
            "rule": row,
            "kind": kind,
            "room": _room(self, kind),
            "view": view,
            "facts": list(facts_of(row, kind, currency=self.programme.currency)),
            "draft": open_successor(row) if row.state != "draft" else None,
            "own_page": self._own_page(row, kind),
            "faults": list(_faults(row, kind)) if row.state == "draft" else [],
            "panels": render_panels(
                "rule",
                actor=self.actor,
                subject=row,
                request=request,
                shared=self.shell() | {"rule": row},
            ),
            "budget_left": row.budget - view.budget_spent if row.budget is not None else None,
        }
        return self.page(context)

    def _own_page(self, row: Rule, kind: RuleKind) -> str:
        """Where the most of it is changed, if that is not the form for all kinds."""
        own = kind.model.own_pages
        if own is None:
            return ""
        return reverse(f"dashboard:{own[1]}", args=[self.programme.slug, row.public_id])


class _RuleFormView(FormView):
    permission, write_permission = "rules:read", "rules:write"
    template_name = "engine/rule_form.html"

    def kind(self) -> RuleKind:
        raise NotImplementedError

    def start(self) -> dict[str, Any]:
        raise NotImplementedError

    def build_form(self, data: Any = None, files: Any = None) -> RuleForm:
        return RuleForm(
            data, kind=self.kind(), currency=self.programme.currency, initial=self.start()
        )


class NewRuleView(_RuleFormView):
    """A draft of a kind."""

    def kind(self) -> RuleKind:
        return kind_named(self.kwargs["kind"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        own = self.kind().model.own_pages
        return self.go(own[0]) if own else super().get(request, **kwargs)

    def start(self) -> dict[str, Any]:
        return blank_values(self.kind())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "kind": self.kind(), "rule": None, "room": _room(self, self.kind())}

    def act(self, form: Any) -> HttpResponse:
        done = create_rule(self.call(), kind=self.kind().name, values=form.values())
        return self.go("rule", done.rule, text=_("Draft saved. Publish it when it is right."))


class EditRuleView(_RuleFormView):
    """A draft in place; of a published rule the draft that will replace it."""

    def rule(self) -> Rule:
        """The rule of the address. Raises ``NotFound``."""
        return get_rule(self.kwargs["rule"])

    def kind(self) -> RuleKind:
        return kind_of(self.rule())

    def start(self) -> dict[str, Any]:
        row = self.rule()
        values = {name: getattr(row, name) for name in self.kind().fields}
        return {**values, "revision": row.revision}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "kind": self.kind(), "rule": self.rule()}

    def act(self, form: Any) -> HttpResponse:
        done = edit_rule(
            self.call(),
            rule=self.kwargs["rule"],
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("rule", done.rule, text=saved())


class MoveRuleView(DashboardView):
    """Publish, try, pause, resume, end or throw away."""

    permission = write_permission = "rules:write"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rule, act = self.kwargs["rule"], self.kwargs["act"]
        get_rule(rule)
        if act == "discard":
            discard_draft(self.call(), rule=rule)
            return self.go("rules", text=_("The draft is gone."))
        if act in ("publish", "pilot"):
            publish_rule(self.call(), rule=rule, pilot=act == "pilot")
            return self.go("rule", rule, text=_("Published. It counts from now on."))
        moves: dict[str, Any] = {"pause": pause_rule, "resume": resume_rule, "end": end_rule}
        if act not in moves:
            raise Http404
        moves[act](self.call(), rule=rule)
        return self.go("rule", rule, text=saved())


def _faults(row: Rule, kind: RuleKind) -> Iterator[dict[str, str]]:
    """What keeps a draft from being published, each with the name of its field."""
    for fault in check(row) or unknown_faults(row):
        field = kind.fields.get(fault.field.split(".")[0])
        label = str(field.verbose_name) if field is not None else ""
        yield {"label": label, "text": str(fault.message)}


routes = [
    path("rules/", RulesView.as_view(), name="rules"),
    path("rules/new/<str:kind>/", NewRuleView.as_view(), name="rule_new"),
    path("rules/<str:rule>/", RuleView.as_view(), name="rule"),
    path("rules/<str:rule>/edit/", EditRuleView.as_view(), name="rule_edit"),
    path("rules/<str:rule>/do/<slug:act>/", MoveRuleView.as_view(), name="rule_move"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Rules"),
        route="rules",
        icon="adjustments",
        section="programme",
        order=20,
        permission="rules:read",
    ),
)
