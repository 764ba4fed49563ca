"""Whose balances they are: duplicates merged (and taken apart again), households, forfeiture.

These commands alone change two holders at once; members and holders are locked in id order.
Purchases keep the member who made them; a refund finds the holder where the points are now.

Household: joining brings the member's balances in. Leaving starts an account of one's own, and
takes along what is left of the points one's own purchases brought.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.ledger.moving import Moved, move_lots
from loyalty.ledger.store import StoredBook, open_book, open_books
from loyalty.ledger.writing import write_books
from loyalty.outbox.services import publish
from members.profiles.models import Holder, Identifier, Member, Merge, Note
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_to_lock

_FILLED_FROM_LOSER = ("name", "search_name", "birthday", "gender", "user_id")


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a merge, or its undoing, moved. ``merge`` is what undoes it."""

    merge: str
    survivor: str
    loser: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, kw_only=True)
class Household:
    """The household a member is in now, and what came along."""

    member: str
    holder: str
    members: tuple[str, ...]
    moved: tuple[Moved, ...]


@dataclass(frozen=True, kw_only=True)
class Forfeited:
    """What an erased member's account still held, by asset."""

    member: str
    amounts: dict[str, int]


def _two(*, first: str, second: str) -> Lock:
    rows = Member.objects.select_related("holder").filter(public_id__in=[first, second])
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "ledger.merge_members",
    label=_("Cards merged"),
    permission="members:approve",
    lock=lambda *, survivor, loser, **_rest: _two(first=survivor, second=loser),
)
def merge_members(ctx: Context, *, survivor: str, loser: str, reason: str = "") -> Merged:
    """Make one card of two: the survivor gets the loser's balances, debts and identifiers.

    Raises ``NotFound``, ``Invalid`` (a card and itself) and ``Refused`` (a card that is not
    living; a household that the loser must leave first).
    """
    kept, gone = _pair(ctx, survivor, loser)
    if gone.holder_id != kept.holder_id and len(_living_at(gone.holder_id)) > 1:
        raise Refused(
            "leave_household_first",
            _("The card to be merged is in a household. Take it out of it first."),
            field="loser",
        )
    row = Merge.objects.create(
        programme=ctx.programme,
        survivor=kept,
        loser=gone,
        holder_id=gone.holder_id,
        reason=clean_name(reason, field="reason"),
        merged_by=ctx.actor.label[:200],
        merged_at=ctx.now,
    )
    moved = _move(ctx, gone, to=kept.holder, cause=row.public_id, reason="merged")
    _hand_over(row, kept, gone)
    gone.state, gone.merged_into = Member.State.MERGED, kept
    gone.revision += 1
    gone.save(update_fields=["state", "merged_into", "revision"])
    return _merged(ctx, row, moved, event="member.merged")


def _merge_to_lock(*, merge: str) -> Lock:
    found = Merge.objects.filter(public_id=merge)
    either = Q(pk__in=found.values("survivor")) | Q(pk__in=found.values("loser"))
    return Lock(rows=Member.objects.select_related("holder").filter(either), of=("self", "holder"))


@command(
    "ledger.unmerge_members",
    label=_("Merged cards taken apart"),
    permission="members:approve",
    lock=_merge_to_lock,
)
def unmerge_members(ctx: Context, *, merge: str) -> Merged:
    """Take a merge back: the loser gets what is left of their own points and their identifiers.

    What was spent meanwhile stays spent. Raises ``NotFound`` and ``Refused``.
    """
    row = Merge.objects.select_related("survivor", "loser", "holder").filter(public_id=merge)
    found = row.first()
    if found is None:
        raise NotFound("merge_not_found", _("Not found in this programme."), field="merge")
    kept, gone = (_of(ctx, one.public_id) for one in (found.survivor, found.loser))
    if found.undone_at is not None or gone.merged_into_id != kept.pk:
        raise Refused("merge_undone", _("This merge was taken back before."), field="merge")
    if kept.state in (Member.State.MERGED, Member.State.ERASED):
        raise Refused("member_not_active", _("The card it went to is gone."), field="merge")
    moved: list[Moved] = []
    if found.holder_id != kept.holder_id:
        moved = _move(
            ctx, gone, to=found.holder, cause=found.public_id, reason="unmerged", own=True
        )
    _hand_back(found, kept, gone)
    gone.state, gone.merged_into = Member.State.ACTIVE, None
    gone.revision += 1
    gone.save(update_fields=["state", "merged_into", "revision"])
    found.undone_at = ctx.now
    found.save(update_fields=["undone_at"])
    return _merged(ctx, found, moved, event="member.unmerged")


