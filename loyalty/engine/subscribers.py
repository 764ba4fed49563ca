"""What members do to their profiles counts as activities: joining, completing the profile. Merged cards
stand where both stood.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from loyalty.common.errors import NotFound, Refused
from loyalty.engine.activity import PURCHASE
from loyalty.engine.merging import join_statuses, part_statuses
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from members.profiles.selectors import has_identifier
from members.profiles.services import issue_card

JOINED = "member.joined"
PROFILE_COMPLETED = "member.profile_completed"
CLUB_JOINED = "club.joined"


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


@subscriber("club.joined")
def count_joining_the_club(event: Happened) -> None:
    """Once per member, when they confirmed their address for the first time."""
    with suppress(Refused):
        record_activity(
            event.call("count-joining-the-club"),
            member=event.subject,
            type=CLUB_JOINED,
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


@subscriber("purchase.recorded")
def issue_card_to_regulars(event: Happened) -> None:
    """Where the programme gives numbered cards to those who come often: is this one of them now?"""
    programme = event.programme
    if programme.card_policy != Programme.CardPolicy.FREQUENCY:
        return
    if has_identifier(event.subject, "card"):
        return
    since = event.recorded_at - timedelta(days=programme.card_within_days)
    visits = Activity.objects.filter(
        member__public_id=event.subject, type=PURCHASE, happened_at__gte=since
    )
    if visits.count() >= programme.card_after_visits:
        with suppress(Refused):  # merged or erased meanwhile
            issue_card(event.call("issue-card-to-regulars"), member=event.subject)


@subscriber("member.merged")
def join_what_two_cards_stand_for(event: Happened) -> None:
    """Badges, streaks, missions and wishes of the merged card are the survivor's."""
    survivor, loser = event.data["survivor"], event.data["loser"]
    with suppress(NotFound):
        join_statuses(event.call("join-statuses"), survivor=survivor, loser=loser)


@subscriber("member.unmerged")
def part_what_two_cards_stand_for(event: Happened) -> None:
    """Taken apart, each stands where it stood."""
    survivor, loser = event.data["survivor"], event.data["loser"]
    with suppress(NotFound):
        part_statuses(event.call("part-statuses"), survivor=survivor, loser=loser)
