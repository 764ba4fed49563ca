"""Trials for the stories, written, taken and handed over through the doors."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from loyalty.commands.actor import member_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now, played_at
from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.outbox.relay import relay_due
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.world import Shop
from tiers.trials import selectors
from tiers.trials.models import Taking
from tiers.trials.results import TakingView
from tiers.trials.selectors import TrialResults
from tiers.trials.services import take_trial

SKU = "CBR"
_KEYS = count(1)


def trial(shop: Shop, **values: Any) -> RuleView:
    """A live trial: a cold brew for everybody, two of them, unless told otherwise."""
    given = {"name": "Cold brew", "code": "cold-brew", "sku": SKU, "budget": 2, **values}
    draft = create_rule(shop.call(), kind="trials.trial", values=given)
    published = publish_rule(shop.call(), rule=draft.rule)
    fresh(shop)
    return published


def take(shop: Shop, member: Member | None = None, **more: Any) -> TakingView:
    """Ana (or another) takes it."""
    who = member or shop.member
    return take_trial(shop.call(), member=who.public_id, trial="cold-brew", **more)


def fresh(shop: Shop) -> None:
    """The actor's own copy of the programme, as every request loads it."""
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()


def settle() -> None:
    """The relay hands on what was published."""
    while relay_due():
        pass


def later(days: int, hours: int = 0) -> Any:
    """Play so many days from now."""
    return played_at(now() + timedelta(days=days, hours=hours))


def buy(shop: Shop, sku: str = SKU, member: Member | None = None) -> PurchaseResult:
    """They buy one of it, and a cake."""
    who = member or shop.member
    lines = (LineInput(sku=sku, net_minor=59_000), LineInput(sku="BSU", net_minor=32_000))
    return record_purchase(shop.call(), member=who.public_id, sale=SaleInput(lines=lines))


def person(shop: Shop, name: str, **values: Any) -> Member:
    """One more member, with a holder of their own unless one is given."""
    with in_programme(shop.programme):
        holder = values.pop("holder", None) or Holder.objects.create()
        return Member.objects.create(holder=holder, name=name, joined_at=now(), **values)


def results(shop: Shop, code: str = "cold-brew") -> TrialResults:
    """What came of it."""
    with in_programme(shop.programme):
        return selectors.results_of(selectors.trial_of(code))


def herself(shop: Shop, member: Member | None = None) -> Call:
    """A call by the member in the portal."""
    who = (member or shop.member).public_id
    return Call(member_actor(shop.programme, who), f"portal-{next(_KEYS)}")


def now_of(shop: Shop, taking: TakingView) -> Taking:
    """The taking as it is in the database."""
    with in_programme(shop.programme):
        return Taking.objects.get(public_id=taking.id)
