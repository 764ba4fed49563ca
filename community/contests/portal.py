"""Contests on the members' pages: what is open, what was entered, my entry, my votes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community.contests import selectors, services
from community.contests.forms import EntryForm
from community.contests.models import Contest
from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.conditions import parse
from loyalty.engine.ports import reward_names
from loyalty.engine.promises import whom
from loyalty.ledger.assets import asset_view_of
from loyalty.web.forms import show_errors
from loyalty.web.navigation import Panel
from loyalty.web.pace import slow_down
from loyalty.web.photos import keep_photo
from loyalty.web.portal import PortalView
from members.profiles.models import Member


class ContestsView(PortalView):
    """What is open, and who won before."""

    needs_member: ClassVar[bool] = False
    template_name = "contests/portal_list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows, decided = selectors.open_contests(), selectors.decided_contests()
        pictures = selectors.pictures_of([*rows, *decided])
        context = {
            "open": [(one, pictures.get(one.public_id)) for one in rows],
            "decided": [(one, pictures.get(one.public_id)) for one in decided],
        }
        return self.page(context)


class ContestView(PortalView):
    """One contest: its rules and prizes, the entries, my own."""

    needs_member: ClassVar[bool] = False
    template_name = "contests/portal_contest.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_shown(self.kwargs["contest"])
        return self._shown(row, EntryForm(contest=row))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.member is None:
            return self._to_login()
        row = selectors.access_shown(self.kwargs["contest"])
        act, me = request.POST.get("act", ""), self.member.public_id
        entry = request.POST.get("entry", "")[:40]
        if act == "enter":
            return self._enter(row)
        if act == "vote":
            services.vote(self.call(), member=me, entry=entry)
            return self.go("contest", row.public_id, text=_("Your vote counts."))
        if act == "unvote":
            services.take_vote_back(self.call(), member=me, entry=entry)
            return self.go("contest", row.public_id, text=_("Your vote is free again."))
        if act == "withdraw":
            services.withdraw_entry(self.call(), entry=entry)
            return self.go("contest", row.public_id, text=_("Your entry is withdrawn."))
        raise Invalid("unknown_action", _("This page has no such button."))

    def _enter(self, row: Contest) -> HttpResponse:
        form = EntryForm(self.request.POST, self.request.FILES, contest=row)
        if form.is_valid():
            try:
                slow_down(self.request)
                values = form.values()
                photo = values.pop("photo")
                services.enter_contest(
                    self.call(),
                    member=self.member.public_id,
                    contest=row.public_id,
                    photo=keep_photo(photo, field="photo") if photo else None,
                    **values,
                )
            except DomainError as error:
                show_errors(form, error)
            else:
                text = _("Thank you! It is shown once we have looked at it.")
                return self.go("contest", row.public_id, text=text)
        return self._shown(row, form, status=422)

    def _shown(self, row: Contest, form: EntryForm, status: int = 200) -> HttpResponse:
        at, gallery = clock_now(), selectors.gallery(row, reader=self.member)
        mine = selectors.own_entries(row, self.member) if self.member else []
        wanted = [one["reward"] for one in row.prizes if one["reward"]]
        is_live = row.state == Contest.State.LIVE
        votes = selectors.voted_for(row, self.member) if self.member else set()
        takes = is_live and row.opens_at <= at < row.entries_until
        used = len([one for one in mine if one.state in selectors.COUNTS])
        context = {
            "contest": row,
            "picture": selectors.pictures_of([row]).get(row.public_id),
            "form": form,
            "gallery": gallery,
            "mine": mine,
            "mine_keys": {one.pk for one in mine},
            "photos": selectors.photos([*gallery, *mine]),
            "voted": votes,
            "votes_left": max(row.votes_per_member - len(votes), 0),
            "takes_entries": takes,
            "may_enter": takes and self.member is not None and used < row.entries_per_member,
            "takes_votes": is_live
            and row.judging == Contest.Judging.VOTES
            and row.opens_at <= at < row.votes_until,
            "whom": whom(parse(row.audience)) if row.audience else "",
            "rewards": reward_names(wanted) if wanted else {},
            "unit": asset_view_of("points").name(get_language() or "vi"),
        }
        return self.page(context, status=status)


def _home(actor: Actor, member: Member | None) -> dict[str, Any] | None:
    rows = selectors.open_contests()[:2]
    return {"contests": rows} if rows else None


routes = [
    path("contests/", ContestsView.as_view(), name="contests"),
    path("contests/<str:contest>/", ContestView.as_view(), name="contest"),
]
panels = tuple(
    Panel(place=place, template="contests/portal_panel.html", context=_home, order=38)
    for place in ("home", "landing")
)
