"""The dry run of a batch: the same judging and matching, nothing locked, nothing written.

What earlier receipts of the file would have recorded is kept here, as far as a later return of the
file may ask for it; what the database holds is read. Refusals by rules of the programme (a budget
that runs out) are not foreseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from loyalty.sales.imports.batches import BatchResult
from loyalty.sales.imports.customers import identifiers_of, members_of
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
    _pool: dict[tuple[object, str], list[OpenLine[int]]] = field(default_factory=dict)
    _purchase_of: dict[int, str] = field(default_factory=dict)
    _identities: dict[str, object] = field(default_factory=dict)
    _new_members: set[object] = field(default_factory=set)
    _asked: set[tuple[object, str]] = field(default_factory=set)
    _keys: int = 0

    def __post_init__(self) -> None:
        self._identify({customer for customer, _code in self.asked_for})
        self._asked = {
            (self._identities[customer], code)
            for customer, code in self.asked_for
            if customer in self._identities
        }

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
        """The members these customers are or would become; how many would be made."""
        customers = {receipt.customer for receipt in receipts}
        keys = self._identify(customers)
        rows = Member.objects.in_bulk(set(keys.values()))
        members = {customer: rows[key] for customer, key in keys.items()}
        if not self.create_members:
            return members, 0
        before = len(self._new_members)
        for customer in customers - set(members):
            if customer in self._identities:
                self._new_members.add(self._identities[customer])
                members[customer] = Member(state=Member.State.ACTIVE)
        return members, len(self._new_members) - before

    def _identify(self, customers: set[str]) -> dict[str, int]:
        """Who is who: the member, else the first identifier, whatever the spelling."""
        keys = members_of(customers)
        for customer in customers:
            known_by = identifiers_of(customer)
            if customer in keys:
                self._identities[customer] = keys[customer]
            elif known_by:
                self._identities[customer] = known_by[0]
        return keys

    def _sell(self, item: SaleItem) -> None:
        receipt = item.receipt
        at = int(receipt.happened_at.timestamp())
        for line in receipt.sold:
            if (self._identities[receipt.customer], line.product_code) not in self._asked:
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
            place = (self._identities[receipt.customer], code)
            self._pool[place] = [
                replace(one, open_milli=one.open_milli - taken.get(one.key, 0))
                for one in self._pool[place]
            ]
        item.done.refunds = len({self._purchase_of.get(key, str(key)) for key in taken})

    def _lines_of(self, item: SaleItem | Return, code: str) -> list[OpenLine[int]]:
        """What this customer bought of a product: stored first, then from the file."""
        place = (self._identities[item.receipt.customer], code)
        if place not in self._pool:
            self._pool[place] = []
            if item.member.pk:
                self._pool[place] = open_lines([item.member.pk], {code}).get(item.member.pk, [])
        return self._pool[place]
