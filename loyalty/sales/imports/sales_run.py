"""One sales file from beginning to end: read, judge, record (or foresee), account for every row.

A run that was stopped is taken up where it stopped: the same file and mapping give the same
receipts in the same batches, and a batch that was done answers from its stored result. A second
run of a finished file finds every receipt recorded and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Conflict
from loyalty.common.money import exponent
from loyalty.ledger.statistics import learn_sizes
from loyalty.sales.imports.batches import BatchResult, import_receipts
from loyalty.sales.imports.incoming import ImportLine, ImportReceipt, ReceiptRefused
from loyalty.sales.imports.lines import LineContext, LineParser, SaleLine, sample_texts
from loyalty.sales.imports.mapping import SalesMapping, complete_mapping, mapping_data
from loyalty.sales.imports.outcomes import Tally, unpack_rows
from loyalty.sales.imports.planning import Plan
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import BadRow, Row, Source, iterate_rows, open_source
from loyalty.sales.imports.receipts import JudgedReceipt, Spool, judge_receipt
from loyalty.sales.imports.runs import finish_import, start_import
from loyalty.sales.imports.values import (
    Styles,
    ValueProblem,
    detect_date_order,
    detect_decimal_mark,
)
from loyalty.sales.models import ImportRun
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

BATCH_RECEIPTS = 100
SAMPLE_ROWS = 2_000
# Whenever the tables have grown about threefold.
LEARN_AFTER_BATCHES = frozenset(4 * 3**power for power in range(12))
KEPT_DETAILS = 5_000

# (phase, done, total); the phases are "reading" (lines) and "recording" (receipts).
Progress = Callable[[str, int, int], None]


@dataclass
class Totals:
    """What a run came to, in the programme's minor units."""

    purchases: int = 0
    refunds: int = 0
    members: int = 0
    net_minor: int = 0
    refunded_minor: int = 0

    def add(self, result: BatchResult) -> None:
        """Add a batch."""
        self.purchases += result.purchases
        self.refunds += result.refunds
        self.members += result.members
        self.net_minor += result.net_minor
        self.refunded_minor += result.refunded_minor


@dataclass
class _Work:
    """One run in progress."""

    actor: Actor
    source: Source
    mapping: SalesMapping
    parser: LineParser
    progress: Progress
    dry_run: bool
    tally: Tally = field(default_factory=Tally)
    details: list[dict[str, object]] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    cut_off: set[str] = field(default_factory=set)

    def tell(self, **detail: object) -> None:
        """Keep a detail for the report; a file of nothing but faults must not fill the memory."""
        if len(self.details) < KEPT_DETAILS:
            self.details.append(detail)


def import_sales(
    *,
    actor: Actor,
    path: Path,
    mapping: SalesMapping,
    preset: str = "",
    file_name: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _phase, _done, _total: None,
    run: ImportRun | None = None,
) -> ImportRun:
    """Import a sales file; answers the finished run, which holds the report.

    Args:
        run: the run of an uploaded file; by default one is begun, or taken up.

    Raises ``FileProblem`` where the file as a whole cannot be read (nothing was written then),
    and ``Forbidden``.
    """
    actor.require("imports:write")
    source = open_source(path)
    mapping = _settle_mapping(source, complete_mapping(mapping, source.header), actor.programme)
    with in_programme(actor.programme):
        run = run or start_import(
            actor,
            kind=ImportRun.Kind.SALES,
            file_name=file_name or path.name,
            digest=source.digest,
            header=source.header,
            mapping=mapping_data(mapping),
            preset=preset,
            dry_run=dry_run,
        )
        work = _Work(
            actor=actor,
            source=source,
            mapping=mapping,
            parser=_parser(source, mapping, actor.programme),
            progress=progress,
            dry_run=dry_run,
        )
        with Spool() as spool:
            _read(work, spool)
            _record(work, spool, run)
        return finish_import(
            actor, run=run, tally=work.tally, details=work.details, totals=vars(work.totals)
        )


def _settle_mapping(source: Source, mapping: SalesMapping, programme: Programme) -> SalesMapping:
    """Fill in what the file itself tells: decimal mark, order of dates; check the currency."""
    if mapping.currency and mapping.currency != programme.currency:
        raise FileProblem(
            code="wrong_currency",
            message=_("This file is in %(file)s, the programme counts in %(programme)s.")
            % {"file": mapping.currency, "programme": programme.currency},
        )
    if mapping.decimal_mark and mapping.date_order:
        return mapping
    rows = (row for row in iterate_rows(source) if isinstance(row, Row))
    sample = list(islice(rows, SAMPLE_ROWS))
    amounts = sample_texts(
        sample, source.header, mapping, ("unit_price", "line_total", "line_discount")
    )
    dates = sample_texts(sample, source.header, mapping, ("occurred_at",))
    return replace(
        mapping,
        decimal_mark=mapping.decimal_mark
        or detect_decimal_mark(amounts, exponent=exponent(programme.currency)),
        date_order=mapping.date_order or detect_date_order(dates),
    )


