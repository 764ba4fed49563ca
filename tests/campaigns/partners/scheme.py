"""A programme with partners as a program from outside sees it: the REST API and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from loyalty.outbox.relay import relay_due
from tests.api import Api, make_key
from tests.world import Shop

LAST_YEAR = datetime.now(UTC).year - 1
_PHONES = count(1)


class Scheme:
    """What the stories do, each by one call."""

    def __init__(self, shop: Shop, **partner: Any) -> None:
        self.shop = shop
        self.api = Api(make_key(shop))
        body = {"code": "partner", "name": "Partner", **partner}
        self.partner = str(self.did(self.api.post("partners/", body))["id"])
        self.member = self.join("Ana")

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def join(self, name: str) -> str:
        body = {"name": name, "phone": f"09123456{next(_PHONES):02}"}
        made = self.did(self.api.post("members/", body))
        return str(made.get("id") or made["member"])

    def rule(self, kind: str, **values: Any) -> str:
        made = self.did(self.api.post("rules/", {"kind": kind, "values": values}))["rule"]
        self.did(self.api.post(f"rules/{made}/publish/", {}))
        return str(made)

    def offer(self, **values: Any) -> str:
        given = {"name": "Offer", "partner": self.partner, "text_en": "A gift", **values}
        return self.rule("partners.offer", **given)

    def declare(self, code: str = "lines") -> None:
        body = {"code": code, "kind": "number", "name_en": code, "name_vi": code, "is_told": True}
        self.did(self.api.post("attributes/", body))

    def known(self, member: str, **values: Any) -> None:
        """The shop's own system says something of a member; what follows from it happens."""
        self.did(self.api.post(f"members/{member}/attributes/", {"values": values}))
        self.settle()

    def settle(self) -> None:
        while relay_due():
            pass

    def offers(self, member: str = "") -> Any:
        return self.did(self.api.get(f"members/{member or self.member}/partner-offers/"))

    def codes(self, member: str = "") -> Any:
        path = f"members/{member or self.member}/partner-codes/"
        return self.did(self.api.get(path))["data"]

    def claim(self, offer: str, member: str = "") -> Any:
        path = f"members/{member or self.member}/partner-codes/"
        return self.api.post(path, {"offer": offer})

    def redeem(self, code: str, **body: Any) -> Any:
        return self.api.post("partner-redemptions/", {"code": code, **body})

    def void(self, redemption: str) -> Any:
        return self.api.post(f"partner-redemptions/{redemption}/void/", {})

    def close(self, month: str) -> Any:
        return self.api.post(f"partners/{self.partner}/statements/", {"month": month})

    def card(self, reference: str, member: str = "", **body: Any) -> Any:
        given = {"member": member or self.member, "reference": reference, **body}
        return self.api.post(f"partners/{self.partner}/cards/", given)

    def pay(self, transaction: str, card: str, amount_minor: int, at: str) -> Any:
        body = {
            "transaction": transaction,
            "card": card,
            "amount_minor": amount_minor,
            "happened_at": at,
        }
        return self.api.post(f"partners/{self.partner}/transactions/", body)

    def charge_back(self, transaction: str, of: str, **body: Any) -> Any:
        given = {"transaction": transaction, "of": of, **body}
        return self.api.post(f"partners/{self.partner}/chargebacks/", given)

    def file(self, *rows: str) -> Any:
        text = "\n".join(("transaction,card,amount_minor,happened_at,kind,of", *rows))
        return self.api.post(f"partners/{self.partner}/settlements/", {"csv": text})

    def points(self, member: str = "", part: str = "balance") -> int:
        balances = self.did(self.api.get(f"members/{member or self.member}/balances/"))
        return sum(int(one[part]) for one in balances if one["asset"] == "points")
