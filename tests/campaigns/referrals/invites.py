"""A referral programme as a program from outside sees it, and the jobs of the house beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.referrals.tasks import look_after_referrals
from loyalty.common.clock import played_at
from loyalty.ledger.verification import verify
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop

START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


class Scheme:
    """Friends invite friends: 50 points for who invites, 20 for the friend, paid after 14 days."""

    def __init__(self, shop: Shop, **values: Any) -> None:
        self.shop, self.now, self.people = shop, START, 0
        with self.at():
            self.api = Api(make_key(shop))
            self.programme = self.rule(
                name="Bring a friend", referrer_points=50, friend_points=20, **values
            )

    @contextmanager
    def at(self) -> Iterator[None]:
        """Play at the present instant of the story."""
        with played_at(self.now):
            yield

    def pass_days(self, days: int = 0, *, hours: int = 0) -> None:
        """Time goes by, and the jobs of the house do their work."""
        self.now += timedelta(days=days, hours=hours)
        self.work()

    def work(self) -> None:
        """Events are handed on, what is due is done, until nothing is left."""
        with self.at():
            while relay_due():
                pass
            look_after_referrals()
            while relay_due():
                pass

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Call the API now; answers Django's response."""
        with self.at():
            if method in ("GET", "DELETE"):
                return getattr(self.api, method.lower())(path)
            return getattr(self.api, method.lower())(path, body, **more)

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def rule(self, kind: str = "referrals.referral_programme", **values: Any) -> str:
        made = self.did(self.ask("POST", "rules/", {"kind": kind, "values": values}))["rule"]
        self.did(self.ask("POST", f"rules/{made}/publish/", {}))
        return str(made)

    def change(self, **values: Any) -> str:
        """The programme edited and published anew."""
        path = f"rules/{self.programme}/"
        read = self.ask("GET", path)
        sent = self.ask("PATCH", path, {"values": values}, match=read["ETag"])
        made = self.did(sent)["rule"]
        self.did(self.ask("POST", f"rules/{made}/publish/", {}))
        return str(made)

    def end(self) -> None:
        self.did(self.ask("POST", f"rules/{self.programme}/end/", {}))

    def person(self, name: str = "", **more: Any) -> dict[str, Any]:
        self.people += 1
        given = {"name": name or f"Friend {self.people}", "phone": f"09{self.people * 7919:08d}"}
        return {**given, **more}

    def try_join(self, name: str = "", **more: Any) -> Any:
        """Somebody joins; answers Django's response."""
        return self.ask("POST", "members/", self.person(name, **more))

    def join(self, name: str = "", **more: Any) -> str:
        return str(self.did(self.try_join(name, **more))["id"])

    def code(self, member: str) -> str:
        return str(self.did(self.ask("POST", f"members/{member}/referral-code/"))["code"])

    def pair(self, **friend: Any) -> tuple[str, str]:
        """Ana invites Bo, who joins by her code."""
        ana = self.join("Ana")
        return ana, self.join("Bo", code=self.code(ana), **friend)

    def buy(self, member: str, total: int = 50_000) -> Any:
        return self.did(self.ask("POST", "purchases/", {"member": member, "total_minor": total}))

    def quote(self, member: str, total: int = 50_000) -> Any:
        body = {"member": member, "total_minor": total}
        return self.did(self.ask("POST", "quotes/", body))

    def refund(self, bought: Any, **what: Any) -> Any:
        path = f"purchases/{bought['purchase']}/refunds/"
        return self.did(self.ask("POST", path, what))

    def referral(self, friend: str) -> Any:
        """The referral of a friend."""
        found = self.did(self.ask("GET", f"referrals/?friend={friend}"))["data"]
        assert len(found) == 1
        return found[0]

    def state(self, friend: str) -> str:
        return str(self.referral(friend)["state"])

    def balance(self, member: str, asset: str = "points") -> int:
        rows = self.did(self.ask("GET", f"members/{member}/balances/"))
        return next((one["balance"] for one in rows if one["asset"] == asset), 0)

    def review(self, friend: str, verb: str, note: str = "Looked at it") -> Any:
        path = f"referrals/{self.referral(friend)['id']}/{verb}/"
        return self.ask("POST", path, {"note": note})

    def is_sound(self) -> bool:
        """Does the ledger add up?"""
        with in_programme(self.shop.programme):
            return verify().findings == []
