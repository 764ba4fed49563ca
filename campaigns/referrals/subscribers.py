"""What follows referrals after commit. Whoever is not the friend is changed only here.

Events come at least once and in any order: every command here asks where the referral stands now,
and its key is made of the event.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import Referral
from campaigns.referrals.rules.telling import (
    Letter,
    given_name,
    letter_to_friend,
    letter_to_referrer,
)
from campaigns.referrals.services import (
    count_figures,
    follow_merge,
    follow_purchase,
    follow_unmerge,
    reward_referrer,
    take_back,
)
from loyalty.common.errors import NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from members.messaging.gateways.letters import absolute, send_service_letter
from members.messaging.selectors import living
from members.profiles.models import Member


@subscriber("referral.bought", "referral.withdrawn")
def follow_the_friend(event: Happened) -> None:
    """The friend bought, or what they bought came back."""
    returned = event.data["purchase"] if event.type == "referral.withdrawn" else ""
    with suppress(NotFound, Refused):  # erased, or on hold meanwhile: the job comes back to it
        follow_purchase(
            event.call("follow-purchase"), referral=event.data["referral"], returned=returned
        )


@subscriber("referral.paid")
def pay_who_invited(event: Happened) -> None:
    """Once the friend is paid. A card on hold is paid by the job when the hold is lifted."""
    with suppress(Refused):
        reward_referrer(event.call("reward-referrer"), referral=event.data["referral"])


@subscriber("referral.taken_back")
def take_both_back(event: Happened) -> None:
    """What both sides were given falls: the friend's purchase came back, or both are one person."""
    for side in ("friend", "referrer"):
        with suppress(NotFound):
            take_back(
                event.call(f"take-back-{side}"),
                member=event.data[side],
                referral=event.data["referral"],
            )


@subscriber(
    "referral.joined",
    "referral.returned",
    "referral.rejected",
    "referral.expired",
    "referral.taken_back",
)
def count_for_who_invited(event: Happened) -> None:
    """The figures that conditions ask for."""
    with suppress(NotFound):
        count_figures(event.call("count-figures"), member=event.data["referrer"])


@subscriber("referral.joined", "referral.released", "referral.rewarded", "referral.rejected")
def write_to_who_invited(event: Happened) -> None:
    """A friend joined; what was looked at is decided; the gift is there."""

    def words(row: Referral) -> Letter | None:
        told = selectors.referrer_told(row, programme=event.programme)
        return letter_to_referrer(event.type, told, name=_name(row.friend, event))

    _write(event, event.data["referrer"], "invite", _("My invitations"), words)


@subscriber("referral.paid", "referral.released", "referral.rejected")
def write_to_the_friend(event: Happened) -> None:
    """Their gift is there, or what was looked at is decided."""

    def words(row: Referral) -> Letter | None:
        told = selectors.friend_told(row, programme=event.programme)
        return letter_to_friend(event.type, told, name=_name(row.referrer, event))

    _write(event, event.data["friend"], "home", _("My card"), words)


def _write(
    event: Happened,
    member: str,
    page: str,
    label: Promise,
    words: Callable[[Referral], Letter | None],
) -> None:
    """One letter, in the language of who reads it, unless they want none about their card."""
    row, reader = selectors.access_referral(event.data["referral"]), living(member)
    if reader is None:
        return
    programme = event.programme
    with translation.override(reader.language), timezone.override(programme.timezone):
        letter = words(row)
        if letter is None:
            return
        send_service_letter(
            event,
            reader,
            subject=letter.subject,
            text=letter.text,
            url=absolute(programme, page),
            label=str(label),
            topic="account",
        )


def _name(other: Member, event: Happened) -> str:
    return given_name(other.name, language=event.programme.language)


@subscriber("member.merged")
def follow_merged_cards(event: Happened) -> None:
    """The merged card's referrals join the survivor's."""
    data = event.data
    follow_merge(
        event.call("referrals-follow-merge"), survivor=data["survivor"], loser=data["loser"]
    )


@subscriber("member.unmerged")
def follow_cards_taken_apart(event: Happened) -> None:
    """They go back to whose they were."""
    data = event.data
    follow_unmerge(
        event.call("referrals-follow-unmerge"), survivor=data["survivor"], loser=data["loser"]
    )
    count_figures(event.call("count-figures-after-unmerge"), member=data["survivor"])
