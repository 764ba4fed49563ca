"""A balance costs the same to read with ten ledger lines behind it as with a hundred thousand."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from django.db import connection
from django.test import Client

from benchmarks import api
from benchmarks.figures import Figure, report
from benchmarks.shop import QUICK, BenchShop, give, open_shop
from loyalty.ledger.models import Entry
from loyalty.ledger.selectors import balances
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import every_programme, in_programme
from members.profiles.models import Member

FEW, MANY = 10, 10_000 if QUICK else 100_000
TIMES = 300
MOST_RATIO = 1.2


def main() -> None:
    """Print the figures."""
    shop = open_shop("bench", members=2)
    for member, lines in zip(shop.members, (FEW, MANY), strict=True):
        give(shop.slug, member, times=lines, amount=3)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    programme = Programme.objects.get(slug=shop.slug)
    with every_programme():
        few, many = (Member.objects.get(public_id=member) for member in shop.members)
        assert Entry.objects.filter(account__holder=many.holder_id).count() == MANY
    with in_programme(programme):
        _compare(
            "the selector",
            lambda: balances(holder_id=few.holder_id),
            lambda: balances(holder_id=many.holder_id),
        )
    first, second = (_asking(shop, member) for member in shop.members)
    _compare("the API", first, second)


def _asking(shop: BenchShop, member: str) -> Callable[[], object]:
    client, headers = Client(), api.headers(shop, "unused") | {"Host": "localhost"}

    def ask() -> object:
        answer = client.get(f"/api/v1/members/{member}/balances/", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer

    return ask


def _compare(through: str, few: Callable[[], object], many: Callable[[], object]) -> None:
    """In turns, so that whatever else the machine does falls on both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _time in range(TIMES):
        for work, taken in zip((few, many), times, strict=True):
            started = time.perf_counter()
            work()
            taken.append(time.perf_counter() - started)
    small, large = (median(taken[TIMES // 10 :]) for taken in times)
    report(
        Figure(
            name=f"a balance through {through}: {MANY:,} lines to {FEW}",
            value=large / small,
            at_most=MOST_RATIO,
            note=f"{small * 1000:.2f} ms and {large * 1000:.2f} ms",
        )
    )
