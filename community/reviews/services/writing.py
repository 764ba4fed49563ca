"""What members do: write, change and take away a review, find another's helpful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.reviews import selectors
from community.reviews.models import HelpfulVote, Review
from community.reviews.rules import LONGEST, ReviewTerms, When, Who
from community.reviews.services.showing import appear, count_stars, disappear
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Outdated, Refused
from loyalty.common.rows import save_beside
from loyalty.engine.ports import ShopProduct, shelf
from loyalty.web.photos import KeptPhoto
from members.moderation.models import Case, Photo
from members.moderation.selectors import cards_of, manners
from members.moderation.services import (
    attach_photos,
    check_pace,
    check_text,
    close_cases,
    open_case,
    throw_photos_away,
)
from members.profiles.models import Member
from members.profiles.rules.names import clean_text
from members.profiles.selectors import member_to_lock

KIND = "review"
PERMISSIONS = ("reviews:write", "self:reviews")


@dataclass(frozen=True, kw_only=True)
class ReviewAnswer:
    """A review as a command left it."""

    review: str
    member: str
    product: str
    state: str
    is_verified: bool
    revision: int
    editable_until: datetime


@dataclass(frozen=True, kw_only=True)
class Voted:
    """How many members find a review helpful."""

    review: str
    helpful: int
    is_voted: bool


def answer(row: Review, owner: Member, terms: ReviewTerms) -> ReviewAnswer:
    """As a plain value."""
    return ReviewAnswer(
        review=row.public_id,
        member=owner.public_id,
        product=row.product.public_id,
        state=str(row.state),
        is_verified=row.is_verified,
        revision=row.revision,
        editable_until=selectors.editable_until(row, terms),
    )


@command(
    "reviews.write_review",
    label=_("Review written"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def write_review(
    ctx: Context,
    *,
    member: str,
    sku: str,
    stars: int,
    text: str = "",
    photos: Sequence[KeptPhoto] = (),
) -> ReviewAnswer:
    """Review a product, once. Published at once, or first looked at, as the settings say.

    Raises ``NotFound`` (member, product), ``Invalid`` (``stars``, ``text``, ``photos``), ``Conflict``
    (``reviewed_before``) and ``Refused`` (closed, not a buyer, card not active, too many).
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    terms, product = selectors.review_terms(), shelf().product(sku=sku)
    is_verified = selectors.has_bought(owner, product.pk)
    _check_author(owner, terms, product, is_verified=is_verified)
    polite = manners()
    check_pace(ctx, owner, polite)
    why = check_text(text, polite)
    if not why and terms.looked_at == When.BEFORE:
        why = str(Case.Why.NEW)
    row = Review.objects.filter(member=owner, product=product.pk).first()
    if row is not None and row.reason and not why:
        why = str(Case.Why.NEW)  # removed by staff, then withdrawn: no way around them
    if row is None:
        row = Review(programme=ctx.programme, member=owner, product_id=product.pk)
    row.stars, row.text = _stars(stars), clean_text(text, longest=LONGEST)
    row.is_verified, row.written_at, row.edited_at = is_verified, ctx.now, None
    row.state, row.reason = Review.State.WAITING, ""
    row.revision += 1 if row.pk else 0
    save_beside(row, "helpful")
    _attach(ctx, row, owner, photos, terms)
    _go_on(ctx, row, owner, why)
    ctx.about(owner.public_id, review=row.public_id, sku=sku, state=str(row.state))
    return answer(row, owner, terms)


