"""Points from one member to another. The sender's command takes them; a second one, from the outbox,
brings them: no command ever locks two holders. They keep their expiry dates on the way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.results import balance_views
from loyalty.ledger.book import Book
from loyalty.ledger.states import EntryState, LotTerms
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.points.models import PointsSettings, Transfer
from rewards.points.results import TransferResult
from rewards.points.rules import MAX_POINTS
from rewards.points.selectors import settings_row, transfer_view

State = Transfer.State


@command(
    "points.transfer",
    label=_("Points given to another member"),
    permission=("points:transfer", "self:transfer"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def transfer_points(
    ctx: Context,
    *,
    member: str,
    receiver: str,
    amount: int,
    message: str = "",
    asset: str = "points",
) -> TransferResult:
    """Send points from a member to another one of the programme.

    Raises ``NotFound`` (member, receiver), ``Invalid`` by field, ``Refused`` (not allowed, below
    the minimum, above the daily maximum, too few points, same household).
    """
    sender = ctx.the_locked(Member, code="member_not_found", field="member")
    to = Member.objects.filter(public_id=receiver).first()
    if to is None:
        raise NotFound("member_not_found", _("No such member in this programme."), field="receiver")
    settings = settings_row(asset)
    _check(amount, message, settings)
    _check_people(sender, to)
    _check_day(ctx, sender, settings, amount)
    world = DatabaseWorld.within(ctx, sender)
    row = Transfer(
        programme=ctx.programme,
        sender=sender,
        receiver=to,
        asset=asset,
        amount=amount,
        message=message.strip(),
        sent_at=ctx.now,
    )
    world.about(row.public_id, ctx.now)
    entry = world.book.debit(
        world.transaction("transfer"),
        asset,
        amount,
        pot="transfer",
        reason="points_sent",
        details={"transfer": row.public_id, "message": row.message},
        field="amount",
    )
    row.parts = _parts(world.book, entry)
    balances = balance_views(world.book)
    world.write(ctx)
    row.save(force_insert=True)
    _tell(ctx, row, "points.transfer_sent", sender)
    return transfer_view(row, balances)


def _transfer_to_lock(*, transfer: str, **_rest: Any) -> Lock:
    """The one it goes to; where that card is gone, the sender."""
    rows = Transfer.objects.select_related("receiver__merged_into")
    row = rows.filter(public_id=transfer).first()
    if row is None:
        return member_to_lock("")
    return member_to_lock(_goes_to(row).public_id)


@command(
    "points.receive_transfer",
    label=_("Gift of points received"),
    permission="points:transfer",
    lock=_transfer_to_lock,
)
def receive_transfer(ctx: Context, *, transfer: str) -> TransferResult:
    """Bring a sent transfer to its receiver; back to the sender where that card is gone."""
    row = Transfer.objects.select_related("sender", "receiver__merged_into").get(public_id=transfer)
    member = ctx.the_locked(Member, code="member_not_found", field="receiver")
    world = DatabaseWorld.within(ctx, member)
    if row.state == State.SENT:
        returned = member.pk == row.sender_id
        world.about(row.public_id, ctx.now)
        for amount, expires_at in row.parts:
            world.book.credit(
                world.transaction("transfer"),
                row.asset,
                amount,
                pot="transfer",
                reason="points_returned" if returned else "points_received",
                details={"transfer": row.public_id, "message": row.message},
                terms=LotTerms(
                    expires_at=datetime.fromisoformat(expires_at) if expires_at else None
                ),
            )
        row.state = State.RETURNED if returned else State.RECEIVED
        row.settled_at = ctx.now
        row.save(update_fields=["state", "settled_at"])
        _tell(ctx, row, f"points.transfer_{row.state}", member)
    balances = balance_views(world.book)
    world.write(ctx)
    return transfer_view(row, balances)


def _goes_to(row: Transfer) -> Member:
    to = row.receiver
    while to.merged_into is not None:
        to = to.merged_into
    return row.sender if to.state == Member.State.ERASED else to


def _check(amount: int, message: str, settings: PointsSettings) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Invalid("not_an_integer", _("Give a whole number of points."), field="amount")
    check_minor(amount, field="amount", minimum=1, maximum=MAX_POINTS)
    if len(message) > 200:
        raise Invalid("too_long", _("At most 200 characters."), field="message")
    if not settings.transfer_enabled:
        raise Refused("transfers_off", _("This programme does not let points be passed on."))
    if amount < settings.transfer_minimum:
        raise Refused(
            "below_minimum",
            _("At least %(n)s points can be sent.") % {"n": settings.transfer_minimum},
            field="amount",
            params={"minimum": settings.transfer_minimum},
        )


def _check_people(sender: Member, to: Member) -> None:
    if to.holder_id == sender.holder_id:
        raise Refused(
            "same_household", _("You share these points with them already."), field="receiver"
        )
    for person, field in ((sender, "member"), (to, "receiver")):
        if person.state != Member.State.ACTIVE:
            raise Refused(
                "member_not_active",
                _("This card is not active: %(state)s.") % {"state": person.get_state_display()},
                field=field,
            )


def _check_day(ctx: Context, sender: Member, settings: PointsSettings, amount: int) -> None:
    if settings.transfer_daily_maximum is None:
        return
    zone = ctx.programme.timezone
    today = start_of_day(local_day(ctx.now, zone), zone)
    sent = Transfer.objects.filter(sender=sender, asset=settings.asset, sent_at__gte=today)
    total = sent.exclude(state=State.RETURNED).aggregate(n=Sum("amount"))["n"] or 0
    left = settings.transfer_daily_maximum - total
    if amount > left:
        raise Refused(
            "daily_maximum",
            _("At most %(n)s points can still be sent today.") % {"n": max(left, 0)},
            field="amount",
            params={"maximum": max(left, 0)},
        )


def _parts(book: Book, entry: EntryState) -> list[list[Any]]:
    """What was taken from each lot, with its date."""
    return [
        [use.amount, use.lot.expires_at.isoformat() if use.lot.expires_at else None]
        for use in book.uses
        if use.entry is entry and use.amount > 0
    ]


def _tell(ctx: Context, row: Transfer, event: str, member: Member) -> None:
    data = {
        "transfer": row.public_id,
        "member": member.public_id,
        "asset": row.asset,
        "amount": row.amount,
    }
    publish(ctx, event, subject=member.public_id, data=data)
    ctx.about(member.public_id, **data)
