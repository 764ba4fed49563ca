"""The best answer counts for who wrote it; the votes of two cards that became one are one."""

from __future__ import annotations

from contextlib import suppress

from community.discussions.services.deciding import honour_reply
from community.discussions.services.joining import join_votes
from loyalty.common.errors import NotFound
from loyalty.outbox.subscriptions import Happened, subscriber


@subscriber("answer.chosen")
def honour_who_answered(event: Happened) -> None:
    """Who was chosen is honoured; who was before and is not any more loses it."""
    for name in ("before", "reply"):
        if event.data[name]:
            with suppress(NotFound):  # withdrawn meanwhile, or the shop's own
                honour_reply(event.call(f"honour-{name}"), reply=event.data[name])


@subscriber("member.merged")
def count_votes_of_one(event: Happened) -> None:
    """One person has one vote, and none for their own idea."""
    with suppress(NotFound):
        join_votes(event.call("join-votes"), member=event.data["survivor"])
