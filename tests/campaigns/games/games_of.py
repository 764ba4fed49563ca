"""Games for the stories, written and published through the doors."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from campaigns.games import selectors
from campaigns.games.results import PlayResult
from campaigns.games.rules.fairness import opened
from campaigns.games.services import play
from campaigns.games.tasks import look_after_games
from loyalty.commands.decorator import Call
from loyalty.common.clock import now
from loyalty.engine.publishing import RuleView, create_rule, edit_rule, publish_rule
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.outbox.relay import relay_due
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.world import Shop

LEGAL = {
    "legal_vi": "Thành viên từ 18 tuổi. Kết quả do máy chủ rút theo tỉ lệ công bố.",
    "legal_en": "Members from 18 on. Outcomes are drawn by the published odds.",
    "registration": "SCT 12/2026",
}
TEN = {"code": "ten", "name_vi": "10 điểm", "name_en": "10 points", "kind": "points", "points": 10}
NONE = {"code": "none", "name_vi": "Hẹn lần sau", "name_en": "Nothing"}
_NAMES = count(1)


def prizes(*, ten: int = 500_000) -> list[dict[str, Any]]:
    """Ten points by so many of a million plays, else nothing."""
    return [{**TEN, "odds_ppm": ten}, {**NONE, "odds_ppm": 1_000_000 - ten}]


def game(shop: Shop, **values: Any) -> RuleView:
    """A live game, its seed committed to: a wheel with one free play a day unless told otherwise."""
    given = {"name": "Lucky wheel", "prizes": prizes(), "free_per_day": 1, **LEGAL, **values}
    return published(shop, create_rule(shop.call(), kind="games.game", values=given))


def changed(shop: Shop, rule: RuleView, **values: Any) -> RuleView:
    """The game edited and published anew."""
    return published(shop, edit_rule(shop.call(), rule=rule.rule, values=values))


def published(shop: Shop, draft: RuleView) -> RuleView:
    """A draft made live, with what follows from it."""
    done = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    relay_due()
    return done


def raffle(shop: Shop, *, winners: int = 1, **values: Any) -> RuleView:
    """A draw a day from now, by entries that come with purchases of 100,000 and a free one a day."""
    won = {**TEN, "stock": winners}
    given = {"way": "draw", "prizes": [won], "draws_at": now() + timedelta(days=1), **values}
    return game(shop, **{"tickets": 1, "minimum_minor": 100_000, **given})


def spin(shop: Shop, of: RuleView, *, member: Member | None = None, **more: Any) -> PlayResult:
    """Ana plays, or somebody else."""
    who = (member or shop.member).public_id
    return play(shop.call(), game=of.rule, member=who, **more)


def somebody(shop: Shop, name: str = "") -> Member:
    """Another member of the shop."""
    with in_programme(shop.programme):
        holder = Holder.objects.create()
        return Member.objects.create(
            holder=holder, name=name or f"Lan {next(_NAMES)}", joined_at=now()
        )


def buy(shop: Shop, minor: int = 100_000, *, member: Member | None = None) -> PurchaseResult:
    """A purchase of one thing."""
    sale = SaleInput(lines=(LineInput(sku="coffee", net_minor=minor),))
    return record_purchase(shop.call(), member=(member or shop.member).public_id, sale=sale)


def balance(shop: Shop, asset: str = "points") -> int:
    """Ana's balance of an asset; negative for a debt."""
    with in_programme(shop.programme):
        known = balances(holder_id=shop.member.holder_id)
    return next((one.balance for one in known if one.asset == asset), 0)


def plays_left(shop: Shop, of: RuleView) -> int:
    """Ana's plays earned and not played, negative where one is owed."""
    return balance(shop, f"plays:{of.rule}")


def jobs() -> int:
    """The minute's work of games."""
    return look_after_games()


def is_sound(shop: Shop) -> bool:
    """Does the ledger add up?"""
    with in_programme(shop.programme):
        return verify().findings == []


def seed_of(shop: Shop, of: RuleView) -> str:
    """The seed of a game, as only the server knows it before it is shown."""
    with in_programme(shop.programme):
        row = selectors.seeds(of.rule)[0]
        return opened(row.sealed)


def again(shop: Shop, call: Call) -> Call:
    """The same call once more, as a phone with a bad network sends it."""
    return Call(call.actor, call.key)


def at(day: datetime, **later: int) -> datetime:
    """Some time after an instant."""
    return day + timedelta(**later)
