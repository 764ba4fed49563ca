"""Requests as an integrator's program sends them, as bytes for the load or within this process."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count

import orjson

from benchmarks.load import post
from benchmarks.shop import BenchShop


def purchases(shop: BenchShop) -> Iterator[bytes]:
    """Sales of 200,000 to one member after the other, each under its own key."""
    run = secrets.token_hex(4)
    for number in count():
        member = shop.members[number % len(shop.members)]
        body = orjson.dumps({"member": member, "total_minor": 200_000})
        yield post("/api/v1/purchases/", body, headers(shop, f"{run}-{number}"))


def redemptions(shop: BenchShop) -> Iterator[bytes]:
    """The reward for 100 points, by one member after the other."""
    run = secrets.token_hex(4)
    for number in count():
        member = shop.members[number % len(shop.members)]
        body = orjson.dumps({"member": member, "reward": shop.reward})
        yield post("/api/v1/redemptions/", body, headers(shop, f"{run}-{number}"))


def headers(shop: BenchShop, key: str) -> dict[str, str]:
    """What every call carries."""
    return {
        "Authorization": f"Bearer {shop.key}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
