"""Contests in the dashboard: written, opened, entries looked at, decided."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from community.contests import selectors, services
from community.contests.forms import ContestForm, PictureForm
from community.contests.models import Contest, Entry
from community.contests.rules import winners
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid
from loyalty.engine.ports import reward_names
from loyalty.engine.rule_rows import condition_text
from loyalty.ledger.assets import asset_view_of
from loyalty.web.forms import picture_of
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView, FormView, saved
from loyalty.web.photos import KeptPhoto


class ContestsView(DashboardView):
    """All contests, the newest first."""

    permission = "contests:read"
    template_name = "contests/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({"list": newest_first(selectors.contests(), request)})


class _ContestFormView(FormView):
    """What a new and a drafted contest share."""

    permission = write_permission = "contests:write"
    template_name = "contests/form.html"

    def contest(self) -> Contest | None:
        """The draft that is changed; ``None`` for a new one. Raises ``NotFound``."""
        raise NotImplementedError

    def keep(self, form: ContestForm, picture: KeptPhoto | None) -> str:
        """Write it; answers the contest's id."""
        raise NotImplementedError

    def build_form(self, data: Any = None, files: Any = None) -> ContestForm:
        return ContestForm(data, files, contest=self.contest())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "contest": self.contest()}

    def act(self, form: ContestForm) -> HttpResponse:
        # The picture is looked at first: one that is none writes nothing.
        return self.go("contest", self.keep(form, picture_of(form)), text=saved())


class NewContestView(_ContestFormView):
    """A new contest; publishing it is the next step."""

    def contest(self) -> None:
        return None

    def keep(self, form: ContestForm, picture: KeptPhoto | None) -> str:
        done = services.create_contest(self.call(), contest=form.contest(), picture=picture)
        return done.contest


class EditContestView(_ContestFormView):
    """A draft written anew."""

    def contest(self) -> Contest:
        return selectors.access_contest(self.kwargs["contest"])

    def keep(self, form: ContestForm, picture: KeptPhoto | None) -> str:
        contest = self.kwargs["contest"]
        services.edit_contest(
            self.call(),
            contest=contest,
            values=form.contest(),
            revision=form.cleaned_data["revision"],
            picture=picture,
        )
        return contest


class ContestView(DashboardView):
    """One contest: what waits to be looked at, what is shown, who wins."""

    permission = "contests:read"
    template_name = "contests/contest.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_contest(self.kwargs["contest"])
        state = request.GET.get("state", "")
        state = state if state in Entry.State.values else ""
        found = newest_first(selectors.entries_of(row, state=state), request)
        wanted = [one["reward"] for one in row.prizes if one["reward"]]
        by_jury = row.judging == Contest.Judging.JURY
        over_at = row.entries_until if by_jury else row.votes_until
        ahead = winners(selectors.standings(row), places=len(row.prizes))
        context = {
            "contest": row,
            "picture": selectors.pictures_of([row]).get(row.public_id),
            "list": found,
            "photos": selectors.photos(found.rows),
            "names": {one.pk: selectors.owner_of(one).name for one in found.rows},
            "ahead": {entry: place for place, entry in enumerate(ahead, start=1)},
            "state": state,
            "states": Entry.State.choices,
            "rewards": reward_names(wanted) if wanted else {},
            "whom": [condition_text(one, currency=self.programme.currency) for one in row.audience],
            "unit": asset_view_of("points").name(get_language() or "vi"),
            "by_jury": by_jury,
            "can_decide": row.state == Contest.State.LIVE and clock_now() >= over_at,
            "shown": selectors.gallery(row) if by_jury else [],
            "places": range(1, len(row.prizes) + 1),
            "may_write": self.may("contests:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.actor.require("contests:write")
        contest, act = self.kwargs["contest"], request.POST.get("act", "")
        selectors.access_contest(contest)
        if act == "publish":
            services.publish_contest(self.call(), contest=contest)
            return self.go("contest", contest, text=_("Members see it now."))
        if act == "cancel":
            reason = request.POST.get("reason", "")[:300]
            services.cancel_contest(self.call(), contest=contest, reason=reason)
            return self.go("contest", contest, text=_("Called off."))
        if act == "decide":
            picks = [request.POST.get(f"place_{n}", "")[:40] for n in range(1, 21)]
            chosen = tuple(one for one in picks if one)
            services.decide_contest(self.call(), contest=contest, picks=chosen)
            return self.go("contest", contest, text=_("Decided. The winners get their prizes."))
        if act in ("picture", "no_picture"):
            return self._set_picture(contest, has_one=act == "picture")
        if act not in ("show", "reject"):
            raise Invalid("unknown_action", _("This page has no such button."))
        entry = selectors.access_entry(request.POST.get("entry", "")[:40])
        services.judge_entry(
            self.call(),
            entry=entry.public_id,
            show=act == "show",
            reason=request.POST.get("reason", "")[:200],
        )
        return self.go("contest", contest, text=saved())

    def _set_picture(self, contest: str, *, has_one: bool) -> HttpResponse:
        """Also of a published contest: the picture is no part of its rules."""
        form = PictureForm(self.request.POST, self.request.FILES)
        picture = picture_of(form) if form.is_valid() and has_one else None
        if has_one and picture is None:
            raise Invalid("required", _("Choose a picture."), field="picture")
        services.set_picture(self.call(), contest=contest, picture=picture)
        return self.go("contest", contest, text=saved())


routes = [
    path("contests/", ContestsView.as_view(), name="contests"),
    path("contests/new/", NewContestView.as_view(), name="contest_new"),
    path("contests/<str:contest>/", ContestView.as_view(), name="contest"),
    path("contests/<str:contest>/edit/", EditContestView.as_view(), name="contest_edit"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Contests"),
        route="contests",
        icon="trophy",
        section="programme",
        order=72,
        permission="contests:read",
        count=lambda _actor: selectors.waiting_count(),
    ),
)