@command(
    "reviews.edit_review",
    label=_("Review changed"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def edit_review(
    ctx: Context,
    *,
    review: str,
    stars: int | None = None,
    text: str | None = None,
    photos: Sequence[KeptPhoto] = (),
    drop_photos: Sequence[str] = (),
    revision: int | None = None,
) -> ReviewAnswer:
    """Change a review within the time for it. It earns nothing again; it may be looked at again.

    Raises ``NotFound``, ``Invalid`` by field, ``Refused`` (too late, too many) and ``Outdated``.
    """
    owner = ctx.the_locked(Member, code="review_not_found", field="review")
    row, terms = living(review), selectors.review_terms()
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    if not selectors.is_editable(row, terms, at=ctx.now):
        raise Refused(
            "too_late_to_edit",
            _("Reviews can be changed for %(days)s days. This one stands as it is.")
            % {"days": terms.edit_days},
            params={"days": terms.edit_days},
        )
    polite = manners()
    check_pace(ctx, owner, polite)
    new_text = row.text if text is None else clean_text(text, longest=LONGEST)
    why = check_text(new_text, polite)
    # What staff hide or removed is not shown again before they have seen what became of it.
    if not why and (terms.looked_at == When.BEFORE or row.state != Review.State.PUBLISHED):
        why = str(Case.Why.NEW)
    if row.state == Review.State.PUBLISHED:
        count_stars(row, by=-1)
    row.stars = row.stars if stars is None else _stars(stars)
    row.text, row.edited_at, row.state, row.reason = new_text, ctx.now, Review.State.WAITING, ""
    row.revision += 1
    dropped = Photo.objects.filter(subject=row.public_id, public_id__in=list(drop_photos))
    throw_photos_away(dropped)
    _attach(ctx, row, owner, photos, terms)
    _go_on(ctx, row, owner, why)
    ctx.about(owner.public_id, review=row.public_id, state=str(row.state))
    return answer(row, owner, terms)


@command(
    "reviews.withdraw_review",
    label=_("Review withdrawn"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def withdraw_review(ctx: Context, *, review: str) -> ReviewAnswer:
    """Take one's review away, and with it what it earned. Raises ``NotFound``."""
    owner = ctx.the_locked(Member, code="review_not_found", field="review")
    row = living(review)
    row.text, row.reply = "", ""
    row.revision += 1
    gone = Review.State.WITHDRAWN
    disappear(ctx, row, owner, state=gone, reason=row.reason, for_good=True)
    HelpfulVote.objects.filter(review=row).delete()
    Review.objects.filter(pk=row.pk).update(helpful=0)
    throw_photos_away(Photo.objects.filter(subject=row.public_id))
    close_cases(ctx, kind=KIND, subject=row.public_id, state=Case.State.GONE)
    ctx.about(owner.public_id, review=row.public_id)
    return answer(row, owner, selectors.review_terms())


@command(
    "reviews.vote_helpful",
    label=_("Review found helpful"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def vote_helpful(ctx: Context, *, member: str, review: str, is_helpful: bool = True) -> Voted:
    """Say that a review helped, or no longer; once for each member, never for one's own.

    Raises ``NotFound`` and ``Refused`` (``ones_own``).
    """
    voter = ctx.the_locked(Member, code="member_not_found", field="member")
    row = living(review)
    if row.state != Review.State.PUBLISHED:
        raise NotFound("review_not_found", _("There is no such review."), field="review")
    if row.member_id in cards_of(voter):
        raise Refused("ones_own", _("This is your own review."), field="review")
    votes = HelpfulVote.objects.filter(review=row, member__in=cards_of(voter))
    was = votes.exists()
    if is_helpful and not was:
        HelpfulVote.objects.create(
            programme=ctx.programme, review=row, member=voter, voted_at=ctx.now
        )
        Review.objects.filter(pk=row.pk).update(helpful=F("helpful") + 1)
    if was and not is_helpful:
        votes.delete()
        Review.objects.filter(pk=row.pk).update(helpful=F("helpful") - 1)
    row.refresh_from_db(fields=["helpful"])
    ctx.about(voter.public_id, review=row.public_id, is_helpful=is_helpful)
    return Voted(review=row.public_id, helpful=row.helpful, is_voted=is_helpful)


def living(review: str) -> Review:
    """A review that its author did not withdraw. Raises ``NotFound``."""
    row = selectors.access_review(review)
    if row.state == Review.State.WITHDRAWN:
        raise NotFound("review_not_found", _("There is no such review."), field="review")
    return row


def _check_author(
    owner: Member, terms: ReviewTerms, product: ShopProduct, *, is_verified: bool
) -> None:
    if owner.state != Member.State.ACTIVE:
        raise Refused("member_not_active", _("This card is not active."), field="member")
    if not terms.is_open:
        raise Refused("reviews_closed", _("The shop takes no reviews at the moment."))
    before = selectors.own_review(owner, product.pk)
    if before is not None:
        raise Conflict(
            "reviewed_before",
            _("You reviewed this before. Change what you wrote."),
            field="sku",
            params={"review": before.public_id},
        )
    if terms.who == Who.BUYERS and not is_verified:
        raise Refused(
            "not_bought", _("Only who bought this and kept it can review it."), field="sku"
        )


def _stars(stars: int) -> int:
    if isinstance(stars, bool) or not isinstance(stars, int) or not 1 <= stars <= 5:
        raise Invalid("out_of_range", _("Give one to five stars."), field="stars")
    return stars


def _attach(
    ctx: Context, row: Review, owner: Member, photos: Sequence[KeptPhoto], terms: ReviewTerms
) -> None:
    attach_photos(
        ctx,
        member=owner,
        kind=KIND,
        subject=row.public_id,
        photos=photos,
        most=terms.most_photos,
    )


def _go_on(ctx: Context, row: Review, owner: Member, why: str) -> None:
    """Publish what was written, or put it into the queue."""
    if not why:
        appear(ctx, row, owner)
        return
    disappear(ctx, row, owner, state=Review.State.WAITING, for_good=False)
    open_case(ctx, kind=KIND, subject=row.public_id, author=owner, why=why)
