"""What of a batch is new, what was recorded before, and what cannot be recorded. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loyalty.sales.imports.incoming import ImportLine, ImportReceipt, Return, SaleItem
from loyalty.sales.models import ImportedReceipt, Purchase, Refund
from members.profiles.models import Member


@dataclass
class Sorted:
    """A batch as it is being judged: rows by reason, and what is left to do, oldest first."""

    outcome: dict[str, list[int]] = field(default_factory=dict)
    partly: list[dict[str, int]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    sales: list[SaleItem] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    def judge(self, lines: Iterable[ImportLine], reason: str) -> None:
        """Give these lines their reason."""
        self.outcome.setdefault(reason, []).extend(line.row for line in lines)

    def refuse(self, receipt: ImportReceipt, reason: str, message: str = "") -> None:
        """Refuse all that is left of a receipt."""
        self.judge(receipt.lines, reason)
        self.refused.append({"receipt": receipt.number, "reason": reason, "message": message})

    def judge_sale(self, item: SaleItem) -> None:
        """The lines of a recorded sale."""
        for line in item.receipt.sold:
            self.judge([line], "sale" if line.total_minor else "free_item")

    def judge_return(self, item: Return) -> None:
        """The lines of a matched return."""
        for match in item.done.matches:
            self.outcome.setdefault(match.reason, []).append(match.row)
            if match.reason == "partly_matched":
                self.partly.append(
                    {
                        "row": match.row,
                        "matched_milli": match.matched_milli,
                        "unmatched_milli": match.unmatched_milli,
                    }
                )


def imported_before(
    merchant_id: int, receipts: Sequence[ImportReceipt]
) -> dict[str, ImportedReceipt]:
    """Receipts of this batch that an earlier file brought, by number."""
    numbers = [receipt.number for receipt in receipts]
    rows = ImportedReceipt.objects.filter(merchant=merchant_id, number__in=numbers)
    return {row.number: row for row in rows}


def sort_out(
    *,
    merchant_id: int,
    receipts: Sequence[ImportReceipt],
    members: Mapping[str, Member],
    known: Mapping[str, ImportedReceipt],
    refused: Mapping[str, str],
) -> Sorted:
    """Judge what was recorded before or cannot be; the rest is to be sold or returned."""
    work = Sorted()
    numbers = [receipt.number for receipt in receipts]
    at_the_till = Purchase.objects.filter(merchant=merchant_id, receipt__in=numbers)
    sold = {row.receipt: row for row in at_the_till}
    refunds = Refund.objects.filter(merchant=merchant_id, receipt__in=numbers)
    refunded = set(refunds.values_list("receipt", flat=True))
    for receipt in receipts:
        member = members.get(receipt.customer)
        if receipt.number in refused:
            work.refuse(receipt, "not_accepted", refused[receipt.number])
        elif member is None:
            work.refuse(receipt, "unknown_customer")
        elif member.state != Member.State.ACTIVE:
            work.refuse(receipt, "member_not_active")
        elif receipt.number in known:
            _again(work, receipt, member, known[receipt.number])
        elif receipt.number in sold or (receipt.number in refunded and not receipt.sold):
            _came_another_way(work, receipt, member, sold.get(receipt.number))
        else:
            if receipt.sold:
                work.sales.append(SaleItem(receipt=receipt, member=member))
            if receipt.returned:
                work.returns.append(Return(receipt=receipt, member=member, lines=receipt.returned))
    return work


def _again(work: Sorted, receipt: ImportReceipt, member: Member, earlier: ImportedReceipt) -> None:
    """A receipt of an earlier file: only what stayed unmatched is looked at once more."""
    if earlier.fingerprint != receipt.fingerprint:
        work.refuse(receipt, "receipt_conflict")
        return
    work.judge(receipt.sold, "already_imported")
    unmatched = []
    for line, left in zip(receipt.returned, earlier.unmatched_milli, strict=True):
        if left == -line.quantity_milli:
            unmatched.append(line)
        else:
            work.judge([line], "already_imported")
    if unmatched:
        work.returns.append(
            Return(receipt=receipt, member=member, lines=tuple(unmatched), earlier=earlier.refunds)
        )


def _came_another_way(
    work: Sorted, receipt: ImportReceipt, member: Member, purchase: Purchase | None
) -> None:
    """The till or the API recorded this receipt: the same sale is a duplicate, another is not."""
    total = sum(line.total_minor for line in receipt.sold)
    if purchase is None or (purchase.member_id == member.pk and purchase.net_minor == total):
        work.judge(receipt.lines, "already_imported")
    else:
        work.refuse(receipt, "receipt_conflict")
