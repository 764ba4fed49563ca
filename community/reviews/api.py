"""Reviews over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from community.reviews import selectors, services
from community.reviews import serializers as shapes
from community.reviews.models import Review
from community.reviews.services import ReviewAnswer, ReviewSettingsAnswer, Voted
from community.reviews.services.settings import answer as settings_answer
from loyalty.engine.ports import shelf
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Reviews"


class _ReviewsApi(ApiView):
    """What the endpoints of reviews share."""

    def present(self, row: Review) -> shapes.ReviewView:
        """A review as staff see it, photos held back included."""
        (one,) = selectors.show([row], reader=row.member)
        return shapes.present_review(one, slug=self.programme.slug)


class Reviews(_ReviewsApi):
    """Reviews of all products."""

    permission = {"GET": "reviews:read", "POST": "reviews:write"}

    @operation(
        "List reviews", tag=_TAG, answer=shapes.ReviewView, query=shapes.ReviewQuery, is_list=True
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.ReviewQuery)
        rows = selectors.reviews(state=wanted.get("state", ""))
        rows = rows.exclude(state=Review.State.WITHDRAWN)
        if wanted.get("member"):
            rows = rows.filter(member__public_id=wanted["member"])
        return self.page(rows, present=self.present)

    @operation(
        "Write a review for a member",
        tag=_TAG,
        body=shapes.ReviewBody,
        example=shapes.REVIEW,
        answer=ReviewAnswer,
        errors=(409, 422),
        description=(
            "One for each member and product. Published, it counts as the activity "
            "`review.published`, which rules reward; that happens once."
        ),
    )
    def post(self, request: Request) -> Response:
        done = services.write_review(self.call(), **shapes.kept(self.read(shapes.ReviewBody)))
        return self.created(
            done, location=f"/api/v1/reviews/{done.review}/", revision=done.revision
        )


class OneReview(_ReviewsApi):
    """A review."""

    permission = {"GET": "reviews:read", "PATCH": "reviews:write", "DELETE": "reviews:write"}

    @operation("Read a review", tag=_TAG, answer=shapes.ReviewView)
    def get(self, request: Request, review: str) -> Response:
        row = selectors.access_review(review)
        return self.ok(self.present(row), revision=row.revision)

    @operation(
        "Change a review",
        tag=_TAG,
        body=shapes.ReviewChangeBody,
        example={"stars": 4},
        answer=ReviewAnswer,
        errors=(422,),
    )
    def patch(self, request: Request, review: str) -> Response:
        revision = self.if_match()
        selectors.access_review(review)
        values = shapes.kept(self.read(shapes.ReviewChangeBody))
        done = services.edit_review(self.call(), review=review, revision=revision, **values)
        return self.ok(done, revision=done.revision)

    @operation("Withdraw a review", tag=_TAG, description="What it earned is taken back.")
    def delete(self, request: Request, review: str) -> Response:
        services.withdraw_review(self.call(), review=review)
        return self.gone()


class ReviewDecision(ApiView):
    """What staff decide."""

    permission = "moderation:write"

    @operation(
        "Decide about a review",
        tag=_TAG,
        body=shapes.ReviewDecisionBody,
        example={"verdict": "keep"},
        answer=ReviewAnswer,
        status=200,
        description="`keep` shows it, `hold` hides it, `remove` takes back what it earned.",
    )
    def post(self, request: Request, review: str) -> Response:
        body = self.read(shapes.ReviewDecisionBody)
        return self.ok(services.decide_review(self.call(), review=review, **body))


class ReviewReply(ApiView):
    """The shop's answer."""

    permission = "reviews:write"

    @operation(
        "Answer a review in public",
        tag=_TAG,
        body=shapes.ReviewReplyBody,
        example={"text": "Cảm ơn bạn!"},
        answer=ReviewAnswer,
        status=200,
    )
    def post(self, request: Request, review: str) -> Response:
        text = self.read(shapes.ReviewReplyBody).get("text", "")
        return self.ok(services.reply_to_review(self.call(), review=review, text=text))


class ReviewHelpful(ApiView):
    """Votes."""

    permission = "reviews:write"

    @operation(
        "Say that a review helped",
        tag=_TAG,
        body=shapes.HelpfulBody,
        example={"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=Voted,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, review: str) -> Response:
        body = self.read(shapes.HelpfulBody)
        return self.ok(services.vote_helpful(self.call(), review=review, **body))


class ProductReviews(_ReviewsApi):
    """The published reviews of a product."""

    permission = "reviews:read"

    @operation(
        "List a product's published reviews", tag=_TAG, answer=shapes.ReviewView, is_list=True
    )
    def get(self, request: Request, product: str) -> Response:
        found = shelf().product(public_id=product)
        return self.page(selectors.published(found.pk), present=self.present)


class ProductRatingApi(ApiView):
    """What a product's reviews come to."""

    permission = "reviews:read"

    @operation("Read a product's rating", tag=_TAG, answer=shapes.RatingView)
    def get(self, request: Request, product: str) -> Response:
        found = shelf().product(public_id=product)
        rating = selectors.rating_of(found.pk)
        return self.ok(shapes.present_rating(rating, product=found.public_id, sku=found.sku))


class ToReviewApi(ApiView):
    """What a member may be asked to review."""

    permission = "reviews:read"

    @operation(
        "List what a member bought and has not reviewed",
        tag=_TAG,
        answer=list[shapes.ToReviewView],
    )
    def get(self, request: Request, member: str) -> Response:
        found = selectors.to_review(member_of_id(member), limit=50)
        return self.ok([shapes.present_to_review(one) for one in found])


class ReviewSettingsApi(ApiView):
    """How reviews work."""

    permission = {"GET": "reviews:read", "PATCH": "reviews:write"}

    @operation("Read the settings of reviews", tag=_TAG, answer=ReviewSettingsAnswer)
    def get(self, request: Request) -> Response:
        found = settings_answer(selectors.settings_row())
        return self.ok(found, revision=found.revision)

    @operation(
        "Change the settings of reviews",
        tag=_TAG,
        body=shapes.ReviewSettingsBody,
        example={"looked_at": "before"},
        answer=ReviewSettingsAnswer,
    )
    def patch(self, request: Request) -> Response:
        revision = self.if_match()
        values = self.read(shapes.ReviewSettingsBody)
        done = services.change_settings(self.call(), values=values, revision=revision)
        return self.ok(done, revision=done.revision)


routes = [
    path("reviews/", Reviews.as_view()),
    path("reviews/settings/", ReviewSettingsApi.as_view()),
    path("reviews/<str:review>/", OneReview.as_view()),
    path("reviews/<str:review>/decision/", ReviewDecision.as_view()),
    path("reviews/<str:review>/reply/", ReviewReply.as_view()),
    path("reviews/<str:review>/helpful/", ReviewHelpful.as_view()),
    path("products/<str:product>/reviews/", ProductReviews.as_view()),
    path("products/<str:product>/rating/", ProductRatingApi.as_view()),
    path("members/<str:member>/products-to-review/", ToReviewApi.as_view()),
]
