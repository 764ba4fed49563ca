"""Good causes on the members' pages: open to everyone, with what was given so far; my own receipt."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.donations import selectors, services
from campaigns.donations.rules import read_year
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import Invalid
from loyalty.ledger.assets import asset_view_of
from loyalty.web.lists import link
from loyalty.web.navigation import Panel
from loyalty.web.papers import pdf_file
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_PAGE = 20


class CausesView(PortalView):
    """All open causes with their running totals; for a member, also their own wish."""

    needs_member: ClassVar[bool] = False
    template_name = "donations/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = {
            "causes": selectors.figures(selectors.causes(open_only=True)),
            "wish": selectors.wish_of(self.member) if self.member else None,
            "rounds_up": selectors.rounds_up(),
        }
        return self.page(context)


class CauseView(PortalView):
    """One cause: what it is, what it was given."""

    needs_member: ClassVar[bool] = False
    template_name = "donations/portal_cause.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_cause(self.kwargs["cause"])
        context = {
            "one": selectors.figures_of(row),
            "is_open": selectors.is_open(row),
            "payouts": selectors.payouts(cause=row).filter(kind="paid")[:12],
            "wish": selectors.wish_of(self.member) if self.member else None,
            # Points that are worth nothing would give nothing.
            "takes_points": row.takes_points and asset_view_of("points").value_minor > 0,
        }
        return self.page(context)


class WishView(PortalView):
    """Choose a cause, round bills up, give points."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act, me = request.POST.get("act", ""), self.member.public_id
        if act == "choose":
            services.choose(self.call(), member=me, cause=request.POST.get("cause", "")[:40])
            return self.go("causes", text=_("Your good cause is kept."))
        if act in ("round_up", "stop"):
            services.choose(self.call(), member=me, round_up=act == "round_up")
            text = (
                _("Your bills are rounded up.") if act == "round_up" else _("No more rounding up.")
            )
            return self.go("causes", text=text)
        if act != "points":
            raise Invalid("unknown_action", _("This page has no such button."))
        typed = request.POST.get("points", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            raise Invalid("not_an_integer", _("Give a whole number of points."), field="points")
        cause = request.POST.get("cause", "")[:40]
        services.give_points(self.call(), member=me, cause=cause, points=int(typed))
        return self.go("cause", cause, text=_("Thank you! Your points are on their way."))


class GivenView(PortalView):
    """What I gave, and what the shop gave for my purchases, by year."""

    template_name = "donations/given.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        before = request.GET.get("before", "")
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
        context = self.given(before=start, limit=_PAGE)
        more = context["page"].next_before
        years = selectors.given_years(self.member)
        context |= {
            "next_url": link(request, before=str(more)) if more else "",
            "first_url": link(request) if start else "",
            "years": [str(one) for one in years] if len(years) > 1 else [],
        }
        return self.page(context)

    def given(self, *, before: int = 0, limit: int = selectors.MAX_LINES) -> dict[str, Any]:
        """What the page and the PDF show."""
        typed = self.request.GET.get("year", "")
        year = read_year(typed) if typed else None
        return {
            "page": selectors.given_by(self.member, year=year, before=before, limit=limit),
            "sums": selectors.given_sums(self.member, year=year),
            "year": typed,
            "made_at": now(),
        }


class GivenFileView(GivenView):
    """The receipt as PDF."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = {**self.shell(), **self.given()}
        name = f"{self.programme.slug}-{context['year'] or 'all'}"
        return pdf_file(
            name, template="donations/given_file.html", context=context, request=request
        )


def _panel(actor: Actor, subject: Member | None) -> dict[str, Any] | None:
    found = selectors.figures(selectors.causes(open_only=True)[:3])
    return {"causes": found} if found else None


routes = [
    path("causes/", CausesView.as_view(), name="causes"),
    path("causes/wish/", WishView.as_view(), name="cause_wish"),
    path("causes/given/", GivenView.as_view(), name="given"),
    path("causes/given/file/", GivenFileView.as_view(), name="given_file"),
    path("causes/<str:cause>/", CauseView.as_view(), name="cause"),
]
panels = tuple(
    Panel(place=place, template="donations/portal_panel.html", context=_panel, order=60)
    for place in ("home", "landing")
)
