"""An audience over all members: the database answers what rules would answer, for every fact there is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid, Several
from loyalty.engine.audience import asked, holding, narrowed
from loyalty.engine.conditions import Condition
from loyalty.engine.fact_info import fact_infos, fact_options
from loyalty.engine.facts import known_facts
from loyalty.engine.matching import Moment
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.rewards.points.rules_of import buy, earning
from tests.world import Shop

MOMENT = now()
OPERATORS = ("eq", "ne", "gte", "lte", "gt", "lt", "in", "not_in", "contains", "lacks")
VALUES: dict[str, list[Any]] = {
    "number": [0, 1, 2, 40, -3, "2", None],
    "money": [0, 30_000, 120_000, "x"],
    "flag": [True, False, "yes"],
    "text": ["vi", "female", "", 7],
    "texts": ["vip", "VIP", "quán quen", 'say "hi"', 7],
}


@pytest.fixture
def people(shop: Shop) -> list[Member]:
    """Five members with different lives; the first has none yet."""
    earning(shop)
    with in_programme(shop.programme):
        for number in range(4):
            Member.objects.create(
                holder=Holder.objects.create(),
                name=f"Member {number}",
                joined_at=MOMENT - timedelta(days=40 * number, hours=1),
                gender=("", "female", "male", "other")[number],
                language="vi" if number % 2 else "en",
                birthday=None if number == 3 else date(1990, 1 + number, 3),
                tags=[["vip"], ["quán quen"], ['say "hi"', "vip"], []][number],
            )
        found = list(Member.objects.order_by("pk"))
    for number, member in enumerate(found[1:], start=1):
        for days in (200, 100, 45, 10, 1)[:number]:
            with played_at(MOMENT - timedelta(days=days)):
                done = record_purchase(
                    shop.call(),
                    member=member.public_id,
                    sale=SaleInput(total_minor=30_000 * number),
                )
    refund_purchase(shop.call(), purchase=done.purchase)
    return found


def _values(name: str) -> list[Any]:
    info = fact_infos()[name]
    return [*VALUES[info.kind], *list(fact_options(name))[:3]]


@pytest.mark.parametrize("name", sorted(fact_infos().keys() & known_facts().keys()))
def test_the_database_tells_what_rules_would(name: str, shop: Shop, people: list[Member]) -> None:
    at = MOMENT + timedelta(seconds=1)
    with in_programme(shop.programme), played_at(at):
        for op in OPERATORS:
            for value in _values(name):
                given = [value, *VALUES["texts"][:2]] if op in ("in", "not_in") else value
                condition = Condition(name, op, given)
                if asked(condition, Moment(at, shop.programme.timezone)) is None:
                    continue
                rows, rest = narrowed([condition], Moment(at, shop.programme.timezone))
                assert not rest
                mine = {one.pk for one in rows}
                theirs = {
                    one.pk for one in holding(people, [condition], programme=shop.programme, at=at)
                }
                assert mine == theirs, (op, given)


def test_many_members_cost_no_more_questions_than_few(
    shop: Shop, people: list[Member], django_assert_num_queries: Any
) -> None:
    conditions = [
        Condition("purchases.count_90d", "gte", 1),
        Condition("purchases.count", "gte", 1),
        Condition("member.tags", "lacks", "nobody"),
    ]
    with in_programme(shop.programme):
        for some in (people[:1], people):
            with django_assert_num_queries(4):
                list(holding(some, conditions, programme=shop.programme, at=now()))


def _faults(shop: Shop, **values: Any) -> dict[str, str]:
    draft = create_rule(
        shop.call(),
        kind="points.earning_rule",
        values={"name": "Bonus", "points": 1, "per_minor": 10_000, **values},
    )
    with pytest.raises(DomainError) as refused:
        publish_rule(shop.call(), rule=draft.rule)
    error = refused.value
    return {
        one.field: one.code for one in (error.errors if isinstance(error, Several) else [error])
    }


def test_what_does_not_exist_is_not_published(shop: Shop) -> None:
    """A rule for a place that is not there would never count, and nobody would know why."""
    assert _faults(
        shop,
        locations=["loc_nowhere"],
        asset="miles",
        audience=[
            {"fact": "location", "op": "eq", "value": "loc_nowhere"},
            {"fact": "location", "op": "in", "value": [shop.location.public_id, "Main"]},
            {"fact": "purchases.count", "op": "gte", "value": "three"},
            {"fact": "member.birthday_month", "op": "eq", "value": "yes"},
            {"fact": "member.tags", "op": "gte", "value": "vip"},
            {"fact": "member.tags", "op": "contains", "value": "nobody-yet"},
            {"fact": "at.weekday", "op": "eq", "value": 9},
        ],
    ) == {
        "audience.0.value": "unknown_value",
        "audience.1.value.1": "unknown_value",
        "audience.2.value": "wrong_type",
        "audience.3.value": "wrong_type",
        "audience.4.op": "bad_operator",
        "audience.6.value": "unknown_value",
        "locations.0": "unknown_value",
        "asset": "unknown_value",
    }


def test_another_programmes_place_is_unknown(shop: Shop, other_shop: Shop) -> None:
    foreign = [{"fact": "location", "op": "eq", "value": other_shop.location.public_id}]
    assert _faults(shop, audience=foreign) == {"audience.0.value": "unknown_value"}


def test_one_of_several_values_is_meant_by_is(shop: Shop) -> None:
    earning(shop, audience=[{"fact": "member.tags", "op": "eq", "value": "vip"}])
    assert buy(shop, 100_000).effects == ()
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(tags=["vip", "new"])
    assert buy(shop, 100_000).effects


def test_unknown_facts_are_refused_at_once(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        create_rule(
            shop.call(),
            kind="points.earning_rule",
            values={
                "name": "Bonus",
                "points": 1,
                "per_minor": 1,
                "audience": [{"fact": "nonsense", "op": "eq", "value": 1}],
            },
        )
    assert refused.value.field == "audience.0.fact"
