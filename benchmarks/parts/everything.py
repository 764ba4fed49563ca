"""A purchase with every mechanic live, beside one with points alone: queries and time.

Measured at the command ``sales.record_purchase``, which every door to a sale (API, till, import by
batch, adapters) calls: what is the same for any purchase around it, such as reading the key and
parsing the body, would only flatter the ratio. The shops take turns sale by sale in one process, the
order turning too, and the median of the ratios of neighbours counts. Queries are those of a whole
API call, as in the part ``purchase``.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from itertools import count
from statistics import median

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import api
from benchmarks.figures import Figure, report
from benchmarks.rules import ANSWERING, EVERYTHING, GOLD_MINOR, PLAN, POINTS, STATUS_AND_MONEY
from benchmarks.shop import QUICK, BenchShop, call, open_shop
from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.outbox.relay import relay_due
from loyalty.payments.services import take_cash
from loyalty.sales.results import PurchaseResult
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import Merchant, Programme
from loyalty.tenancy.scope import in_programme
from tiers.memberships.services import join_plan

MEMBERS = 10 if QUICK else 25
PAIRS = 50 if QUICK else 500
WARM = 5
SALE_MINOR = 150_000
# Most queries, and most times a purchase with points alone.
BOUNDS = {STATUS_AND_MONEY: (32, 1.8), EVERYTHING: (45, 2.5)}


def main() -> None:
    """Print the figures."""
    shops = {
        name: open_shop(name.replace("_", "-"), members=MEMBERS, rules=name)
        for name in (POINTS, *BOUNDS)
    }
    sales = {name: _sales(name, shop) for name, shop in shops.items()}
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    queries = {name: _queries(shop) for name, shop in shops.items()}
    times = _times(sales)
    alone = median(times[POINTS])
    for name, (most_queries, most_times) in BOUNDS.items():
        title = name.replace("_", " ")
        report(
            Figure(
                name=f"queries of one call of purchases, {title}",
                value=queries[name],
                at_most=most_queries,
                note=f"{queries[POINTS]} with points alone",
            )
        )
        ratios = [one / other for one, other in zip(times[name], times[POINTS], strict=True)]
        report(
            Figure(
                name=f"time of a purchase, {title}, to points alone",
                value=median(ratios),
                at_most=most_times,
                note=f"{median(times[name]) * 1000:.2f} ms and {alone * 1000:.2f} ms; "
                f"of {len(ratios)} pairs",
            )
        )


def _times(sales: dict[str, Iterator[float]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in sales}
    for _warming in range(WARM):
        for one in sales.values():
            next(one)
    gc.collect()
    gc.freeze()
    names = list(sales)
    for turn in range(PAIRS):
        for name in names if turn % 2 else reversed(names):
            times[name].append(next(sales[name]))
    return times


def _sales(name: str, shop: BenchShop) -> Iterator[float]:
    """How long each sale took, to one member after the other."""
    actor = merchant_actor(shop)
    if name != POINTS:
        for member in shop.members:
            belongs(actor, member)
    for member in shop.members:
        told = _sell(actor, member, f"look-{name}-{member}")
        answered = {one.mechanic for one in told.effects}
        assert answered == ANSWERING[name], answered
    return _timed(actor, shop.members, name)


def _timed(actor: Actor, members: tuple[str, ...], name: str) -> Iterator[float]:
    for number in count():
        started = time.perf_counter()
        _sell(actor, members[number % len(members)], f"{name}-{number}")
        yield time.perf_counter() - started


def _sell(actor: Actor, member: str, key: str, *, total_minor: int = SALE_MINOR) -> PurchaseResult:
    return record_purchase(Call(actor, key), member=member, sale=SaleInput(total_minor=total_minor))


def belongs(actor: Actor, member: str) -> None:
    """The member reaches the level, earns cashback, and pays for a membership."""
    _sell(actor, member, f"gold-{member}", total_minor=2 * GOLD_MINOR)
    joined = join_plan(call(actor), member=member, plan=PLAN)
    take_cash(call(actor), charge=joined.charge)
    while relay_due():
        pass


def merchant_actor(shop: BenchShop) -> Actor:
    """Who sells in a shop."""
    programme = Programme.objects.get(slug=shop.slug)
    with in_programme(programme):
        merchant = Merchant.objects.get()
    return job_actor(programme, "bench", merchant_id=merchant.pk)


def _queries(shop: BenchShop) -> int:
    """Of the second call, as in any running server, and the one asking whether the connection lives."""
    found = 0
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(
                "/api/v1/purchases/",
                data={"member": shop.members[0], "total_minor": SALE_MINOR},
                content_type="application/json",
                headers=api.headers(shop, f"queries-{number}") | {"Host": "localhost"},
            )
        assert answer.status_code == 201, answer.content
        found = len(queries)
    return found + int(bool(settings.DATABASES["default"].get("CONN_HEALTH_CHECKS")))
