"""Shapes of the reviews API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.reviews.rules import LONGEST, Rating
from community.reviews.selectors import ShownReview, ToReview
from loyalty.web.api import Base64, Body, Choice, Flag, ItemList, PublicId, Query, Text, Whole
from loyalty.web.photos import MOST_BYTES, keep_photos
from members.moderation.results import PhotoView, present_photos

_STATES = ["waiting", "published", "rejected"]

REVIEW = {
    "member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6",
    "sku": "CPS",
    "stars": 5,
    "text": "Đậm, thơm, không gắt.",
}


class ReviewBody(Body):
    """A review; ``photos`` are the bytes of JPEG, PNG or WebP pictures as base64."""

    member = PublicId(prefix="mem")
    sku = Text(maximum=60, help_text="The product's code.")
    stars = Whole(minimum=1, maximum=5)
    text = Text(maximum=LONGEST, lines=True, required=False)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)


class ReviewChangeBody(Body):
    """What to change of a review; ``drop_photos`` are ids of photos to take away."""

    stars = Whole(minimum=1, maximum=5, required=False)
    text = Text(maximum=LONGEST, lines=True, required=False)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)
    drop_photos = ItemList(child=PublicId(prefix="pho"), maximum=20, required=False)


class ReviewDecisionBody(Body):
    """What becomes of a review; to remove one needs a reason, which its author reads."""

    verdict = Choice(choices=["keep", "remove", "hold"])
    reason = Text(maximum=200, required=False)


class ReviewReplyBody(Body):
    """The shop's public answer; empty takes it away."""

    text = Text(maximum=LONGEST, lines=True, required=False)


class HelpfulBody(Body):
    """Who finds a review helpful, or no longer."""

    member = PublicId(prefix="mem")
    is_helpful = Flag(required=False)


class ReviewQuery(Query):
    """Which reviews."""

    state = Choice(choices=_STATES, required=False)
    member = PublicId(prefix="mem", required=False)


class ReviewSettingsBody(Body):
    """Settings to change."""

    is_open = Flag(required=False)
    who = Choice(choices=["buyers", "all"], required=False)
    looked_at = Choice(choices=["before", "after"], required=False)
    edit_days = Whole(maximum=3_650, required=False)
    most_photos = Whole(maximum=10, required=False)
    only_verified_earn = Flag(required=False)
    points_stay = Flag(required=False)
    public_read = Flag(required=False)
    former = Choice(choices=["keep", "remove"], required=False)


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """A review. ``author`` is the name its author shows to others; empty where they are gone."""

    id: str
    member: str
    author: str
    product: str
    sku: str
    stars: int
    text: str
    state: str
    reason: str
    is_verified: bool
    helpful: int
    photos: Sequence[PhotoView]
    reply: str
    replied_at: datetime | None
    written_at: datetime
    edited_at: datetime | None
    published_at: datetime | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class RatingView:
    """What the published reviews of a product come to. ``average_tenths`` 43 is 4.3 stars."""

    product: str
    sku: str
    count: int
    average_tenths: int
    average: str
    by_stars: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class ToReviewView:
    """A product that was bought and not reviewed yet."""

    product: str
    sku: str
    name: str
    bought_at: datetime


def kept(values: dict[str, Any]) -> dict[str, Any]:
    """The body with its pictures looked at and kept. Raises ``Invalid`` (``photos.<n>``)."""
    return {**values, "photos": keep_photos(values.pop("photos", None) or [])}


def present_review(one: ShownReview, *, slug: str) -> ReviewView:
    """For the API."""
    row = one.review
    return ReviewView(
        id=row.public_id,
        member=row.member.public_id,
        author=one.author,
        product=row.product.public_id,
        sku=row.product.sku,
        stars=row.stars,
        text=row.text,
        state=str(row.state),
        reason=row.reason,
        is_verified=row.is_verified,
        helpful=row.helpful,
        photos=present_photos(one.photos, slug=slug),
        reply=row.reply,
        replied_at=row.replied_at,
        written_at=row.written_at,
        edited_at=row.edited_at,
        published_at=row.published_at,
        revision=row.revision,
    )


def present_rating(rating: Rating, *, product: str, sku: str) -> RatingView:
    """For the API."""
    return RatingView(
        product=product,
        sku=sku,
        count=rating.count,
        average_tenths=rating.average_tenths,
        average=rating.average,
        by_stars={str(stars): number for stars, number, _share in rating.rows},
    )


def present_to_review(one: ToReview) -> ToReviewView:
    """For the API."""
    product = one.product
    return ToReviewView(
        product=product.public_id, sku=product.sku, name=product.name, bought_at=one.bought_at
    )
