"""Receipts of a file into the live path, a batch at a time: ``import_receipts`` is the command.

One transaction takes a batch; its key names the run and the place in the file, so a batch that was
done answers from the stored result and a killed run goes on where it stopped. Within a batch the
receipts go in *waves*: each wave has one receipt per holder, in the order of time, so that every
rule sees everything its member did before. Sales run through the same engine, rules and ledger as
at the till; what is different is that a wave is written in few statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.engine.database import save_undone
from loyalty.engine.statuses import load_statuses
from loyalty.ledger.store import StoredBook, open_books
from loyalty.outbox.services import publish
from loyalty.sales.imports.customers import enrol_customers, identifiers_of, members_of
from loyalty.sales.imports.incoming import ImportReceipt, Return, SaleItem
from loyalty.sales.imports.outcomes import pack_rows
from loyalty.sales.imports.returning import return_goods
from loyalty.sales.imports.selling import record_sales
from loyalty.sales.imports.sorting import Sorted, imported_before, sort_out
from loyalty.sales.imports.worlds import BatchWorld, Pending
from loyalty.sales.models import ImportedReceipt, ImportRun
from members.profiles.models import Member


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What became of a batch. ``rows``: by reason, as ranges. Amounts are minor units."""

    rows: dict[str, str] = field(default_factory=dict)
    partly: list[dict[str, int]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    purchases: int = 0
    refunds: int = 0
    members: int = 0
    net_minor: int = 0
    refunded_minor: int = 0


def _customers_to_lock(receipts: Sequence[ImportReceipt]) -> Lock:
    keys = members_of({receipt.customer for receipt in receipts}).values()
    rows = Member.objects.select_related("holder").filter(pk__in=set(keys))
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "sales.import_receipts",
    label=_("Receipts imported"),
    permission="imports:write",
    lock=lambda *, receipts, **_rest: _customers_to_lock(receipts),
)
def import_receipts(
    ctx: Context,
    *,
    run: str,
    receipts: tuple[ImportReceipt, ...],
    create_members: bool,
    refused: Mapping[str, str],
    one_by_one: bool = False,
) -> BatchResult:
    """Record a batch of receipts, oldest first; every line of it gets one reason.

    Args:
        refused: receipts (by number) the rules said no to at an earlier try, with the message.
        one_by_one: waves of one, when rules of this batch compete for one budget.

    Raises ``ReceiptRefused`` naming the receipt, after which nothing of the batch stands.
    """
    import_run = ImportRun.objects.get(public_id=run)
    members, enrolled = _find_members(ctx, receipts, create_members=create_members)
    known = imported_before(ctx.merchant_id, receipts)
    work = sort_out(
        merchant_id=ctx.merchant_id,
        receipts=receipts,
        members=members,
        known=known,
        refused=refused,
    )
    money = _in_waves(ctx, work, one_by_one=one_by_one)
    _remember(ctx, import_run, work, known)
    if work.sales or money.refunds:
        publish(
            ctx,
            "sales.imported",
            subject=run,
            data={"run": run, "purchases": len(work.sales), "refunds": money.refunds},
        )
    ctx.about(run, purchases=len(work.sales), refunds=money.refunds, members=enrolled)
    return BatchResult(
        rows={reason: pack_rows(rows) for reason, rows in work.outcome.items()},
        partly=work.partly,
        refused=work.refused,
        purchases=len(work.sales),
        refunds=money.refunds,
        members=enrolled,
        net_minor=money.net_minor,
        refunded_minor=money.refunded_minor,
    )


@dataclass
class _Money:
    """What the waves came to."""

    net_minor: int = 0
    refunded_minor: int = 0
    refunds: int = 0


def _find_members(
    ctx: Context, receipts: Sequence[ImportReceipt], *, create_members: bool
) -> tuple[dict[str, Member], int]:
    """The members these customers are, and how many of them were made just now."""
    locked = {member.pk: member for member in ctx.locked}
    keys = members_of({receipt.customer for receipt in receipts})
    members = {customer: locked[key] for customer, key in keys.items() if key in locked}
    if not create_members:
        return members, 0
    first_seen: dict[tuple[str, str], datetime] = {}
    named: dict[str, tuple[str, str]] = {}
    for receipt in receipts:
        known_by = [] if receipt.customer in members else identifiers_of(receipt.customer)
        if known_by:
            # Two spellings of one phone number are one customer.
            named[receipt.customer] = known_by[0]
            first_seen.setdefault(known_by[0], receipt.happened_at)
    made = dict(zip(first_seen, enrol_customers(ctx, first_seen), strict=True))
    members.update({customer: made[identifier] for customer, identifier in named.items()})
    return members, len(made)


