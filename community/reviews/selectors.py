"""Reads about reviews. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from community.reviews.models import HelpfulVote, ProductRating, Review, ReviewSettings
from community.reviews.rules import Rating, ReviewTerms, edit_until, may_edit
from loyalty.commands.decorator import Lock
from loyalty.common.errors import NotFound
from loyalty.engine.matching import Moment
from loyalty.engine.ports import ShopProduct, shelf
from loyalty.engine.shown import shown_names
from members.moderation.models import Photo
from members.moderation.selectors import blocked_by, cards_of, photos_of
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

# Status of a member that says how many reviews of theirs are published.
STATUS = "reviews"
_LIVING = (Review.State.WAITING, Review.State.PUBLISHED, Review.State.REJECTED)


@dataclass(frozen=True, kw_only=True)
class ShownReview:
    """A review as one reader sees it; ``author`` is empty where the member is gone."""

    review: Review
    author: str
    photos: Sequence[Photo]
    is_own: bool = False
    is_voted: bool = False

    @property
    def stars(self) -> range:
        """To draw them."""
        return range(1, 6)


@dataclass(frozen=True, kw_only=True)
class ToReview:
    """A product a member bought and has not reviewed."""

    product: ShopProduct
    bought_at: datetime


@dataclass(frozen=True, kw_only=True)
class RatedProduct:
    """A product with what its reviews come to."""

    product: Any
    rating: Rating


def settings_row() -> ReviewSettings:
    """The settings of the programme in scope, kept or not. One query."""
    return ReviewSettings.objects.first() or ReviewSettings()


def review_terms() -> ReviewTerms:
    """How reviews work here. One query."""
    return settings_row().terms


def reviews(*, state: str = "", stars: int | None = None, text: str = "") -> QuerySet[Review]:
    """Reviews by filters, unordered."""
    rows: QuerySet[Review] = Review.objects.select_related("member", "product")
    if state:
        rows = rows.filter(state=state)
    if stars:
        rows = rows.filter(stars=stars)
    for word in text.replace("\0", "").split()[:5]:
        rows = rows.filter(Q(text__icontains=word) | Q(product__name__icontains=word))
    return rows


def published(product: int, *, reader: Member | None = None) -> QuerySet[Review]:
    """The published reviews of a product, without those the reader does not want to read."""
    rows = reviews(state=Review.State.PUBLISHED).filter(product=product)
    hidden = blocked_by(reader)
    return rows.exclude(member__in=hidden) if hidden else rows


def access_review(public_id: str) -> Review:
    """A review. Raises ``NotFound``."""
    found = reviews().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("review_not_found", _("There is no such review."), field="review")
    return found


def own_review(member: Member, product: int) -> Review | None:
    """What a member (or a card merged into theirs) wrote of a product and did not withdraw."""
    rows = reviews().filter(member__in=cards_of(member), product=product, state__in=_LIVING)
    return rows.order_by("-pk").first()


def reviews_by(member: Member) -> QuerySet[Review]:
    """Everything a member wrote and did not withdraw."""
    return reviews().filter(member__in=cards_of(member), state__in=_LIVING)


def show(rows: Sequence[Review], *, reader: Member | None = None) -> list[ShownReview]:
    """Reviews as this reader sees them. Few queries for all."""
    names = shown_names(list({row.member_id: row.member for row in rows}.values()))
    mine = set(cards_of(reader)) if reader else set()
    pictures = photos_of([row.public_id for row in rows])
    if any(row.member_id in mine for row in rows):
        own = [row.public_id for row in rows if row.member_id in mine]
        pictures |= photos_of(own, everything=True)
    voted: set[int] = set()
    if mine and rows:
        votes = HelpfulVote.objects.filter(review__in=rows, member__in=mine)
        voted = set(votes.values_list("review", flat=True))
    return [
        ShownReview(
            review=row,
            author=names[row.member_id],
            photos=pictures.get(row.public_id, []),
            is_own=row.member_id in mine,
            is_voted=row.pk in voted,
        )
        for row in rows
    ]


def rating_of(product: int) -> Rating:
    """What the published reviews of a product come to. One query."""
    row = ProductRating.objects.filter(product=product).first()
    return row.rating if row else Rating()


def rated_products(*, limit: int = 30) -> list[RatedProduct]:
    """Products with published reviews, those with the most first. One query."""
    total = F("one") + F("two") + F("three") + F("four") + F("five")
    rows = ProductRating.objects.select_related("product").annotate(total=total)
    found = rows.filter(total__gt=0, product__is_active=True).order_by("-total", "product__name")
    return [RatedProduct(product=row.product, rating=row.rating) for row in found[:limit]]


def ratings_of(products: Collection[int]) -> dict[int, Rating]:
    """What the reviews of these products come to, by key. One query."""
    return {
        row.product_id: row.rating for row in ProductRating.objects.filter(product__in=products)
    }


def to_review(member: Member, *, limit: int = 6) -> list[ToReview]:
    """What a member bought, kept and has not reviewed, newest first. Three queries."""
    cards = cards_of(member)
    kept = shelf().kept_by(cards)
    done = set(
        Review.objects.filter(member__in=cards, state__in=_LIVING).values_list("product", flat=True)
    )
    open_ones = [
        ToReview(product=product, bought_at=at)
        for key, (product, at) in kept.items()
        if key not in done and product.is_active
    ]
    return sorted(open_ones, key=lambda one: one.bought_at, reverse=True)[:limit]


def has_bought(member: Member, product: int) -> bool:
    """Did a member buy a product and keep it? Two queries."""
    return product in shelf().kept_by(cards_of(member), products=[product])


def owner_of(member: Member) -> Member:
    """The card that a card was merged into, or itself."""
    while member.merged_into is not None:
        member = member.merged_into
    return member


def author_to_lock(*, review: str, **_rest: Any) -> Lock:
    """The lock of commands about one review: its author, by the card that is theirs now."""
    row = Review.objects.select_related("member__merged_into").filter(public_id=review).first()
    return member_to_lock(owner_of(row.member).public_id if row else "")


def is_editable(row: Review, terms: ReviewTerms, *, at: datetime) -> bool:
    """May its author still change it?"""
    return row.state in _LIVING and may_edit(terms, written_at=row.written_at, now=at)


def editable_until(row: Review, terms: ReviewTerms) -> datetime:
    """Until when its author may change it."""
    return edit_until(terms, written_at=row.written_at)


def published_count(member: Member) -> int:
    """How many reviews of a member are published. Two queries."""
    rows = Review.objects.filter(member__in=cards_of(member), state=Review.State.PUBLISHED)
    return rows.count()


def published_by(_moment: Moment) -> Any:
    """The same as an expression over members."""
    own = Q(member=OuterRef("pk")) | Q(member__merged_into=OuterRef("pk"))
    rows = Review.objects.filter(own, state=Review.State.PUBLISHED).order_by()
    counted = rows.values("programme").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
