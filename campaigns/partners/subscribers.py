"""What happens to members may end what partners give them: levels, plans, attributes, households."""

from __future__ import annotations

from django.db.models import Q

from campaigns.partners.selectors.codes import to_watch
from campaigns.partners.services.reviewing import review_member
from loyalty.outbox.subscriptions import Happened, subscriber


# Whatever of a member may be a fact. Sales change facts too, but are many: the job looks after them.
@subscriber(
    "member.*", "household.*", "level.*", "membership.*", "subscription.*", "segment.*", "trial.*"
)
def review_offers(event: Happened) -> None:
    """Ends (or keeps) the codes of a member who has any to watch."""
    held = Q(member__public_id=event.subject) | Q(member__merged_into__public_id=event.subject)
    if to_watch().filter(held).exists():
        review_member(event.call("review-offers"), member=event.subject)