@command(
    "ledger.join_household",
    label=_("Household joined"),
    permission="members:transfer",
    lock=lambda *, member, other: _two(first=member, second=other),
)
def join_household(ctx: Context, *, member: str, other: str) -> Household:
    """Let a member share the account of another; their balances come along.

    Raises ``NotFound``, ``Invalid`` and ``Refused`` (in a household already).
    """
    host, guest = _pair(ctx, other, member)
    if guest.holder_id == host.holder_id:
        raise Refused("same_household", _("They share an account already."), field="other")
    if len(_living_at(guest.holder_id)) > 1:
        raise Refused(
            "leave_household_first", _("This card is in another household."), field="member"
        )
    moved = _move(ctx, guest, to=host.holder, cause=guest.public_id, reason="household_joined")
    return _household(ctx, guest, moved, event="household.joined")


@command(
    "ledger.leave_household",
    label=_("Household left"),
    permission="members:transfer",
    lock=lambda *, member: member_to_lock(member),
)
def leave_household(ctx: Context, *, member: str) -> Household:
    """Give a member an account of their own again, with what is left of their own points.

    Raises ``NotFound`` and ``Refused`` (not in a household).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if len(_living_at(row.holder_id)) < 2:
        raise Refused("no_household", _("This card is in no household."), field="member")
    own = Holder.objects.create(programme=ctx.programme)
    moved = _move(ctx, row, to=own, cause=row.public_id, reason="household_left", own=True)
    return _household(ctx, row, moved, event="household.left")


@command(
    "ledger.forfeit_balances",
    label=_("Balances forfeited"),
    permission="members:erase",
    lock=lambda *, member: member_to_lock(member),
)
def forfeit_balances(ctx: Context, *, member: str) -> Forfeited:
    """Write off what an erased member still holds, so that it is nobody's liability.

    A household's account stays with those who remain. Raises ``NotFound``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    amounts: dict[str, int] = {}
    if row.state == Member.State.ERASED and not _living_at(row.holder_id):
        stored = _noted(ctx, open_book(holder_id=row.holder_id, now=ctx.now), row)
        transaction = stored.book.begin("adjustment", cause=row.public_id, happened_at=ctx.now)
        for asset in list(stored.book.accounts):
            available = stored.book.available(asset)
            if available > 0:
                stored.book.debit(transaction, asset, available, pot="written_off", reason="erased")
                amounts[asset] = available
        write_books([stored], recorded_at=ctx.now)
    ctx.about(row.public_id, amounts=amounts)
    return Forfeited(member=row.public_id, amounts=amounts)


def _living_at(holder_id: int) -> list[Member]:
    gone = (Member.State.MERGED, Member.State.ERASED)
    rows = Member.objects.filter(holder=holder_id).exclude(state__in=gone)
    return list(rows.order_by("pk"))


def _of(ctx: Context, public_id: str) -> Member:
    for row in ctx.locked:
        if row.public_id == public_id:
            assert isinstance(row, Member)
            return row
    raise NotFound("member_not_found", _("No such member in this programme."), field="member")


def _pair(ctx: Context, kept: str, gone: str) -> tuple[Member, Member]:
    if kept == gone:
        raise Invalid("same_card", _("Choose two different cards."), field="loser")
    pair = _of(ctx, kept), _of(ctx, gone)
    for row in pair:
        if row.state in (Member.State.MERGED, Member.State.ERASED):
            raise Refused(
                "member_not_active",
                _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
                field="member",
            )
    return pair


