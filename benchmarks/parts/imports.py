"""A year of a shop's sales goes in: lines per second with all rules, and whether more costs more.

The file is the UCI Online Retail data where it lies beside the project (``BENCH_SALES`` names
another place), and otherwise one of the same shape made here.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.core.management import call_command

from benchmarks.figures import Figure, report
from benchmarks.shop import QUICK, open_shop
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

ROOT = Path(__file__).resolve().parent.parent.parent
REAL = Path(
    os.environ.get("BENCH_SALES", ROOT.parent / "shared/data/online_retail/online_retail.csv.gz")
)
SMALL, LARGE = (2_000, 20_000) if QUICK else (50_000, 500_000)
LEAST_LINES_PER_SECOND, MOST_RATIO = 2_000, 1.3
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def main() -> None:
    """Print the figures."""
    small, large = (_import(lines) for lines in (SMALL, LARGE))
    origin = "Online Retail" if REAL.exists() else "made-up sales of the same shape"
    report(
        Figure(
            name=f"import of {LARGE:,} lines of {origin}",
            value=LARGE / large,
            unit="lines/s",
            at_least=LEAST_LINES_PER_SECOND,
            note=f"{large:.0f} s; {SMALL:,} lines went at {SMALL / small:,.0f} lines/s",
        )
    )
    report(
        Figure(
            name=f"time per line, {LARGE:,} lines to {SMALL:,}",
            value=(large / LARGE) / (small / SMALL),
            at_most=MOST_RATIO,
        )
    )
    _verify(f"sales-{LARGE}")


def _import(lines: int) -> float:
    slug = f"sales-{lines}"
    open_shop(slug, members=0, currency="GBP")
    path = Path(os.environ["VAR_DIR"]) / f"{slug}.csv"
    path.write_text("".join(islice(_lines(), lines + 1)), encoding="utf-8")
    started = time.perf_counter()
    call_command(
        "import_sales",
        str(path),
        programme=slug,
        preset="online-retail",
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )
    return time.perf_counter() - started


def _verify(slug: str) -> None:

    started = time.perf_counter()
    with in_programme(Programme.objects.get(slug=slug)):
        told = verify()
    report(
        Figure(
            name="findings of verify_ledger over all of it",
            value=len(told.findings),
            at_most=0,
            note=f"{time.perf_counter() - started:.1f} s; {told.transactions:,} transactions, "
            f"{told.entries:,} entries, {told.lots:,} lots, {told.chains:,} chains",
        )
    )


def _lines() -> Iterator[str]:
    """The lines of the file, the header first."""
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8", newline="") as real:
            yield from real
    else:
        yield from _made_up()


def _made_up() -> Iterator[str]:
    """A gift shop: some 20 lines a receipt, 4,000 customers, a quarter of sales to no customer."""
    chance = random.Random(20101201)
    yield HEADER + "\n"
    at, receipt = datetime(2010, 12, 1, 8, 0), 536_365  # noqa: DTZ001 - local time, as in the file
    while True:
        at += timedelta(seconds=chance.randrange(60, 2_000))
        receipt += 1
        customer = "" if chance.random() < 0.25 else f"{chance.randrange(12_000, 16_000)}.0"
        goods = chance.sample(range(4_000), min(40, 1 + int(chance.expovariate(1 / 20))))
        for code in goods:
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerow(
                [
                    receipt,
                    20_000 + code,
                    f"GIFT NO {code}",
                    chance.randrange(1, 25),
                    at.isoformat(sep=" "),
                    f"{chance.randrange(42, 1_500) / 100:.2f}",
                    customer,
                    "United Kingdom",
                ]
            )
            yield out.getvalue()
