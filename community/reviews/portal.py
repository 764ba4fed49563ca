"""Reviews on the members' pages: a product's, my own, and what I may rate next."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _

from community.reviews import selectors, services
from community.reviews.forms import ReviewForm
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.engine.ports import ShopProduct, shelf
from loyalty.web.forms import show_errors
from loyalty.web.lists import newest_first
from loyalty.web.navigation import Panel
from loyalty.web.pace import slow_down
from loyalty.web.photos import keep_photos
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_PAGE = 20


class _ReadByAll(PortalView):
    """A page that visitors read too, where the settings say so."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        if self.member is None and not selectors.review_terms().public_read:
            return self._to_login()
        return self.shown(request)

    def shown(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError


class ReviewsView(_ReadByAll):
    """What was rated; for a member also what they wrote and may write."""

    template_name = "reviews/portal.html"

    def shown(self, request: HttpRequest) -> HttpResponse:
        mine = []
        if self.member is not None:
            rows = list(selectors.reviews_by(self.member).order_by("-pk")[:50])
            mine = selectors.show(rows, reader=self.member)
        context = {
            "rated": selectors.rated_products(),
            "mine": mine,
            "asked": selectors.to_review(self.member, limit=12) if self.member else [],
        }
        return self.page(context)


class ProductView(_ReadByAll):
    """A product's reviews, and the member's own."""

    template_name = "reviews/portal_product.html"

    def shown(self, request: HttpRequest) -> HttpResponse:
        return self.page(self._context(self._product()))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.member is None:
            return self._to_login()
        product = self._product()
        act = request.POST.get("act", "")
        if act in ("helpful", "not-helpful"):
            services.vote_helpful(
                self.call(),
                member=self.member.public_id,
                review=request.POST.get("review", "")[:40],
                is_helpful=act == "helpful",
            )
            return self.go("reviews_of", product.public_id)
        if act == "withdraw":
            services.withdraw_review(self.call(), review=request.POST.get("review", "")[:40])
            return self.go("reviews_of", product.public_id, text=_("Your review is gone."))
        return self._write(product)

    def _write(self, product: ShopProduct) -> HttpResponse:
        terms = selectors.review_terms()
        form = ReviewForm(self.request.POST, self.request.FILES, most_photos=terms.most_photos)
        if form.is_valid():
            try:
                return self._sent(product, form.cleaned_data)
            except DomainError as error:
                show_errors(form, error)
        return self.page(self._context(product, form=form), status=422)

    def _sent(self, product: ShopProduct, values: dict[str, Any]) -> HttpResponse:
        slow_down(self.request)
        given = {
            "stars": values["stars"],
            "text": values["text"],
            "photos": keep_photos(values.get("photos") or []),
        }
        own = selectors.own_review(self.member, product.pk)
        if own is None:
            me = self.member.public_id
            done = services.write_review(self.call(), member=me, sku=product.sku, **given)
        else:
            drop = self.request.POST.getlist("drop_photos")[:20]
            done = services.edit_review(
                self.call(), review=own.public_id, drop_photos=tuple(drop), **given
            )
        text = _("Thank you for your review!")
        if done.state == "waiting":
            text = _("Thank you! We look at it before others see it.")
        return self.go("reviews_of", product.public_id, text=text)

    def _product(self) -> ShopProduct:
        return shelf().product(public_id=self.kwargs["product"])

    def _context(self, product: ShopProduct, form: ReviewForm | None = None) -> dict[str, Any]:
        terms, at = selectors.review_terms(), now()
        rows = selectors.published(product.pk, reader=self.member)
        stars = self.request.GET.get("stars", "")
        if stars in ("1", "2", "3", "4", "5"):
            rows = rows.filter(stars=int(stars))
        if self.request.GET.get("sort") == "helpful":
            rows = rows.filter(helpful__gt=0)
        found = newest_first(rows, self.request, limit=_PAGE)
        if self.request.GET.get("sort") == "helpful":
            found.rows[:] = sorted(found.rows, key=lambda row: -row.helpful)
        own = selectors.own_review(self.member, product.pk) if self.member else None
        may_edit = own is not None and selectors.is_editable(own, terms, at=at)
        may_write = (
            self.member is not None
            and own is None
            and terms.is_open
            and (terms.who == "all" or selectors.has_bought(self.member, product.pk))
        )
        if form is None and (may_write or may_edit):
            start = {"stars": own.stars, "text": own.text} if own else {}
            form = ReviewForm(initial=start, most_photos=terms.most_photos)
        return {
            "product": product,
            "rating": selectors.rating_of(product.pk),
            "list": found,
            "reviews": selectors.show(found.rows, reader=self.member),
            "own": selectors.show([own], reader=self.member)[0] if own else None,
            "editable_until": selectors.editable_until(own, terms) if own else None,
            "form": form if may_write or may_edit else None,
            "stars_given": _stars_of(form),
            "stars": stars,
            "sort": self.request.GET.get("sort", ""),
        }


def _stars_of(form: ReviewForm | None) -> int:
    given = str(form["stars"].value() or "") if form else ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 2 else 0


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    if not selectors.review_terms().is_open:
        return None
    found = selectors.to_review(member, limit=3)
    return {"asked": found} if found else None


def _landing(actor: Actor, _subject: Any) -> dict[str, Any] | None:
    if not selectors.review_terms().public_read:
        return None
    found = selectors.rated_products(limit=3)
    return {"rated": found} if found else None


def _community(actor: Actor, member: Member | None) -> dict[str, Any] | None:
    found = selectors.rated_products(limit=5)
    asked = selectors.to_review(member, limit=3) if member else []
    return {"rated": found, "asked": asked} if found or asked else None


routes = [
    path("reviews/", ReviewsView.as_view(), name="reviews"),
    path("reviews/<str:product>/", ProductView.as_view(), name="reviews_of"),
]
panels = (
    Panel(place="home", template="reviews/portal_home.html", context=_home, order=40),
    Panel(place="landing", template="reviews/portal_rated.html", context=_landing, order=60),
    Panel(place="community", template="reviews/portal_rated.html", context=_community, order=10),
)
