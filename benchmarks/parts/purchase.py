"""One purchase and one redemption through HTTP: how many queries, and how fast beside pgbench."""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import api
from benchmarks.baseline import bookings_per_second
from benchmarks.figures import Figure, report
from benchmarks.load import Load, send
from benchmarks.serving import served
from benchmarks.shop import QUICK, BenchShop, open_shop

CLIENTS = (1, 4)
ROUNDS, SECONDS = (2, 2) if QUICK else (5, 5)
MOST_QUERIES, MOST_QUERIES_OF_A_REDEMPTION = 20, 25
LEAST_SHARE = 0.04


def main() -> None:
    """Print the figures."""
    shop = open_shop("bench", members=500)
    _queries(shop)
    connection.close()
    with served() as port:
        _rates(shop, port)


def _queries(shop: BenchShop) -> None:
    """Counted in this process, where they can be seen; the second call, as in any running server."""
    bodies: dict[str, dict[str, Any]] = {
        "purchases": {"member": shop.members[0], "total_minor": 150_000},
        "redemptions": {"member": shop.members[0], "reward": shop.reward},
    }
    bounds = (MOST_QUERIES, MOST_QUERIES_OF_A_REDEMPTION)
    health_check = int(bool(settings.DATABASES["default"].get("CONN_HEALTH_CHECKS")))
    for (path, body), bound in zip(bodies.items(), bounds, strict=True):
        found = 0
        for number in range(2):
            with CaptureQueriesContext(connection) as queries:
                _post(shop, path, body, f"queries-{path}-{number}")
            found = len(queries) + health_check
        report(
            Figure(
                name=f"queries of one call of {path}, BEGIN and COMMIT included",
                value=found,
                at_most=bound,
                note=f"{health_check} of them asks whether the connection is alive",
            )
        )


def _post(shop: BenchShop, path: str, body: dict[str, Any], key: str) -> None:
    answer = Client().post(
        f"/api/v1/{path}/",
        data=body,
        content_type="application/json",
        headers=api.headers(shop, key) | {"Host": "localhost"},
    )
    assert answer.status_code == 201, answer.content


def _rates(shop: BenchShop, port: int) -> None:
    """A/B/A/B, because the machine may be busy with something else for a while."""
    purchases, redemptions = api.purchases(shop), api.redemptions(shop)
    _load(port, purchases, connections=4, seconds=SECONDS)
    url = os.environ["DATABASE_URL"]
    shares: dict[int, list[float]] = {clients: [] for clients in CLIENTS}
    told: dict[int, list[tuple[float, Load]]] = {clients: [] for clients in CLIENTS}
    for _round in range(ROUNDS):
        for clients in CLIENTS:
            base = bookings_per_second(url, clients=clients, seconds=SECONDS)
            ours = _load(port, purchases, connections=clients, seconds=SECONDS)
            shares[clients].append(ours.per_second / base)
            told[clients].append((base, ours))
    for clients in CLIENTS:
        pgbench = median(base for base, _ours in told[clients])
        rate = median(ours.per_second for _base, ours in told[clients])
        typical = median(ours.median_ms for _base, ours in told[clients])
        report(
            Figure(
                name=f"purchases over HTTP as a share of pgbench, {clients} at a time",
                value=median(shares[clients]),
                at_least=LEAST_SHARE,
                note=f"{rate:.0f}/s of {pgbench:.0f}/s, {typical:.1f} ms each; "
                f"rounds {min(shares[clients]):.3f} to {max(shares[clients]):.3f}",
            )
        )
    _load(port, purchases, connections=4, seconds=SECONDS)
    redeemed = _load(port, redemptions, connections=4, seconds=SECONDS, refusals=True)
    report(
        Figure(
            name="redemptions over HTTP, 4 at a time",
            value=redeemed.per_second,
            unit="per second",
            note=f"{redeemed.median_ms:.1f} ms each; {redeemed.refused} of {redeemed.answers} had too few points",
        )
    )


def _load(
    port: int,
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float,
    refusals: bool = False,
) -> Load:
    done = send(
        host="127.0.0.1",
        port=port,
        requests=requests,
        connections=connections,
        seconds=seconds,
        want=201,
    )
    assert refusals or not done.refused, f"{done.refused} of {done.answers} refused"
    return done
