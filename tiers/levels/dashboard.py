"""Levels in the dashboard: the ladder and who stands where, its editor, one member's level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.clock import end_of_day
from loyalty.common.errors import DomainError, Invalid, Several
from loyalty.engine import publishing
from loyalty.engine.models import Rule
from loyalty.engine.ports import reward_names
from loyalty.engine.selectors import open_successor
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from tiers.levels import selectors, services
from tiers.levels.forms import LadderForm, blank, initial_of
from tiers.levels.models import Ladder
from tiers.levels.results import tell_moves
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.words import StepText, grace_text, step_texts, told, window_text
from tiers.levels.selectors.movers import movers_of

KIND = "levels.ladder"


class LevelsView(DashboardView):
    """The ladders, how many stand on each level, and how far a review is."""

    permission = "levels:read"
    template_name = "levels/list.html"
    partial_name = "levels/rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        ladders = selectors.ladders_in_force()
        names = dict(selectors.level_names())
        level = request.GET.get("level", "")
        chips = [
            {"label": label, "url": f"?level={code}" if code else "?", "active": code == level}
            for code, label in [("", _("All moved")), *names.items()]
        ]
        rows = selectors.holders_of(level if level in names else "")
        context = {
            "ladders": [(one, _steps(one, selectors.standing_counts(one))) for one in ladders],
            "drafts": selectors.drafts(),
            "walk": selectors.walk_under_way(),
            "names": names,
            "chips": chips,
            "list": newest_first(rows, request, by="member__public_id"),
        }
        return self.page(context)


class _LadderFormView(FormView):
    permission, write_permission = "levels:read", "rules:write"
    template_name = "levels/ladder_edit.html"
    form_class = LadderForm

    def form_options(self) -> dict[str, Any]:
        return {"currency": self.programme.currency}

    def act(self, form: Any) -> HttpResponse:
        try:
            done = self.write(form)
        except DomainError as error:
            for one in error.errors if isinstance(error, Several) else [error]:
                one.field = form.where(one.field)
            raise
        return self.go("ladder", done.rule, text=saved())

    def write(self, form: LadderForm) -> publishing.RuleView:
        """Keep what was typed."""
        raise NotImplementedError


class NewLadderView(_LadderFormView):
    """A draft of a ladder."""

    def initial(self) -> dict[str, Any]:
        return blank()

    def write(self, form: LadderForm) -> publishing.RuleView:
        return publishing.create_rule(self.call(), kind=KIND, values=form.values())


class EditLadderView(_LadderFormView):
    """A draft, or the successor of a live ladder."""

    def ladder(self) -> Ladder:
        """The ladder of the address. Raises ``NotFound``."""
        return selectors.ladder_of(self.kwargs["ladder"])

    def initial(self) -> dict[str, Any]:
        return initial_of(self.ladder())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "ladder": self.ladder()}

    def write(self, form: LadderForm) -> publishing.RuleView:
        return publishing.edit_rule(
            self.call(),
            rule=self.ladder().public_id,
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )


class LadderView(DashboardView):
    """A ladder's page: what it says, and of a draft who moves when it is published."""

    permission = "levels:read"
    write_permission = "rules:write"
    template_name = "levels/ladder.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.ladder_of(self.kwargs["ladder"])
        terms = row.terms()
        context = {
            "ladder": row,
            "window": window_text(terms),
            "grace": grace_text(terms),
            "steps": _steps(terms),
            "draft": open_successor(row) if row.state != Rule.State.DRAFT else None,
            "movers": movers_of(row) if row.state == Rule.State.DRAFT else None,
            "names": _names(row),
            "may_write": self.may("rules:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rule, act = selectors.ladder_of(self.kwargs["ladder"]).public_id, request.POST.get("act")
        if act == "discard":
            publishing.discard_draft(self.call(), rule=rule)
            return self.go("levels", text=_("The draft is gone."))
        acts: dict[str, tuple[Any, str]] = {
            "publish": (publishing.publish_rule, _("The ladder is live.")),
            "pause": (publishing.pause_rule, _("Paused: nothing counts until you go on.")),
            "resume": (publishing.resume_rule, _("The ladder is live again.")),
            "end": (publishing.end_rule, _("Ended. Nobody has a level any more.")),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, text = acts[act]
        command(self.call(), rule=rule)
        return self.go("ladder", rule, text=text)


class GiveLevelView(DashboardView):
    """A level by hand, or taken back, from the member's page."""

    permission = "levels:read"
    write_permission = "levels:write"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.go("member", member_of_id(self.kwargs["member"]).public_id)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        reason = request.POST.get("reason", "")[:200]
        if request.POST.get("act") == "end":
            services.end_given_level(self.call(), member=member, reason=reason)
            return self.go("member", member, text=_("Taken back."))
        typed = request.POST.get("until", "")
        try:
            day = parse_date(typed) if typed else None
        except ValueError:
            day = None
        if typed and day is None:
            raise Invalid("invalid_value", _("Choose a day."), field="until")
        services.give_level(
            self.call(),
            member=member,
            level=request.POST.get("level", "")[:40],
            reason=reason,
            until=end_of_day(day, self.programme.timezone) if day else None,
        )
        return self.go("member", member, text=_("Given."))


def _steps(ladder: LadderTerms, counts: Mapping[str, int] | None = None) -> list[StepText]:
    gifts = reward_names([one.birthday_reward for one in ladder.levels if one.birthday_reward])
    return step_texts(ladder, selectors.units_of(ladder), gifts=gifts, counts=counts)


def _names(row: Ladder) -> dict[str, str]:
    """The names of the levels of a ladder and of the one it replaces, by code."""
    language, found = get_language() or "vi", dict[str, str]()
    for one in (row.replaces, row):
        if isinstance(one, Ladder):
            found |= {level.code: level.name(language) for level in one.terms().levels}
    return found


def _member_panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.outlook_of(member)
    if found is None:
        return None
    language, names = get_language() or "vi", dict(selectors.level_names())
    return {
        "outlook": found,
        "told": told(found, units=selectors.units_of(found.ladder)),
        "levels": [(one.code, one.name(language)) for one in found.ladder.levels],
        "moves": tell_moves(selectors.moves_of(member).order_by("-id")[:3], names=names),
        "may_write": actor.may("levels:write"),
    }


def _rule_panel(actor: Actor, rule: Rule) -> dict[str, Any] | None:
    """On the page every kind of rule has: the ladder's own page, and of a draft who moves."""
    if not isinstance(rule, Ladder):
        return None
    is_draft = rule.state == Rule.State.DRAFT
    return {"movers": movers_of(rule) if is_draft else None, "names": _names(rule)}


routes = [
    path("levels/", LevelsView.as_view(), name="levels"),
    path("levels/new/", NewLadderView.as_view(), name="ladder_new"),
    path("levels/<str:ladder>/", LadderView.as_view(), name="ladder"),
    path("levels/<str:ladder>/edit/", EditLadderView.as_view(), name="ladder_edit"),
    path("members/<str:member>/level/", GiveLevelView.as_view(), name="member_level"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Levels"),
        route="levels",
        icon="medal",
        section="programme",
        order=35,
        permission="levels:read",
    ),
)
panels = (
    Panel(
        place="rule",
        template="levels/rule_panel.html",
        context=_rule_panel,
        permission="levels:read",
        column="top",
    ),
    Panel(
        place="member",
        template="levels/member_panel.html",
        context=_member_panel,
        order=12,
        permission="levels:read",
        column="side",
    ),
)