def _parser(source: Source, mapping: SalesMapping, programme: Programme) -> LineParser:
    context = LineContext(
        currency=programme.currency,
        exponent=exponent(programme.currency),
        zone=ZoneInfo(mapping.zone or programme.timezone),
        now=int(clock_now().timestamp()),
        styles=Styles(mapping.decimal_mark, mapping.date_order),
    )
    return LineParser(header=source.header, mapping=mapping, context=context)


def _read(work: _Work, spool: Spool) -> None:
    """All rows into the spool, but those that cannot be read."""
    last = ""
    total = max(work.source.lines - 1, 1)
    for count, row in enumerate(iterate_rows(work.source), start=1):
        if count % 5_000 == 0:
            work.progress("reading", count, total)
        work.tally.read(row.number)
        if isinstance(row, BadRow):
            work.tally.judge(row.number, row.reason)
            work.tell(row=row.number, reason=row.reason)
            if row.reason == "cut_off":
                work.cut_off.add(work.parser.receipt_of(row.values) or last)
            continue
        try:
            line = work.parser.parse(row)
        except ValueProblem as problem:
            work.tally.judge(row.number, problem.reason)
            work.tell(
                row=row.number,
                reason=problem.reason,
                field=problem.field,
                text=problem.text[:60],
            )
            continue
        last = line.receipt
        spool.add(line)
    work.progress("reading", total, total)


def _record(work: _Work, spool: Spool, run: ImportRun) -> None:
    """Judge the receipts and record what is left of them, oldest first."""
    total = spool.receipt_count()
    plan = Plan(
        merchant_id=run.merchant_id,
        asked_for=spool.returned_goods() if work.dry_run else frozenset(),
        create_members=work.mapping.create_members,
    )
    done = 0
    for number, batch in enumerate(_batches(work, spool), start=1):
        receipts = tuple(_incoming(one) for one in batch if one.sold or one.returned)
        for one in batch:
            for row, reason in one.judged:
                work.tally.judge(row, reason)
        if receipts:
            result = (
                plan.foresee(receipts)
                if work.dry_run
                else _send(work, run, receipts, batch[0].receipt.place)
            )
            _account(work, result)
        done += len(batch)
        if not work.dry_run and number in LEARN_AFTER_BATCHES:
            learn_sizes()
        work.progress("recording", done, total)


def _batches(work: _Work, spool: Spool) -> Iterator[list[JudgedReceipt]]:
    batch: list[JudgedReceipt] = []
    waiting = 0
    for receipt in spool.receipts():
        one = judge_receipt(receipt, work.mapping, incomplete=receipt.number in work.cut_off)
        batch.append(one)
        waiting += bool(one.sold or one.returned)
        if waiting == BATCH_RECEIPTS:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch


def _send(
    work: _Work, run: ImportRun, receipts: Sequence[ImportReceipt], place: int
) -> BatchResult:
    """One batch through the door; a receipt the rules refuse is left out and the rest tried again."""
    refused: dict[str, str] = {}
    one_by_one = False
    while True:
        key = f"import:{run.public_id}:{place}:{len(refused)}:{one_by_one:d}"
        try:
            return import_receipts(
                Call(work.actor, key),
                run=run.public_id,
                receipts=tuple(receipts),
                create_members=work.mapping.create_members,
                refused=refused,
                one_by_one=one_by_one,
            )
        except ReceiptRefused as refusal:
            refused[refusal.number] = refusal.cause
        except Conflict as conflict:
            if conflict.code != "budget_exhausted" or one_by_one:
                raise
            one_by_one = True


def _account(work: _Work, result: BatchResult) -> None:
    for reason, rows in result.rows.items():
        work.tally.judge_all(unpack_rows(rows), reason)
    for part in result.partly:
        work.tell(reason="partly_matched", **part)
    for refusal in result.refused:
        work.tell(**refusal)
    work.totals.add(result)


def _incoming(judged: JudgedReceipt) -> ImportReceipt:
    lines = sorted((*judged.sold, *judged.returned), key=lambda line: line.row)
    return ImportReceipt(
        number=judged.receipt.number,
        customer=judged.customer,
        happened_at=datetime.fromtimestamp(judged.at, UTC),
        lines=tuple(_incoming_line(line) for line in lines),
    )


def _incoming_line(line: SaleLine) -> ImportLine:
    return ImportLine(
        row=line.row,
        product_code=line.product_code,
        name=line.description,
        category=line.category,
        quantity_milli=line.quantity_milli,
        unit_price_minor=line.unit_price_minor,
        total_minor=line.total_minor,
        discount_minor=line.discount_minor,
    )
