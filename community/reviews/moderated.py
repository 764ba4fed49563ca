"""Reviews can be reported and decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.reviews import selectors
from community.reviews.models import Review
from community.reviews.services import decide_review
from community.reviews.services.writing import KIND
from loyalty.commands.decorator import Call
from members.moderation.selectors import Moderated, Thing


def _find(subjects: Collection[str]) -> Mapping[str, Thing]:
    rows = selectors.reviews().filter(public_id__in=subjects)
    shown = selectors.show(list(rows.exclude(state=Review.State.WITHDRAWN)))
    return {
        one.review.public_id: Thing(
            subject=one.review.public_id,
            author=one.review.member.public_id,
            author_name=one.author,
            title=f"{one.review.product.name} · {one.review.stars} ★",
            text=one.review.text,
            written_at=one.review.edited_at or one.review.written_at,
            is_shown=one.review.state == Review.State.PUBLISHED,
            route=("reviews_of", one.review.product.public_id),
        )
        for one in shown
    }


def _decide(call: Call, subject: str, verdict: str, reason: str) -> Any:
    return decide_review(call, review=subject, verdict=verdict, reason=reason)


MODERATED = (Moderated(kind=KIND, label=_("Product review"), find=_find, decide=_decide),)
