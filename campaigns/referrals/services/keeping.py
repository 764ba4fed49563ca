"""What all commands about referrals share: the lock, the row, the status sales read, the events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import Referral
from campaigns.referrals.rules.suspicions import suspicions
from campaigns.referrals.rules.terms import BOUGHT, STATUS, WITHDRAWN
from loyalty.commands.decorator import Context, Lock
from loyalty.common.errors import NotFound
from loyalty.engine.status import Status
from loyalty.engine.statuses import status_of, write_statuses
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

State = Referral.State
# What commands under the friend's lock write. The rest (who invited, what became of them) belongs to
# commands under the referrer's lock, which may run at the same time.
_OF_THE_FRIEND = (
    "state",
    "why",
    "reasons",
    "passed",
    "purchase",
    "bought_at",
    "due_at",
    "paid_at",
    "reviewed_by",
    "reviewed_at",
    "review_note",
    "ended_at",
    "device",
    "revision",
)


def friend_to_lock(referral: str) -> Lock:
    """The friend whose referral it is, with the holder."""
    rows = Referral.objects.filter(public_id=referral)
    return member_to_lock(rows.values_list("friend__public_id", flat=True).first() or "")


def referrer_to_lock(referral: str) -> Lock:
    """Who invited, with the holder."""
    rows = Referral.objects.filter(public_id=referral)
    return member_to_lock(rows.values_list("referrer__public_id", flat=True).first() or "")


def the_referral(ctx: Context, referral: str) -> Referral:
    """The referral of the locked friend, as it is now. Raises ``NotFound``."""
    friend = ctx.the_locked(Member, code="referral_not_found", field="referral")
    row = selectors.access_referral(referral)
    if friend.pk not in (row.friend_id, row.referrer_id):
        raise NotFound("referral_not_found", _("There is no such referral."), field="referral")
    return row


def keep(ctx: Context, row: Referral, *, event: str = "", **told: Any) -> None:
    """Write the referral and where its friend stands, and tell what happened."""
    row.revision += 1
    row.save(update_fields=_OF_THE_FRIEND)
    write_status(ctx, row)
    if event:
        data = {
            "referral": row.public_id,
            "referrer": row.referrer.public_id,
            "friend": row.friend.public_id,
            "programme": row.rule.public_id,
            "state": str(row.state),
            **told,
        }
        publish(ctx, event, subject=row.friend.public_id, data=data)
    ctx.about(
        row.public_id,
        state=str(row.state),
        referrer=row.referrer.public_id,
        friend=row.friend.public_id,
        **told,
    )


def write_status(ctx: Context, row: Referral) -> None:
    """Keep with the friend what a sale must know of the referral."""
    data: dict[str, Any] = {
        "referral": row.public_id,
        "rule": row.rule.public_id,
        "joined_at": row.joined_at.isoformat(),
        "buy_by": row.buy_by.isoformat() if row.buy_by else "",
    }
    if row.purchase and row.state in (State.BOUGHT, State.HELD, State.PAID):
        data |= {
            "purchase": row.purchase,
            "bought_at": _iso(row.bought_at),
            "due_at": _iso(row.due_at),
        }
    if is_closed(row):
        data["closed"] = True
    status = Status(value=str(row.state), since=ctx.now, data=data)
    write_statuses([(row.friend, {STATUS: status})], at=ctx.now)


def is_closed(row: Referral) -> bool:
    """Can nothing the friend buys count any more?"""
    was_paid = row.state == State.WITHDRAWN and row.paid_at is not None
    return was_paid or row.state == State.REJECTED or bool(row.why)


def follow_status(ctx: Context, row: Referral) -> str:
    """Take over what sales and refunds wrote into the friend's status; answers the event to tell.

    Events come in any order and more than once; the status, which sales write in turn, does not.
    """
    status = status_of(row.friend, STATUS)
    if status is None or (row.state in (State.PAID, State.REJECTED) and status.value != WITHDRAWN):
        return ""
    if status.value == BOUGHT and status.data["purchase"] != row.purchase:
        row.purchase = status.data["purchase"]
        row.bought_at = datetime.fromisoformat(status.data["bought_at"])
        row.due_at = datetime.fromisoformat(status.data["due_at"])
        row.state, row.ended_at = State.BOUGHT, None
        hold_if_wrong(row)
        return "referral.held" if row.state == State.HELD else ""
    if status.value == WITHDRAWN and row.state in (State.BOUGHT, State.HELD, State.PAID):
        return withdraw(ctx, row)
    return ""


def withdraw(ctx: Context, row: Referral) -> str:
    """What the friend bought came back; answers the event to tell."""
    was_paid = row.state == State.PAID
    row.state, row.ended_at, row.purchase = State.WITHDRAWN, ctx.now, ""
    row.due_at = None if was_paid else row.buy_by
    return "referral.taken_back" if was_paid else "referral.returned"


def hold_if_wrong(row: Referral) -> None:
    """Look at it again, for households and contacts change: what is new waits for a person."""
    found = suspicions(selectors.seen(row, terms=row.rule.terms()))
    row.reasons = [*row.reasons, *(one for one in found if one not in row.reasons)]
    if set(row.reasons) - set(row.passed) and row.state == State.BOUGHT:
        row.state = State.HELD


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
