"""Statements composed once read and write what composing them anew would."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext
from django_scopes.exceptions import ScopeError

from loyalty.ledger.models import Account, Asset
from loyalty.outbox.models import Event
from loyalty.tenancy.models import Location
from loyalty.tenancy.scope import ForeignWrite, in_programme
from loyalty.tenancy.selectors import find_api_key
from loyalty.tenancy.statements import Read, Update
from members.profiles.models import Holder, Member
from tests.api import make_key
from tests.world import Shop

MEMBER: Read[Member] = Read(
    lambda member: Member.objects.select_related("holder", "user").filter(public_id=member)
)
LOCKED: Read[Member] = Read(
    lambda member: Member.objects.select_related("holder").filter(public_id=member),
    lock=("self", "holder"),
)
RENAME = Update(Member, "name", "tags")


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_read_answers_what_the_queryset_does(shop: Shop) -> None:
    with in_programme(shop.programme):
        for _again in range(5):  # composed, run, and later run prepared
            with CaptureQueriesContext(
                connection,
            ) as queries:
                (row,) = MEMBER(member=shop.member.public_id)
                assert row.holder.pk == shop.member.holder_id
                assert row.user is None
            assert len(queries) == 1
            plain = Member.objects.select_related("holder").get(public_id=shop.member.public_id)
            assert row == plain
            assert values(row) == values(plain)
            assert values(row.holder) == values(plain.holder)
        assert MEMBER(member="mem_unknown") == []


def test_a_read_follows_the_scope_it_runs_in(shop: Shop, other_shop: Shop) -> None:
    with in_programme(shop.programme):
        assert len(MEMBER(member=shop.member.public_id)) == 1
        assert MEMBER(member=other_shop.member.public_id) == []
    with in_programme(other_shop.programme):
        assert len(MEMBER(member=other_shop.member.public_id)) == 1
        assert MEMBER(member=shop.member.public_id) == []
    with pytest.raises(ScopeError):
        MEMBER(member=shop.member.public_id)


def test_a_read_locks(shop: Shop) -> None:
    with (
        in_programme(shop.programme),
        transaction.atomic(),
        CaptureQueriesContext(connection) as queries,
    ):
        LOCKED(member=shop.member.public_id)
    if connection.features.has_select_for_update:
        assert "FOR UPDATE OF" in queries[0]["sql"]


def test_an_update_writes_one_row_of_the_programme(shop: Shop, other_shop: Shop) -> None:
    with in_programme(shop.programme):
        assert RENAME(shop.member.pk, name="Ana'); --", tags=["vip", 'q"uote']) == 1
        assert RENAME(other_shop.member.pk, name="Mine", tags=[]) == 0
    shop.member.refresh_from_db()
    other_shop.member.refresh_from_db()
    assert (shop.member.name, shop.member.tags) == ("Ana'); --", ["vip", 'q"uote'])
    assert other_shop.member.name == "Dan"


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_rows_are_inserted_and_get_their_keys(shop: Shop, count: int) -> None:
    with in_programme(shop.programme):
        for batch in range(3):
            rows = Location.objects.bulk_create(
                Location(merchant=shop.merchant, name=f"{batch}/{number} é\n'", code="")
                for number in range(count)
            )
            stored: QuerySet[Location] = Location.objects.filter(pk__in=[row.pk for row in rows])
            assert [values(row) for row in stored.order_by("pk")] == [values(row) for row in rows]


def test_an_insert_meets_a_row_that_is_there(shop: Shop) -> None:
    with in_programme(shop.programme):
        holder, asset = Holder.objects.create(), Asset.objects.get()
        for balance in (5, 7):
            (row,) = Account.objects.bulk_create(
                [
                    Account(
                        holder=holder, asset=asset, balance=balance, moved_at=shop.member.joined_at
                    )
                ],
                update_conflicts=True,
                unique_fields=["holder", "asset"],
                update_fields=["balance"],
            )
            assert Account.objects.get(pk=row.pk).balance == balance
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.create(holder=holder, asset=asset, moved_at=shop.member.joined_at)
        assert Account.objects.filter(holder=holder).count() == 1


def test_json_and_null_keep_their_kind(shop: Shop) -> None:
    at = shop.member.joined_at
    data = [{"a": [1, None, "é"]}, {}, {"null": None}]
    with in_programme(shop.programme):
        rows = [Event(type="test", data=one, recorded_at=at, due_at=at) for one in data]
        Event.objects.bulk_create(rows)
        single = Event.objects.create(type="test", data=data[0], recorded_at=at, due_at=None)
        stored = Event.objects.filter(type="test").order_by("pk")
        assert [row.data for row in stored] == [*data, data[0]]
        assert [row.due_at for row in stored] == [at, at, at, None]
        assert single.pk == stored.last().pk


def test_an_expression_is_left_to_django(shop: Shop) -> None:
    with in_programme(shop.programme), pytest.raises(ValueError, match="F\\(\\) expressions"):
        Location.objects.create(merchant=shop.merchant, name=F("code"))


def test_foreign_rows_are_refused(shop: Shop, other_shop: Shop) -> None:
    with in_programme(shop.programme), pytest.raises(ForeignWrite):
        Location.objects.bulk_create([Location(merchant=other_shop.merchant, name="Mine")])
    with pytest.raises(ScopeError):
        Location.objects.create(merchant=shop.merchant, name="Nobody's")


def test_a_key_is_found_with_its_programme(shop: Shop, other_shop: Shop) -> None:
    ours, theirs = make_key(shop), make_key(other_shop)
    with CaptureQueriesContext(connection) as queries:
        found = [find_api_key(key) for key in (ours, theirs, ours[:-1] + "?", "nonsense")]
        assert [key and key.programme.slug for key in found] == ["cafe", "other", None, None]
        assert [key and key.merchant.name for key in found] == ["Cafe", "Other", None, None]
    assert len(queries) == 3
