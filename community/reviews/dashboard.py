"""Reviews in the dashboard: the list, one with its answer and verdict, settings, a member's panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.reviews import selectors, services
from community.reviews.forms import ReplyForm, ReviewSettingsForm
from community.reviews.models import Review
from loyalty.commands.actor import Actor
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.moderation.selectors import photos_of
from members.profiles.models import Member

_STATES = (Review.State.PUBLISHED, Review.State.WAITING, Review.State.REJECTED)
_PAGE = 30


class ReviewsView(DashboardView):
    """All reviews, by state, stars and words."""

    permission = "reviews:read"
    template_name = "reviews/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state, stars = request.GET.get("state", ""), request.GET.get("stars", "")
        rows = selectors.reviews(
            state=state if state in _STATES else "",
            stars=int(stars) if stars in ("1", "2", "3", "4", "5") else None,
            text=request.GET.get("text", "")[:100],
        ).exclude(state=Review.State.WITHDRAWN)
        found = newest_first(rows, request, limit=_PAGE)
        context = {
            "list": found,
            "reviews": selectors.show(found.rows),
            "states": [(one.value, one.label) for one in _STATES],
            "state": state,
            "stars": stars,
            "text": request.GET.get("text", "")[:100],
            "rated": selectors.rated_products(limit=8),
        }
        return self.page(context)


class ReviewPage(FormView):
    """One review: answer it in public, decide about it."""

    permission, write_permission = "reviews:read", "reviews:write"
    template_name, form_class = "reviews/review.html", ReplyForm

    def initial(self) -> dict[str, Any]:
        return {"text": selectors.access_review(self.kwargs["review"]).reply}

    def context(self, form: forms.Form) -> dict[str, Any]:
        row = selectors.access_review(self.kwargs["review"])
        (one,) = selectors.show([row])
        photos = photos_of([row.public_id], everything=True).get(row.public_id, [])
        rating = selectors.rating_of(row.product_id)
        return {"form": form, "one": one, "photos": photos, "rating": rating}

    def act(self, form: ReplyForm) -> HttpResponse:
        review = self.kwargs["review"]
        text = form.cleaned_data["text"]
        services.reply_to_review(self.call(), review=review, text=text)
        return self.go("review", review, text=saved())


class DecideReviewView(DashboardView):
    """Show, hide or remove one."""

    permission, write_permission = "moderation:read", "moderation:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        review = self.kwargs["review"]
        services.decide_review(
            self.call(),
            review=review,
            verdict=request.POST.get("verdict", "")[:10],
            reason=request.POST.get("reason", "")[:200],
        )
        return self.go("review", review, text=_("Decided."))


class ReviewSettingsView(FormView):
    """How reviews work."""

    permission, write_permission = "reviews:read", "reviews:write"
    template_name = "reviews/settings.html"

    def build_form(self, data: Any = None, files: Any = None) -> Any:
        row = selectors.settings_row()
        return ReviewSettingsForm(data, instance=row, initial={"revision": row.revision})

    def act(self, form: Any) -> HttpResponse:
        values = dict(form.cleaned_data)
        revision = values.pop("revision")
        services.change_settings(self.call(), values=values, revision=revision)
        return self.go("review_settings", text=saved())


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = list(selectors.reviews_by(member).order_by("-pk")[:5])
    return {"reviews": selectors.show(rows)} if rows else None


routes = [
    path("reviews/", ReviewsView.as_view(), name="reviews"),
    path("reviews/settings/", ReviewSettingsView.as_view(), name="review_settings"),
    path("reviews/<str:review>/", ReviewPage.as_view(), name="review"),
    path("reviews/<str:review>/decide/", DecideReviewView.as_view(), name="review_decide"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Reviews"),
        route="reviews",
        icon="star",
        section="programme",
        order=60,
        permission="reviews:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="reviews/member_panel.html",
        context=_panel,
        order=60,
        permission="reviews:read",
        column="side",
    ),
)
