"""Statements composed once read and write what composing them anew would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.test.utils import CaptureQueriesContext
from django_scopes.exceptions import ScopeError

from loyalty.tenancy.scope import in_programme
from loyalty.tenancy.selectors import find_api_key
from loyalty.tenancy.statements import Read, Sums, Update
from members.profiles.models import Member
from tests.api import make_key
from tests.world import Shop

MEMBER: Read[Member] = Read(
    lambda member: Member.objects.select_related("holder", "user").filter(public_id=member)
)
LOCKED: Read[Member] = Read(
    lambda member: Member.objects.select_related("holder").filter(public_id=member),
    lock=("self", "holder"),
)
MEMBERS_SINCE = Sums(
    lambda name, since: Member.objects.filter(name__in=[name], joined_at__gte=since),
    count=Count("pk"),
    keys=Sum("pk"),
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


def test_sums_answer_what_aggregates_do_and_nothing_where_no_row_is(shop: Shop) -> None:
    member = shop.member
    with in_programme(shop.programme):
        for _again in range(5):
            with CaptureQueriesContext(connection) as queries:
                found = MEMBERS_SINCE(name=member.name, since=member.joined_at)
            assert found == (1, member.pk)
            assert all(type(one) is int for one in found)
            assert len(queries) == 1
        later = member.joined_at + timedelta(seconds=1)
        assert MEMBERS_SINCE(name=member.name, since=later) == (0, 0)
        assert MEMBERS_SINCE(name="nobody", since=member.joined_at) == (0, 0)


def test_sums_follow_the_scope_they_run_in(shop: Shop, other_shop: Shop) -> None:
    asked: Any = {"name": shop.member.name, "since": shop.member.joined_at}
    with in_programme(shop.programme):
        assert MEMBERS_SINCE(**asked) == (1, shop.member.pk)
    with in_programme(other_shop.programme):
        assert shop.member.pk != MEMBERS_SINCE(**asked)[1]
    with pytest.raises(ScopeError):
        MEMBERS_SINCE(**asked)


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


def test_a_key_is_found_with_its_programme(shop: Shop, other_shop: Shop) -> None:
    ours, theirs = make_key(shop), make_key(other_shop)
    with CaptureQueriesContext(connection) as queries:
        found = [find_api_key(key) for key in (ours, theirs, ours[:-1] + "?", "nonsense")]
        assert [key and key.programme.slug for key in found] == ["cafe", "other", None, None]
        assert [key and key.merchant.name for key in found] == ["Cafe", "Other", None, None]
    assert len(queries) == 3
