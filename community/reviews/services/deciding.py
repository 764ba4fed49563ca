"""What staff and the house do with reviews: decide, reply, the badge of a purchase, erasure, merges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.reviews import selectors
from community.reviews.models import HelpfulVote, Review
from community.reviews.rules import LONGEST, Former
from community.reviews.services.showing import (
    appear,
    count_stars,
    disappear,
    lose_activity,
    recount,
)
from community.reviews.services.writing import KIND, ReviewAnswer, answer, living
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid
from loyalty.outbox.services import publish
from members.moderation.models import Case, Photo
from members.moderation.selectors import HOLD, KEEP, REMOVE, cards_of
from members.moderation.services import close_cases, drop_cases, throw_photos_away
from members.profiles.models import Member
from members.profiles.rules.names import clean_name, clean_text
from members.profiles.selectors import member_to_lock


@dataclass(frozen=True, kw_only=True)
class BadgesChecked:
    """How many reviews of a member got or lost the badge of a verified purchase."""

    member: str
    changed: int


@command(
    "reviews.decide_review",
    label=_("Review decided"),
    permission="moderation:write",
    lock=selectors.author_to_lock,
)
def decide_review(ctx: Context, *, review: str, verdict: str, reason: str = "") -> ReviewAnswer:
    """Show a review (``keep``), remove it with what it earned (``remove``), or hide it (``hold``).

    Raises ``NotFound`` and ``Invalid`` (``verdict``; ``reason`` where one is removed without).
    """
    owner = ctx.the_locked(Member, code="review_not_found", field="review")
    row, text = living(review), clean_name(reason, field="reason", longest=200)
    if verdict == KEEP:
        if row.state != Review.State.PUBLISHED:
            row.revision += 1
            appear(ctx, row, owner)
    elif verdict == REMOVE:
        if not text:
            raise Invalid(
                "required", _("Say why it is removed; its author reads it."), field="reason"
            )
        row.revision += 1
        disappear(ctx, row, owner, state=Review.State.REJECTED, reason=text, for_good=True)
        told = {"member": owner.public_id, "review": row.public_id, "reason": text}
        publish(ctx, "review.rejected", subject=owner.public_id, data=told)
    elif verdict == HOLD:
        disappear(ctx, row, owner, state=Review.State.WAITING, for_good=False)
    else:
        raise Invalid("unknown_choice", _("Use one of: keep, remove, hold."), field="verdict")
    if verdict != HOLD:
        state = Case.State.KEPT if verdict == KEEP else Case.State.REMOVED
        close_cases(ctx, kind=KIND, subject=row.public_id, state=state, reason=text)
    ctx.about(owner.public_id, review=row.public_id, verdict=verdict, reason=text)
    return answer(row, owner, selectors.review_terms())


@command(
    "reviews.reply_to_review",
    label=_("Review replied to"),
    permission="reviews:write",
    lock=selectors.author_to_lock,
)
def reply_to_review(ctx: Context, *, review: str, text: str) -> ReviewAnswer:
    """Answer a review for everybody to read; an empty text takes the answer away.

    Raises ``NotFound`` and ``Invalid`` (``text``).
    """
    owner = ctx.the_locked(Member, code="review_not_found", field="review")
    row = living(review)
    row.reply = clean_text(text, longest=LONGEST)
    row.replied_by = ctx.actor.label[:200] if row.reply else ""
    row.replied_at = ctx.now if row.reply else None
    row.save(update_fields=["reply", "replied_by", "replied_at"])
    if row.reply:
        told = {"member": owner.public_id, "review": row.public_id}
        publish(ctx, "review.replied", subject=owner.public_id, data=told)
    ctx.about(owner.public_id, review=row.public_id)
    return answer(row, owner, selectors.review_terms())


@command(
    "reviews.check_badges",
    label=_("Badges of verified purchases checked"),
    permission="reviews:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def check_badges(ctx: Context, *, member: str, products: Sequence[int]) -> BadgesChecked:
    """Who bought a product and kept it has the badge; who gave it back has it no more.

    With the badge goes what the review earned, where the settings say so. Raises ``NotFound``.
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    rows = selectors.reviews_by(owner).filter(product__in=list(products))
    changed = 0
    for row in rows.select_related("activity__member__holder"):
        has = selectors.has_bought(owner, row.product_id)
        if has == row.is_verified:
            continue
        row.is_verified, changed = has, changed + 1
        if not has and not selectors.review_terms().points_stay:
            lose_activity(ctx, row)
        row.save(update_fields=["is_verified", "activity"])
    ctx.about(owner.public_id, changed=changed)
    return BadgesChecked(member=owner.public_id, changed=changed)


@command(
    "reviews.hide_doubles",
    label=_("Second review of a merged card hidden"),
    permission="reviews:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def hide_doubles(ctx: Context, *, member: str) -> BadgesChecked:
    """Two cards were made one (or taken apart): of two reviews of a product the newest is shown."""
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    seen, changed = set[int](), 0
    for row in selectors.reviews_by(owner).order_by("-written_at", "-pk"):
        if row.product_id in seen:
            disappear(ctx, row, owner, state=Review.State.WITHDRAWN, for_good=True)
            close_cases(ctx, kind=KIND, subject=row.public_id, state=Case.State.GONE)
            changed += 1
        seen.add(row.product_id)
    _join_votes(owner)
    recount(ctx, owner)
    ctx.about(owner.public_id, changed=changed)
    return BadgesChecked(member=owner.public_id, changed=changed)


def _join_votes(owner: Member) -> None:
    """One person finds a review helpful once, and none of their own."""
    cards, voted = cards_of(owner), set[int]()
    votes = HelpfulVote.objects.filter(member__in=cards).select_related("review").order_by("pk")
    for vote in votes:
        if vote.review_id in voted or vote.review.member_id in cards:
            Review.objects.filter(pk=vote.review_id).update(helpful=F("helpful") - 1)
            vote.delete()
        voted.add(vote.review_id)


def forget_author(member: Member) -> None:
    """A person is forgotten: their reviews stay as a former member's, or go, by the settings.

    What the books say of the points stays either way.
    """
    rows = Review.objects.filter(member=member).exclude(state=Review.State.WITHDRAWN)
    if selectors.review_terms().former == Former.KEEP:
        rows = rows.exclude(state=Review.State.PUBLISHED)
    gone = list(rows)
    drop_cases(row.public_id for row in gone)
    for row in gone:
        if row.state == Review.State.PUBLISHED:
            count_stars(row, by=-1)
        row.state, row.text, row.reply, row.reason = Review.State.WITHDRAWN, "", "", ""
        row.save(update_fields=["state", "text", "reply", "reason"])
    # A photo may show the person, their home, their child: it goes either way.
    throw_photos_away(Photo.objects.filter(member=member, kind=KIND))
