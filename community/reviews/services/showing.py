"""What happens when a review appears and disappears: stars counted, photos shown, the activity."""

from __future__ import annotations

from django.db.models import F

from community.reviews import selectors
from community.reviews.models import ProductRating, Review
from loyalty.commands.decorator import Context
from loyalty.common.rows import save_beside
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity, take_back_activity
from loyalty.engine.status import Status
from loyalty.engine.statuses import write_statuses
from loyalty.outbox.services import publish
from members.moderation.selectors import photos_of
from members.moderation.services import show_photos
from members.profiles.models import Member

PUBLISHED = "review.published"
_FIELDS = ("one", "two", "three", "four", "five")


def appear(ctx: Context, row: Review, owner: Member) -> None:
    """Show a review. What it earns as an activity it earns once, for as long as it stands."""
    row.state, row.reason = Review.State.PUBLISHED, ""
    is_first = row.published_at is None
    row.published_at = row.published_at or ctx.now
    count_stars(row, by=1)
    show_photos(row.public_id, shown=True)
    # A card on hold or erased earns nothing; what is shown is another matter.
    if row.activity_id is None and owner.state == Member.State.ACTIVE and _earns(row):
        row.times += 1
        done = record_activity.within(
            ctx,
            member=owner.public_id,
            type=PUBLISHED,
            key=f"{row.public_id}:{row.times}",
            data={
                "review": row.public_id,
                "product": row.product.sku,
                "stars": row.stars,
                "is_verified": row.is_verified,
                "photos": len(photos_of([row.public_id]).get(row.public_id, [])),
                "letters": len(row.text),
            },
        )
        row.activity = Activity.objects.get(public_id=done.activity)
    save_beside(row, "helpful")
    recount(ctx, owner)
    if is_first:
        told = {"member": owner.public_id, "review": row.public_id, "sku": row.product.sku}
        publish(ctx, "review.published", subject=owner.public_id, data={**told, "stars": row.stars})


def _earns(row: Review) -> bool:
    terms = selectors.review_terms()
    # Who gave the product back and lost what the review earned does not earn it by a new comma.
    lost = bool(row.times) and not terms.points_stay
    return row.is_verified or not (terms.only_verified_earn or lost)


def disappear(
    ctx: Context, row: Review, owner: Member, *, state: str, reason: str = "", for_good: bool
) -> None:
    """Show a review no more. ``for_good``: what it earned is taken back."""
    if row.state == Review.State.PUBLISHED:
        count_stars(row, by=-1)
    row.state, row.reason = state, reason
    show_photos(row.public_id, shown=False)
    if for_good:
        lose_activity(ctx, row)
    save_beside(row, "helpful")
    recount(ctx, owner)


def lose_activity(ctx: Context, row: Review) -> None:
    """It counts as an activity no more: what it earned is taken back."""
    if row.activity is not None:
        take_back_activity(ctx, row.activity)
        row.activity = None


def count_stars(row: Review, *, by: int) -> None:
    """One published review more or less with these stars."""
    ProductRating.objects.get_or_create(
        product_id=row.product_id, defaults={"programme": row.programme}
    )
    name = _FIELDS[row.stars - 1]
    ProductRating.objects.filter(product=row.product_id).update(**{name: F(name) + by})


def recount(ctx: Context, owner: Member) -> None:
    """How many of a member's reviews are published, for everybody's rules."""
    known = Status(value="", since=ctx.now, data={"published": selectors.published_count(owner)})
    write_statuses([(owner, {selectors.STATUS: known})], at=ctx.now)
