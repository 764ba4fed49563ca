"""After sales: tell the operator and the merchant when prepaid points run out."""

from __future__ import annotations

from campaigns.coalition import selectors
from campaigns.coalition.services import warn_when_low
from loyalty.outbox.subscriptions import Happened, subscriber


@subscriber("purchase.recorded", "sales.imported", "coalition.terms_set")
def warn_of_empty_blocks(event: Happened) -> None:
    """Once for each block; programmes of one merchant are not even asked."""
    if not event.programme.has_several_merchants:
        return
    for one in selectors.low_accounts():
        account, terms = one.account, one.terms
        if account is None or terms is None or account.warned_at_bought == account.bought:
            continue
        merchant = one.merchant.public_id
        warn_when_low(event.call(f"warn-{merchant}"), merchant=merchant, minimum=terms.minimum)
