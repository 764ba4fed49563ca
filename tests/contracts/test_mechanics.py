"""Every mechanic there is, by its own samples: replay, refund, dry run, quote, memory, isolation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import JSONField
from django.utils.translation import override

from loyalty.commands.models import Command
from loyalty.engine.database import member_view, terms_of
from loyalty.engine.fact_info import fact_infos
from loyalty.engine.facts import known_facts
from loyalty.engine.memory import MemoryWorld
from loyalty.engine.models import AppliedEffect
from loyalty.engine.plug import Mechanic, mechanics
from loyalty.engine.run import run
from loyalty.engine.selectors import rule_kinds
from loyalty.ledger.models import Account
from loyalty.ledger.verification import verify
from loyalty.sales.quotes import quote
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineRefund
from loyalty.sales.services import SaleInput, prepare, record_purchase, refund_purchase
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tests.contracts.sample import Sample, all_samples, apps_with_mechanics, samples_of
from tests.world import Shop

EACH = pytest.mark.parametrize("sample", all_samples(), ids=lambda sample: sample.name)


@pytest.mark.parametrize("app", apps_with_mechanics())
def test_every_mechanic_brings_samples(app: str) -> None:
    assert samples_of(app), f"write tests/{app.replace('.', '/')}/samples.py with SAMPLES"


def test_samples_cover_every_mechanic_and_every_kind_of_rule() -> None:
    told = {name for sample in all_samples() for name in sample.mechanics}
    # One that only offers facts answers nothing by itself; its sample shows others asking for them.
    answering = {one.name for one in mechanics() if type(one).evaluate is not Mechanic.evaluate}
    assert told == answering
    assert {kind for sample in all_samples() for kind in sample.kinds} == set(rule_kinds())


@pytest.mark.parametrize("name", sorted(rule_kinds()))
def test_a_kind_shows_what_its_lists_hold(name: str) -> None:
    kind = rule_kinds()[name]
    lists = {one: field for one, field in kind.fields.items() if isinstance(field, JSONField)}
    assert set(lists) <= set(kind.examples), f"{kind.model.__name__}.examples lacks some"
    for one, field in lists.items():
        assert isinstance(kind.examples[one], field.default), one


def test_every_fact_has_a_name_people_choose_it_by() -> None:
    """`fact_info` of its mechanic, in both languages: a form is no place for code names."""
    wrong = sorted(set(known_facts()) - set(fact_infos()))
    for name, info in fact_infos().items():
        with override("en"):
            english = str(info.label)
        with override("vi"):
            vietnamese = str(info.label)
        if not english or english == vietnamese:
            wrong.append(f"{name}: “{english}” has no Vietnamese")
    assert wrong == []


@pytest.fixture
def sale(sample: Sample, shop: Shop) -> SaleInput:
    found = sample.set_up(shop)
    shop.programme.refresh_from_db()
    # The actor's own copy of the programme, as every request loads it.
    shop.staff.programme.refresh_from_db()
    return found


def _rows() -> dict[str, int]:
    """How many rows every table has, whoever's they are."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[model._meta.label] = cursor.fetchone()[0]
    return found


@contextmanager
def nothing_written() -> Iterator[None]:
    before = _rows()
    yield
    assert _rows() == before


def _sell(shop: Shop, sale: SaleInput, **call: Any) -> PurchaseResult:
    return record_purchase(shop.call(**call), member=shop.member.public_id, sale=sale)


def _told(result: PurchaseResult) -> Any:
    """A result without what is new each time: public ids of the purchase and of vouchers."""
    effects = [
        replace(one, voucher=bool(one.voucher), available_at=None, expires_at=None)
        for one in result.effects
    ]
    return replace(result, purchase="", receipt="", happened_at=None, effects=tuple(effects))


def _balances(shop: Shop) -> dict[str, tuple[int, int]]:
    with in_programme(shop.programme):
        assert verify().findings == []
        rows = Account.objects.filter(holder=shop.member.holder_id)
        figures = {row.asset.code: (row.balance, row.debt) for row in rows}
    return {code: pair for code, pair in figures.items() if any(pair)}


