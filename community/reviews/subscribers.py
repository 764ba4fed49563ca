"""A sale or a refund gives or takes the badge of a verified purchase; two cards become one."""

from __future__ import annotations

from contextlib import suppress

from community.reviews.models import Review
from community.reviews.services import check_badges, hide_doubles
from loyalty.common.errors import NotFound
from loyalty.engine.ports import shelf
from loyalty.outbox.subscriptions import Happened, subscriber
from members.profiles.models import Member


@subscriber("purchase.recorded", "purchase.refunded")
def look_at_badges(event: Happened) -> None:
    """Only where the member reviewed something that is on the bill."""
    member = Member.objects.filter(public_id=event.subject).first()
    if member is None:
        return
    owner = member.merged_into or member
    cards = Member.objects.filter(pk=owner.pk) | Member.objects.filter(merged_into=owner)
    written = set(Review.objects.filter(member__in=cards).values_list("product", flat=True))
    if not written:
        return
    products = sorted(written.intersection(shelf().products_of(event.data["purchase"])))
    if products:
        call = event.call("look-at-badges")
        check_badges(call, member=owner.public_id, products=products)


@subscriber("member.merged", "member.unmerged")
def look_at_doubles(event: Happened) -> None:
    """Of each of the cards that are there now."""
    for name in ("survivor", "loser"):
        with suppress(NotFound):
            hide_doubles(event.call(f"look-at-doubles-{name}"), member=event.data[name])
