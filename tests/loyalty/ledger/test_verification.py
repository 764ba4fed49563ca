"""The verifier finds what was changed behind the ledger's back, and sums in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.ledger.models import Account, Entry, Lot, LotUse
from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from rewards.points.services import adjust_points
from tests.world import Shop


@pytest.fixture
def moved(shop: Shop) -> Shop:
    """Ana got 50 points, then 30, and 60 were taken."""
    for amount in (50, 30, -60):
        adjust_points(shop.call(), member=shop.member.public_id, amount=amount, text="A story")
    return shop


def _raw(model: type[Any], **values: Any) -> Callable[[], Any]:
    table = model._meta.db_table

    def change() -> None:
        with connection.cursor() as cursor:
            for name, what in values.items():
                cursor.execute(
                    f"UPDATE {table} SET {name} = {what} WHERE id = (SELECT max(id) FROM {table})"
                )

    return change


def test_an_honest_ledger_has_nothing_off(moved: Shop) -> None:
    with in_programme(moved.programme), CaptureQueriesContext(connection) as asked:
        report = verify()
    assert report.findings == []
    assert (report.entries, report.lots, report.accounts) == (3, 2, 1)
    # A sum asked for row by row takes hours where the database picks the wrong index.
    assert not [one["sql"] for one in asked if "(SELECT" in one["sql"]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_raw(Account, balance="balance + 1"), "cached balance 21"),
        (_raw(Account, earned="earned + 1"), "earned 1,"),
        (_raw(Account, debt="debt + 5"), "debt 5"),
        (_raw(Lot, remaining="remaining - 1"), "it has 19 left"),
        (_raw(LotUse, amount="amount + 1"), "lots gave"),
        (_raw(Entry, amount="amount + 1"), "does not match its hash"),
        (_raw(Entry, balance_after="balance_after + 1"), "balance after it 21"),
    ],
)
def test_what_was_changed_behind_its_back_is_found(
    moved: Shop, change: Callable[[], Any], told: str
) -> None:
    change()
    with in_programme(moved.programme):
        findings = verify().findings
    assert [one for one in findings if told in one], findings