@EACH
def test_it_answers_and_a_replay_changes_nothing(
    sample: Sample, shop: Shop, sale: SaleInput
) -> None:
    first = _sell(shop, sale, key="once")
    assert set(sample.mechanics) <= {one.mechanic for one in first.effects}
    with nothing_written():
        assert _sell(shop, sale, key="once") == first


@EACH
def test_a_dry_run_and_a_quote_write_nothing_and_foretell_the_sale(
    shop: Shop, sale: SaleInput
) -> None:
    with nothing_written():
        dry = _sell(shop, sale, dry_run=True)
        quoted = quote(actor=shop.actor, member=shop.member.public_id, sale=sale)
    sold = _told(_sell(shop, sale))
    assert _told(dry) == sold
    assert _told(quoted) == sold


def _standing(shop: Shop) -> set[int]:
    """Effects that count and are not undone."""
    with in_programme(shop.programme):
        counted = AppliedEffect.objects.filter(undone__lt=models.F("amount"))
        return set(counted.values_list("pk", flat=True))


@EACH
def test_a_full_refund_returns_to_where_it_was(shop: Shop, sale: SaleInput) -> None:
    before, standing = _balances(shop), _standing(shop)
    bought = _sell(shop, sale)
    assert bought.effects
    refund_purchase(shop.call(), purchase=bought.purchase)
    assert _balances(shop) == before
    assert _standing(shop) == standing


@EACH
def test_partial_refunds_in_any_order_add_up(shop: Shop, sale: SaleInput) -> None:
    before = _balances(shop)
    lines = [
        LineRefund(number=number, quantity_milli=1000)
        for number, line in enumerate(sale.lines, start=1)
    ]
    ends = set()
    for order in list(permutations(lines))[:6]:
        bought = _sell(shop, sale)
        for line in order:
            refund_purchase(shop.call(), purchase=bought.purchase, lines=(line,))
        ends.add(tuple(sorted(_balances(shop).items())))
        refund_purchase_fully(shop, bought)
        assert _balances(shop) == before
    at_once = _sell(shop, sale)
    refund_purchase(shop.call(), purchase=at_once.purchase, lines=tuple(lines))
    ends.add(tuple(sorted(_balances(shop).items())))
    assert len(ends) == 1, "the same parts, in another order or at once, end alike"


def refund_purchase_fully(shop: Shop, bought: PurchaseResult) -> None:
    """By amount, in thirds, and then the rest."""
    total = bought.total_minor
    refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=max(total // 9, 1))
    refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=max(total // 7, 1))
    refund_purchase(shop.call(), purchase=bought.purchase)


@pytest.mark.parametrize(
    "sample", [one for one in all_samples() if one.from_nothing], ids=lambda sample: sample.name
)
def test_memory_answers_as_the_database_does(shop: Shop, sale: SaleInput) -> None:
    with in_programme(shop.programme):
        programme = Programme.objects.get(pk=shop.programme.pk)
        at = shop.member.joined_at
        world = MemoryWorld(terms=terms_of(programme), member=member_view(shop.member), now=at)
        prepared = prepare(sale, actor=shop.actor, member=shop.member, now=at)
        mine = run(world, prepared.activity).effects
        sold = _sell(shop, sale)
        theirs = list(AppliedEffect.objects.filter(activity__key=sold.purchase).order_by("id"))
        for ours, row in zip(mine, theirs, strict=True):
            for name in ("kind", "mechanic", "rule", "asset", "amount", "reason"):
                assert getattr(ours, name) == getattr(row, name)
            assert [list(pair) for pair in ours.basis] == row.basis
        kept = {one.asset: (one.balance, one.debt) for one in world.book.accounts.values()}
        assert {code: pair for code, pair in kept.items() if any(pair)} == _balances(shop)


@EACH
def test_another_programme_has_none_of_it(shop: Shop, sale: SaleInput, other_shop: Shop) -> None:
    _sell(shop, sale)
    elsewhere = _sell(other_shop, replace(sale, use={}))
    assert elsewhere.effects == ()
    with in_programme(other_shop.programme):
        assert AppliedEffect.objects.count() == 0
        assert Command.objects.filter(name="sales.record_purchase").count() == 1
        assert verify().entries == 0