def _in_waves(ctx: Context, work: Sorted, *, one_by_one: bool) -> _Money:
    items: list[SaleItem | Return] = [*work.sales, *work.returns]
    stored = open_books(holder_ids={item.member.holder_id for item in items}, now=ctx.now)
    statuses = load_statuses({item.member.pk for item in items})
    pending: Pending = []
    worlds: dict[int, BatchWorld] = {}
    money = _Money()
    for wave in _waves(items, one_by_one=one_by_one):
        ready = [(item, _world(ctx, item.member, stored, worlds, pending)) for item in wave]
        for item, world in ready:
            world.know_statuses(statuses[item.member.pk])
        selling = [(item, world) for item, world in ready if isinstance(item, SaleItem)]
        money.net_minor += record_sales(ctx, selling)
        for sale, _its_world in selling:
            work.judge_sale(sale)
        returning = [(item, world) for item, world in ready if isinstance(item, Return)]
        undone = return_goods(ctx, returning)
        for back, _its_world in returning:
            work.judge_return(back)
            money.refunds += back.done.refunds
            money.refunded_minor += back.done.refunded_minor
        BatchWorld.write_all([world for _item, world in ready], ctx)
        save_undone(undone)
        pending.clear()
    return money


def _waves(
    items: Sequence[SaleItem | Return], *, one_by_one: bool
) -> list[list[SaleItem | Return]]:
    """Each holder's items in order, one per wave; a sale stands before the return on its receipt."""
    ordered = sorted(items, key=lambda item: (item.receipt.happened_at, isinstance(item, Return)))
    if one_by_one:
        return [[item] for item in ordered]
    waves: list[list[SaleItem | Return]] = []
    turn: dict[int, int] = {}
    for item in ordered:
        place = turn.get(item.member.holder_id, 0)
        turn[item.member.holder_id] = place + 1
        if place == len(waves):
            waves.append([])
        waves[place].append(item)
    return waves


def _world(
    ctx: Context,
    member: Member,
    stored: Mapping[int, StoredBook],
    worlds: dict[int, BatchWorld],
    pending: Pending,
) -> BatchWorld:
    world = worlds.get(member.pk)
    if world is None:
        world = worlds[member.pk] = BatchWorld(
            programme=ctx.programme,
            member=member,
            now=ctx.now,
            stored=stored[member.holder_id],
            merchant_id=ctx.merchant_id,
            command_id=ctx.command.pk,
            pending=pending,
        )
    # A household shares one book: what is written next happens to this member.
    world.stored.member_id = member.pk
    return world


def _remember(
    ctx: Context, run: ImportRun, work: Sorted, known: Mapping[str, ImportedReceipt]
) -> None:
    """Keep which receipts came in, and which returned lines are still without a purchase."""
    fresh: dict[str, ImportedReceipt] = {}
    changed: list[ImportedReceipt] = []
    items: list[SaleItem | Return] = [*work.sales, *work.returns]
    for item in items:
        receipt = item.receipt
        row = known.get(receipt.number) or fresh.get(receipt.number)
        if row is None:
            row = fresh[receipt.number] = ImportedReceipt(
                programme=ctx.programme,
                merchant_id=ctx.merchant_id,
                run=run,
                number=receipt.number,
                fingerprint=receipt.fingerprint,
                unmatched_milli=[-line.quantity_milli for line in receipt.returned],
            )
        if isinstance(item, Return) and item.done.refunds:
            left = {match.row: match.unmatched_milli for match in item.done.matches}
            row.unmatched_milli = [
                left.get(line.row, before)
                for line, before in zip(receipt.returned, row.unmatched_milli, strict=True)
            ]
            row.refunds += item.done.refunds
            if row.pk:
                changed.append(row)
    ImportedReceipt.objects.bulk_create(fresh.values())
    ImportedReceipt.objects.bulk_update(changed, ["unmatched_milli", "refunds"])
