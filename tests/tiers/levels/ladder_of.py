"""Ladders for the stories, as a program from outside sees them: the REST API alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.common.clock import played_at
from loyalty.outbox.relay import relay_due
from tests.api import Api, make_key
from tests.world import Shop
from tiers.levels.tasks import review_levels

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
GREEN = {"code": "green", "name_vi": "Xanh", "name_en": "Green"}


def gold(enter: Any, **more: Any) -> dict[str, Any]:
    """A level above."""
    return {"code": "gold", "name_vi": "Vàng", "name_en": "Gold", "enter": enter, **more}


@contextmanager
def on(year: int, month: int, day: int, hour: int = 12) -> Iterator[None]:
    """Play at a local instant."""
    with played_at(datetime(year, month, day, hour, tzinfo=ZONE)):
        yield


def night() -> None:
    """What the workers do."""
    review_levels()
    while relay_due():
        pass


class Ladder:
    """A programme with levels, through its API."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.api, self.members = shop, Api(make_key(shop)), 0

    def did(self, answer: Any) -> Any:
        """What it answered, having done it."""
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def rule(self, kind: str = "levels.ladder", **values: Any) -> str:
        """A live rule."""
        body = {"kind": kind, "values": {"name": "Levels", **values}}
        rule = self.did(self.api.post("rules/", body))["rule"]
        self.did(self.api.post(f"rules/{rule}/publish/", {}))
        return str(rule)

    def levels(self, *levels: Any, **values: Any) -> str:
        """A live ladder, Green below what is given."""
        return self.rule(levels=[GREEN, *levels], **values)

    def edit(self, rule: str, **values: Any) -> str:
        """A successor of a ladder, live."""
        shown = self.api.get(f"rules/{rule}/")
        tag = shown.headers["ETag"]
        draft = self.did(self.api.patch(f"rules/{rule}/", {"values": values}, match=tag))["rule"]
        self.did(self.api.post(f"rules/{draft}/publish/", {}))
        return str(draft)

    def points(self, **values: Any) -> str:
        """A point for each unit spent."""
        return self.rule("points.earning_rule", **{"points": 1, "per_minor": 100, **values})

    def join(self) -> str:
        """A new member."""
        self.members += 1
        person = {"name": "Ana", "phone": f"09123456{self.members:02d}"}
        joined = self.did(self.api.post("members/", person))
        return str(joined.get("id") or joined["member"])

    def buy(self, member: str, total: int, **more: Any) -> Any:
        """A sale."""
        body = {"member": member, "total_minor": total, **more}
        return self.did(self.api.post("purchases/", body))

    def refund(self, purchase: Any, **what: Any) -> Any:
        """Give a sale back, all of it unless told otherwise."""
        return self.did(self.api.post(f"purchases/{purchase['purchase']}/refunds/", what))

    def level(self, member: str) -> str:
        """The code of the level held."""
        return str(self.of(member)["level"])

    def of(self, member: str) -> Any:
        """Everything about where a member stands."""
        return self.did(self.api.get(f"members/{member}/level/"))

    def has(self, member: str, asset: str = "points") -> int:
        """A balance."""
        found = self.did(self.api.get(f"members/{member}/balances/"))
        return next((one["balance"] for one in found if one["asset"] == asset), 0)

    def give(self, member: str, level: str, **more: Any) -> Any:
        """A level by hand."""
        body = {"level": level, "reason": "Status match", **more}
        return self.api.post(f"members/{member}/level/given/", body)
