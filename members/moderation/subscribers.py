"""What many members report is hidden until staff have looked at it."""

from __future__ import annotations

from contextlib import suppress

from loyalty.common.errors import NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from members.moderation import selectors
from members.moderation.models import Case


@subscriber("content.reported")
def hide_what_many_report(event: Happened) -> None:
    """After as many reports as the settings say; 0 never."""
    case = Case.objects.filter(public_id=event.data["case"], state=Case.State.OPEN).first()
    most = selectors.manners().hide_after
    if case is None or not most or case.reports < most:
        return
    kind = selectors.kinds().get(case.kind)
    if kind is not None:
        with suppress(NotFound, Refused):  # its author took it away meanwhile
            kind.decide(event.call("hide-reported"), case.subject, selectors.HOLD, "")
