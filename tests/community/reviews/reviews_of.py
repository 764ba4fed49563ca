"""A shop with products on its shelf, and members who buy and review, through the REST API alone."""

from __future__ import annotations

import base64
from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image

from loyalty.outbox.relay import relay_due
from tests.api import Api, make_key
from tests.world import Shop

_PHONES = count(1)


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (40, 30), colour: str = "#a52") -> bytes:
    """A small picture; a JPEG says in its EXIF where it was taken."""
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "at home, 12 Hang Bac"
    Image.new("RGB", size, colour).save(file, kind, exif=exif)
    return file.getvalue()


def b64(raw: bytes) -> str:
    """As the API takes it."""
    return base64.b64encode(raw).decode()


class Reviewing:
    """A programme as a program from outside sees it."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.api = shop, Api(make_key(shop))
        self.ana = shop.member.public_id
        self.products: dict[str, str] = {}
        for sku, name in (("coffee", "Iced coffee"), ("cake", "Lemon cake")):
            made = self.api.post("products/", {"sku": sku, "name": name, "price_minor": 45_000})
            self.products[sku] = made.data["id"]

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201, 204), answer.data
        return answer.data

    def join(self, name: str) -> str:
        """Somebody else joins."""
        body = {"name": name, "phone": f"09123456{next(_PHONES):02d}"}
        return str(self.did(self.api.post("members/", body))["id"])

    def rule(self, kind: str = "points.earning_rule", **values: Any) -> str:
        made = self.did(self.api.post("rules/", {"kind": kind, "values": values}))["rule"]
        self.did(self.api.post(f"rules/{made}/publish/", {}))
        return str(made)

    def reward_reviews(self, points: int = 250, **values: Any) -> str:
        """Points for each published review."""
        given = {"name": "Reviews", "activity": "review.published", "basis": "fixed"}
        return self.rule(**given, points=points, **values)

    def settings(self, **values: Any) -> None:
        self.did(self.api.patch("reviews/settings/", values, match="*"))

    def buy(self, sku: str = "coffee", *, member: str = "") -> Any:
        line = {"sku": sku, "quantity": 1, "net_minor": 45_000}
        return self.did(
            self.api.post("purchases/", {"member": member or self.ana, "lines": [line]})
        )

    def give_back(self, bought: Any) -> None:
        self.did(self.api.post(f"purchases/{bought['purchase']}/refunds/", {}))
        self.relay()

    def relay(self) -> None:
        while relay_due():
            pass

    def write(self, sku: str = "coffee", *, member: str = "", **values: Any) -> Any:
        given = {"stars": 5, "text": "Strong and cold.", **values}
        return self.api.post("reviews/", {"member": member or self.ana, "sku": sku, **given})

    def wrote(self, sku: str = "coffee", **values: Any) -> str:
        return str(self.did(self.write(sku, **values))["review"])

    def decide(self, review: str, verdict: str, reason: str = "") -> Any:
        body = {"verdict": verdict, "reason": reason}
        return self.api.post(f"reviews/{review}/decision/", body)

    def read(self, review: str) -> Any:
        return self.did(self.api.get(f"reviews/{review}/"))

    def edit(self, review: str, **values: Any) -> Any:
        return self.api.patch(f"reviews/{review}/", values, match="*")

    def rating(self, sku: str = "coffee") -> Any:
        return self.did(self.api.get(f"products/{self.products[sku]}/rating/"))

    def points(self, member: str = "") -> int:
        found = self.did(self.api.get(f"members/{member or self.ana}/balances/"))
        return next((one["balance"] for one in found if one["asset"] == "points"), 0)
