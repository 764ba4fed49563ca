"""What members do to their profiles counts as activities: joining, and completing the profile."""

from __future__ import annotations

from contextlib import suppress

from loyalty.common.errors import Refused
from loyalty.engine.services import record_activity
from loyalty.outbox.subscriptions import Happened, subscriber
from members.profiles.models import Member

JOINED = "member.joined"
PROFILE_COMPLETED = "member.profile_completed"


@subscriber("member.joined")
def count_joining(event: Happened) -> None:
    """Once per member, at the instant they joined; who was brought along did not join now."""
    if event.data.get("channel") == "import":
        return
    with suppress(Refused):  # put on hold meanwhile
        record_activity(
            event.call("count-joining"),
            member=event.subject,
            type=JOINED,
            key=event.subject,
            happened_at=event.recorded_at,
        )


@subscriber("member.joined", "member.updated")
def count_completed_profile(event: Happened) -> None:
    """Once per member, when name, birthday and a way to reach them are known."""
    if not _is_complete(event.subject):
        return
    with suppress(Refused):
        record_activity(
            event.call("count-completed-profile"),
            member=event.subject,
            type=PROFILE_COMPLETED,
            key=event.subject,
            happened_at=event.recorded_at,
        )


def _is_complete(member: str) -> bool:
    reachable = Member.objects.filter(
        public_id=member,
        state=Member.State.ACTIVE,
        birthday__isnull=False,
        identifiers__kind__in=("phone", "email"),
    )
    return reachable.exclude(name="").exists()
