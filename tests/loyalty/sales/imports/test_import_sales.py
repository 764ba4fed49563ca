"""A file of real sales goes in: points follow, cancellations take them back, every row is told."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from loyalty.sales.imports.mapping import load_preset
from loyalty.sales.imports.sales_run import import_sales
from loyalty.sales.models import ImportRun, Purchase, Refund
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Identifier, Member
from tests.world import Shop, make_shop

EXCERPT = Path(__file__).parent / "data" / "online_retail_excerpt.csv"
EXPECTED = {
    "imported": 143,
    "duplicate": 1,
    "cancelled_matched": 8,
    "unmatched": 1,
    "no_customer": 10,
    "excluded_product": 12,
    "refused": 0,
}


@pytest.fixture
def gift_shop(db: None) -> Iterator[Shop]:
    shop = make_shop("gifts", owner="ben@example.com", member="Ana", currency="GBP")
    with in_programme(shop.programme):
        yield shop


def run(shop: Shop, path: Path = EXCERPT, **options: object) -> ImportRun:
    return import_sales(
        actor=shop.actor,
        path=path,
        mapping=load_preset("online-retail"),
        **options,  # type: ignore[arg-type]
    )


def test_every_row_of_the_excerpt_is_accounted_for(gift_shop: Shop, tmp_path: Path) -> None:
    out, report = StringIO(), tmp_path / "report.json"
    call_command(
        "import_sales",
        str(EXCERPT),
        programme="gifts",
        preset="online-retail",
        report=report,
        stdout=out,
    )
    data = orjson.loads(report.read_bytes())
    assert data["counts"] == EXPECTED
    assert data["rows_read"] == sum(data["counts"].values()) == 175
    rows = [number for numbers in data["rows"].values() for number in numbers]
    assert sorted(rows) == list(range(2, 177))
    call_command("verify_ledger", programme="gifts", stdout=out)