def _family(member: Member) -> list[int]:
    """The member and all cards that were ever merged into it, as keys."""
    family, fresh = [member.pk], [member.pk]
    while fresh:
        found = Member.objects.filter(merged_into__in=fresh).values_list("pk", flat=True)
        fresh = list(found)
        family += fresh
    return family


def _move(
    ctx: Context, member: Member, *, to: Holder, cause: str, reason: str, own: bool = False
) -> list[Moved]:
    """Move what is at the member's holder (``own``: what is the member's there), and the member."""
    family = _family(member)
    moved: list[Moved] = []
    if member.holder_id != to.pk:
        books = open_books(holder_ids=[member.holder_id, to.pk], now=ctx.now)
        for book in books.values():
            _noted(ctx, book, member)
        moved = move_lots(
            books[member.holder_id],
            books[to.pk],
            cause=cause,
            reason=reason,
            owners=family if own else None,
        )
    Member.objects.filter(pk__in=family).update(holder=to)
    member.holder = to
    return moved


def _noted(ctx: Context, stored: StoredBook, member: Member) -> StoredBook:
    stored.member_id, stored.command_id = member.pk, ctx.command.pk
    stored.merchant_id, stored.location_id = ctx.actor.merchant_id, ctx.actor.location_id
    return stored


def _hand_over(row: Merge, kept: Member, gone: Member) -> None:
    """Identifiers and notes go to the survivor, and what the survivor lacked is filled in."""
    identifiers = Identifier.objects.filter(member=gone)
    notes = Note.objects.filter(member=gone)
    row.identifiers = list(identifiers.values_list("pk", flat=True))
    row.notes = list(notes.values_list("pk", flat=True))
    identifiers.update(member=kept)
    notes.update(member=kept)
    filled = [
        name for name in _FILLED_FROM_LOSER if getattr(gone, name) and not getattr(kept, name)
    ]
    values: dict[str, Any] = {name: getattr(gone, name) for name in filled}
    if "user_id" in filled:
        gone.user_id = None
        gone.save(update_fields=["user"])
    _set(kept, values)
    row.filled = filled
    row.save(update_fields=["identifiers", "notes", "filled"])


def _hand_back(row: Merge, kept: Member, gone: Member) -> None:
    Identifier.objects.filter(pk__in=row.identifiers, member=kept).update(member=gone)
    Note.objects.filter(pk__in=row.notes, member=kept).update(member=gone)
    user_id = kept.user_id
    values: dict[str, Any] = {}
    for name in row.filled:
        empty = None if name in ("birthday", "user_id") else ""
        if name == "user_id" or getattr(kept, name) == getattr(gone, name):
            values[name] = empty
    _set(kept, values)
    if "user_id" in values:
        gone.user_id = user_id
        gone.save(update_fields=["user"])


def _set(member: Member, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(member, name, value)
    member.revision += 1
    member.save(update_fields=[*(name.removesuffix("_id") for name in values), "revision"])


def _merged(ctx: Context, row: Merge, moved: list[Moved], *, event: str) -> Merged:
    data = {
        "merge": row.public_id,
        "survivor": row.survivor.public_id,
        "loser": row.loser.public_id,
    }
    publish(ctx, event, subject=row.survivor.public_id, data=data)
    ctx.about(row.survivor.public_id, **data)
    return Merged(**data, moved=tuple(moved))


def _household(ctx: Context, member: Member, moved: list[Moved], *, event: str) -> Household:
    together = tuple(one.public_id for one in _living_at(member.holder_id))
    data = {"member": member.public_id, "holder": member.holder.public_id}
    publish(ctx, event, subject=member.public_id, data=data)
    ctx.about(member.public_id, **data)
    return Household(
        member=member.public_id,
        holder=member.holder.public_id,
        members=together,
        moved=tuple(moved),
    )
