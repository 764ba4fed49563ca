"""Rows that travel as one document arrive as Django would have written them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes.exceptions import ScopeError

from loyalty.ledger.models import Account, Asset
from loyalty.outbox.models import Event
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.models import Location
from loyalty.tenancy.scope import ForeignWrite, in_programme
from members.profiles.models import Holder
from tests.world import Shop

EVENTS = Insert(Event, "public_id type merchant_id subject data recorded_at due_at attempts error")
LOCATIONS = Insert(Location)
BALANCES = Insert(
    Account,
    "holder_id asset_id balance debt pending due_at earned spent moved_at chain_sequence chain_head",
    unique="holder_id asset_id",
    update="balance",
)
AT = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=7)))


def event(number: int, **values: Any) -> tuple[Any, ...]:
    row: dict[str, Any] = {
        "public_id": f"evt_{number}",
        "type": "test",
        "merchant_id": None,
        "subject": "",
        "data": {},
        "recorded_at": AT,
        "due_at": AT,
        "attempts": 0,
        "error": "",
    }
    return tuple((row | values).values())


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_any_number_of_rows_in_one_statement(shop: Shop, count: int) -> None:
    with in_programme(shop.programme):
        with CaptureQueriesContext(connection) as queries:
            keys = EVENTS([event(number, subject=str(number)) for number in range(count)])
        assert len(queries) == min(count, 1)
        stored = Event.objects.filter(type="test").order_by("pk")
        assert [(row.pk, row.subject) for row in stored] == [
            (key, str(number)) for number, key in enumerate(keys)
        ]
        assert all(row.programme_id == shop.programme.pk for row in stored)


def test_values_arrive_as_django_writes_them(shop: Shop) -> None:
    texts = ["", "null", "12", "true", "{}", "é – ế 🙂", "a'b\"c\\d\n%s", " "]
    data: list[Any] = [
        {"a": [1, None, "é", 2**53 + 1, True]},
        {},
        {"null": None},
        {"deep": {"": ""}},
    ]
    with in_programme(shop.programme):
        for number, text in enumerate(texts):
            EVENTS([event(number, error=text, subject="x", due_at=None)])
        for number, value in enumerate(data, len(texts)):
            EVENTS([event(number, data=value, attempts=number)])
        stored = list(Event.objects.filter(type="test").order_by("pk"))
        assert [row.error for row in stored[: len(texts)]] == texts
        assert [row.data for row in stored[len(texts) :]] == data
        assert {row.recorded_at for row in stored} == {AT.astimezone(UTC)}
        assert {row.due_at for row in stored[: len(texts)]} == {None}
        plain = Event.objects.create(type="test", data=data[0], recorded_at=AT, due_at=AT)
        same = Event.objects.filter(data=plain.data, recorded_at=plain.recorded_at)
        assert same.count() == 2


def test_a_row_that_is_there_is_written_over(shop: Shop) -> None:
    with in_programme(shop.programme):
        holder, asset = Holder.objects.create(), Asset.objects.get()
        rows = [(holder.pk, asset.pk, n, 0, 0, None, n, 0, AT, 1, "") for n in (5, -(2**62))]
        (first,), (again,) = BALANCES(rows[:1]), BALANCES(rows[1:])
        account = Account.objects.get(holder=holder)
        assert first == again == account.pk
        assert (account.balance, account.earned) == (-(2**62), 5)


def test_what_the_database_refuses_is_refused(shop: Shop) -> None:
    with in_programme(shop.programme):
        EVENTS([event(1)])
        with pytest.raises(IntegrityError), transaction.atomic():
            EVENTS([event(2), event(1)])
        if connection.vendor == "postgresql":  # SQLite has no lengths
            with pytest.raises(DataError), transaction.atomic():
                EVENTS([event(3, type="x" * 81)])
        with pytest.raises(TypeError):
            EVENTS([event(4, attempts=2**70)])
        assert Event.objects.filter(type="test").count() == 1


def test_instances_get_their_keys_and_guard_themselves(shop: Shop, other_shop: Shop) -> None:
    with in_programme(shop.programme):
        rows = [Location(merchant=shop.merchant, name=name) for name in ("A", "B")]
        LOCATIONS.keep(rows)
        assert [row.programme_id for row in rows] == [shop.programme.pk] * 2
        rows[0].name = "C"
        rows[0].save()
        assert [row.name for row in Location.objects.filter(pk__in=[r.pk for r in rows])] == [
            "C",
            "B",
        ]
        with pytest.raises(ForeignWrite):
            LOCATIONS.keep([Location(merchant=other_shop.merchant, name="Mine")])
    with pytest.raises(ScopeError):
        LOCATIONS.keep([Location(merchant=shop.merchant, name="Nobody's")])
    with pytest.raises(ScopeError):
        EVENTS([event(1)])


def test_a_forgotten_field_is_told_at_once() -> None:
    with pytest.raises(AssertionError, match=r"Rows of Event lack \['attempts', 'error'\]"):
        Insert(Event, "public_id type merchant_id subject data recorded_at due_at")
