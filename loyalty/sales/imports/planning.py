"""The dry run of a batch: the same judging and matching, nothing locked, nothing written.

What earlier receipts of the file would have recorded is kept here, as far as a later return of the
file may ask for it; what the database holds is read. Refusals by rules of the programme (a budget
that runs out) are not foreseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from loyalty.sales.imports.batches import BatchResult
from loyalty.sales.imports.customers import members_of
from loyalty.sales.imports.incoming import Done, ImportReceipt, Return, SaleItem
from loyalty.sales.imports.matching import OpenLine, match_cancellation
from loyalty.sales.imports.outcomes import pack_rows
from loyalty.sales.imports.returning import open_lines, taken_by_line, wanted
from loyalty.sales.imports.sorting import imported_before, sort_out
from members.profiles.models import Member


@dataclass
class Plan:
    """What a dry run remembers from batch to batch.

    ``asked_for``: (customer, product code) pairs that are returned anywhere in the file.
    """

    merchant_id: int
    asked_for: frozenset[tuple[str, str]]
    create_members: bool
    _pool: dict[tuple[str, str], list[OpenLine[int]]] = field(default_factory=dict)
    _purchase_of: dict[int, str] = field(default_factory=dict)
    _new_members: set[str] = field(default_factory=set)
    _keys: int = 0

    def foresee(self, receipts: Sequence[ImportReceipt]) -> BatchResult:
        """What ``import_receipts`` would make of this batch."""
        members, enrolled = self._members(receipts)
        known = imported_before(self.merchant_id, receipts)
        work = sort_out(
            merchant_id=self.merchant_id,
            receipts=receipts,
            members=members,
            known=known,
            refused={},
        )
        refunds = 0
        items: list[SaleItem | Return] = [*work.sales, *work.returns]
        items.sort(key=lambda item: (item.receipt.happened_at, isinstance(item, Return)))
        for item in items:
            if isinstance(item, SaleItem):
                self._sell(item)
                work.judge_sale(item)
            else:
                self._give_back(item)
                refunds += item.done.refunds
                work.judge_return(item)
        return BatchResult(
            rows={reason: pack_rows(rows) for reason, rows in work.outcome.items()},
            partly=work.partly,
            refused=work.refused,
            purchases=len(work.sales),
            refunds=refunds,
            members=enrolled,
            net_minor=sum(line.total_minor for item in work.sales for line in item.receipt.sold),
        )

    def _members(self, receipts: Sequence[ImportReceipt]) -> tuple[dict[str, Member], int]:
        keys = members_of({receipt.customer for receipt in receipts})
        rows = Member.objects.in_bulk(set(keys.values()))
        members = {customer: rows[key] for customer, key in keys.items()}
        missing = {one.customer for one in receipts} - set(members)
        enrolled = len(missing - self._new_members) if self.create_members else 0
        if self.create_members:
            self._new_members |= missing
            members.update({customer: Member(state=Member.State.ACTIVE) for customer in missing})
        return members, enrolled

    def _sell(self, item: SaleItem) -> None:
        receipt = item.receipt
        at = int(receipt.happened_at.timestamp())
        for line in receipt.sold:
            place = (receipt.customer, line.product_code)
            if place not in self.asked_for:
                continue
            self._keys -= 1  # below zero: never a key of the database
            self._purchase_of[self._keys] = receipt.number
            self._lines_of(item, line.product_code).append(
                OpenLine(
                    key=self._keys,
                    product_code=line.product_code,
                    unit_price_minor=line.unit_price_minor,
                    open_milli=line.quantity_milli,
                    at=at,
                )
            )

    def _give_back(self, item: Return) -> None:
        receipt = item.receipt
        codes = {line.product_code for line in item.lines}
        lines = [one for code in sorted(codes) for one in self._lines_of(item, code)]
        lines.sort(key=lambda one: one.at)
        item.done = Done(matches=match_cancellation(wanted(item), lines))
        taken = taken_by_line(item.done)
        for code in codes:
            place = (receipt.customer, code)
            self._pool[place] = [
                replace(one, open_milli=one.open_milli - taken.get(one.key, 0))
                for one in self._pool[place]
            ]
        item.done.refunds = len({self._purchase_of.get(key, str(key)) for key in taken})

    def _lines_of(self, item: SaleItem | Return, code: str) -> list[OpenLine[int]]:
        """What this customer bought of a product: stored first, then from the file."""
        place = (item.receipt.customer, code)
        if place not in self._pool:
            self._pool[place] = []
            if item.member.pk:
                self._pool[place] = open_lines([item.member.pk], {code}).get(item.member.pk, [])
        return self._pool[place]
