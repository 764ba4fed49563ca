"""The guard of every sale in a coalition: terms in force, and prepaid points left.

A postpaid merchant costs a sale no query, a prepaid one a single conditional update: of two sales at
once for the last points one waits and then finds them gone. It stands at the end of the sale's
transaction, so a refusal leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from campaigns.coalition.models import PrepaidAccount
from campaigns.coalition.rules import (
    BILL,
    PREPAID,
    Terms,
    anyone_in,
    cleared_asset,
    in_force,
    moved_by,
)
from loyalty.common.clock import local_day
from loyalty.common.errors import Refused
from loyalty.engine.plug import Moving


def check_issuing(terms: Sequence[Terms], moving: Moving) -> None:
    """Refuse what the merchant's terms do not allow; else count its prepaid points.

    Raises ``Refused``: ``merchant_without_terms``, ``merchant_left``, ``prepaid_exhausted``. What is
    undone is never refused, and neither is what happens at no merchant.
    """
    if moving.merchant_id is None:
        return
    issued, redeemed = moved_by(moving.entries, asset=cleared_asset(terms))
    if not issued and not redeemed:
        return
    day = local_day(moving.at, moving.timezone)
    own = in_force(terms, moving.merchant_id, day)
    if issued > 0 or redeemed > 0:
        _check_open(own, anyone=anyone_in(terms, day))
    if own is not None and not own.is_open:
        # Only what is undone gets here: it was sold under the terms before, and its block is paid back.
        own = in_force([one for one in terms if one.is_open], moving.merchant_id, day)
    if own is not None and own.billing == PREPAID and issued:
        _draw(own, issued, is_quote=moving.is_quote)


def _check_open(own: Terms | None, *, anyone: bool) -> None:
    if own is None and anyone:
        raise Refused(
            "merchant_without_terms",
            _("This shop has no terms in the coalition yet, so it gives and takes no points."),
            field="merchant",
        )
    if own is not None and not own.is_open:
        raise Refused(
            "merchant_left",
            _("This shop has left the coalition, so it gives and takes no points."),
            field="merchant",
        )


def _draw(own: Terms, points: int, *, is_quote: bool) -> None:
    """Take points from the merchant's blocks, or put back what a refund takes from a member."""
    rows = PrepaidAccount.objects.filter(merchant=own.merchant_id)
    if points < 0:
        if not is_quote:
            rows.update(used=Greatest(F("used") + points, Value(0)))
        return
    enough = Q() if own.when_empty == BILL else Q(used__lte=F("bought") - points)
    found = rows.filter(enough)
    done = found.exists() if is_quote else found.update(used=F("used") + points)
    if not done:
        raise Refused(
            "prepaid_exhausted",
            _(
                "This shop's prepaid points do not suffice for the %(points)s points of this sale. "
                "Buy another block, or record the sale without the card."
            )
            % {"points": points},
            field="merchant",
            params={"points": points},
        )
