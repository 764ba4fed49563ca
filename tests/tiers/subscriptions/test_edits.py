"""A basket and its days, changed: before the cut-off and after, for a while and for good, wrongly too."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loyalty.common.errors import Invalid, NotFound, Outdated, Refused
from loyalty.engine.publishing import edit_rule, publish_rule
from loyalty.sales.models import Product
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.tiers.subscriptions.subs_of import begin, night, now_of, offer, on, pay, run_of, states
from tests.world import Shop
from tiers.subscriptions import services
from tiers.subscriptions.rules.schedule import Rhythm


def _price(shop: Shop, sku: str, price_minor: int) -> None:
    with in_programme(shop.programme):
        Product.objects.filter(sku=sku).update(price_minor=price_minor)


def test_an_edit_after_the_cut_off_counts_from_the_next_delivery_and_says_so(shop: Shop) -> None:
    """Also where no job has run since: the instant decides."""
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 8, hour=17):
        done = services.put_item(shop.call(), subscription=one.id, sku="MILK", quantity=2)
        assert (done.next_on, done.closed_order) == (date(2026, 5, 10), "")
    with on(2026, 5, 8, hour=18):
        done = services.put_item(shop.call(), subscription=one.id, sku="FILTER", quantity=1)
        assert (done.next_on, done.closed_on) == (date(2026, 6, 10), date(2026, 5, 10))
        order = run_of(shop, date(2026, 5, 10))
        assert (done.closed_order, order.total_minor) == (order.public_id, 4_000)
        for command in (services.skip_order, services.unskip_order):
            with pytest.raises(Refused) as told:
                command(shop.call(), order=order.public_id)
            assert told.value.code == "after_cutoff"
            assert told.value.params["next_on"] == "2026-06-10"
    # Left unpaid it would bring the subscription to rest before the next one closes.
    with on(2026, 5, 9):
        pay(shop, order.charge)
    with on(2026, 6, 8, hour=19):
        night()
        assert run_of(shop, date(2026, 6, 10)).total_minor == 4_500


def test_added_removed_swapped_and_the_last_one_stays(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop)
        call = shop.call
        services.put_item(call(), subscription=one.id, sku="MILK", quantity=1)
        done = services.swap_item(call(), subscription=one.id, sku="MILK", to="FILTER")
        assert [(line.sku, line.quantity) for line in done.items] == [("BEANS", 1), ("FILTER", 1)]
        with pytest.raises(Invalid):
            services.swap_item(call(), subscription=one.id, sku="BEANS", to="FILTER")
        services.remove_item(call(), subscription=one.id, sku="FILTER")
        with pytest.raises(Refused) as told:
            services.remove_item(call(), subscription=one.id, sku="BEANS")
        assert told.value.code == "last_product"


@pytest.mark.parametrize("quantity", [0, -1, 11, 10**9])
def test_an_absurd_quantity(shop: Shop, quantity: int) -> None:
    offer(shop)
    one = begin(shop)
    with pytest.raises(Invalid) as told:
        services.put_item(shop.call(), subscription=one.id, sku="BEANS", quantity=quantity)
    assert (told.value.code, told.value.field) == ("out_of_range", "quantity")


def test_a_product_that_is_not_offered_out_of_stock_or_withdrawn(shop: Shop) -> None:
    rule = offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, (("BEANS", 1), ("MILK", 1)), first_on=date(2026, 5, 10))
        with pytest.raises(NotFound):
            services.swap_item(shop.call(), subscription=one.id, sku="BEANS", to="TEA")
        services.offer_product(shop.call(), offer=rule.rule, sku="FILTER", state="out")
        with pytest.raises(Refused) as told:
            services.put_item(shop.call(), subscription=one.id, sku="FILTER", quantity=1)
        assert told.value.code == "out_of_stock"
        services.offer_product(shop.call(), offer=rule.rule, sku="MILK", state="withdrawn")
    with on(2026, 5, 9):
        night()
        view = Api(make_key(shop)).get(
            f"subscription-orders/{run_of(shop, date(2026, 5, 10)).public_id}/"
        )
        assert view.data["total_minor"] == 2_000
        assert [(line["sku"], line["missing"]) for line in view.data["lines"]] == [
            ("BEANS", ""),
            ("MILK", "withdrawn"),
        ]


def test_where_nothing_can_be_had_nothing_is_billed_and_the_next_one_comes(shop: Shop) -> None:
    rule = offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), commit_months=6)
        services.offer_product(shop.call(), offer=rule.rule, sku="BEANS", state="out")
    with on(2026, 5, 9):
        night()
    assert states(shop) == [("2026-05-10", "skipped"), ("2026-06-10", "upcoming")]


def test_a_pause_has_an_end(shop: Shop) -> None:
    offer(shop, longest_pause_days=60)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10), commit_months=6)
        for until, code in ((date(2026, 5, 1), "in_the_past"), (date.max, "pause_too_long")):
            with pytest.raises(Invalid) as told:
                services.pause_subscription(shop.call(), subscription=one.id, until=until)
            assert (told.value.code, told.value.field) == (code, "until")
        done = services.pause_subscription(
            shop.call(), subscription=one.id, until=date(2026, 6, 15)
        )
        assert (done.state, done.next_on) == ("paused", None)
        assert done.committed_until == date(2026, 11, 10) + timedelta(days=45)
    with on(2026, 6, 14):
        night()
        assert now_of(shop, one).state == "paused"
    with on(2026, 6, 15, hour=1):
        night()
    assert now_of(shop, one).state == "active"
    assert states(shop) == [("2026-05-10", "skipped"), ("2026-07-10", "upcoming")]


def test_resumed_early_the_put_aside_delivery_comes_and_the_committed_time_shrinks(
    shop: Shop,
) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10), commit_months=6)
        services.pause_subscription(shop.call(), subscription=one.id, until=date(2026, 6, 15))
    with on(2026, 5, 4):
        done = services.resume_subscription(shop.call(), subscription=one.id)
    assert (done.state, done.next_on) == ("active", date(2026, 5, 10))
    assert done.committed_until == date(2026, 11, 13)
    with pytest.raises(Refused):
        services.resume_subscription(shop.call(), subscription=one.id)


def test_put_on_another_day(shop: Shop) -> None:
    offer(shop, weekdays=[1, 2, 3, 4, 5])
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 11))
        move = services.reschedule_order
        wrong = {
            date(2026, 4, 30): "in_the_past",
            date(2026, 5, 2): "too_soon",
            date(2026, 5, 10): "no_delivery_day",
            date(2026, 6, 11): "past_next_delivery",
            date(2027, 1, 4): "too_far",
        }
        for day, code in wrong.items():
            with pytest.raises((Invalid, Refused)) as told:
                move(shop.call(), order=one.next_order, to=day)
            assert (told.value.code, told.value.field) == (code, "to")
        done = move(shop.call(), order=one.next_order, to=date(2026, 5, 14))
        assert done.next_on == date(2026, 5, 14)
        later = move(shop.call(), order=done.next_order, to=date(2026, 5, 20), and_later=True)
        assert later.next_on == date(2026, 5, 20)
    with on(2026, 5, 19):
        night()
    assert states(shop) == [
        ("2026-05-14", "skipped"),
        ("2026-05-20", "locked"),
        ("2026-06-22", "upcoming"),  # the 20th is a Saturday
    ]


def test_another_rhythm_counts_from_the_next_delivery(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
        change = services.change_subscription
        done = change(shop.call(), subscription=one.id, every=2, unit="week")
        assert done.next_on == date(2026, 5, 10)
        with pytest.raises(Invalid):
            change(shop.call(), subscription=one.id, every=9, unit="week")
    with on(2026, 5, 9):
        night()
    assert states(shop) == [("2026-05-10", "locked"), ("2026-05-24", "upcoming")]


def test_skipped_three_times_in_a_row_is_enough_and_extends_the_committed_time(
    shop: Shop,
) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10), commit_months=6)
        for _number in range(3):
            one = services.skip_order(shop.call(), order=one.next_order)
        assert one.committed_until == date(2026, 11, 10) + timedelta(days=31 + 30 + 31)
        with pytest.raises(Refused) as told:
            services.skip_order(shop.call(), order=one.next_order)
    assert told.value.code == "skipped_enough"


@pytest.mark.parametrize(("holds", "total"), [(False, 2_400), (True, 1_600)])
def test_the_price_changes_while_committed(shop: Shop, holds: bool, total: int) -> None:
    """Of the day, or held, as the offer said on the first day; a later version changes neither."""
    rule = offer(shop, holds_price=holds)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), commit_months=6)
        _price(shop, "BEANS", 3_000)
        draft = edit_rule(shop.call(), rule=rule.rule, values={"holds_price": not holds})
        publish_rule(shop.call(), rule=draft.rule)
    with on(2026, 5, 9):
        night()
    assert run_of(shop, date(2026, 5, 10)).total_minor == total


def test_who_is_not_committed_follows_the_newest_version(shop: Shop) -> None:
    with on(2026, 4, 1):
        rule = offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
        draft = edit_rule(shop.call(), rule=rule.rule, values={"discount_bp": 1_000})
        publish_rule(shop.call(), rule=draft.rule)
    with on(2026, 5, 9):
        night()
    assert run_of(shop, date(2026, 5, 10)).total_minor == 1_800


def test_paid_ahead_a_change_must_cost_the_same(shop: Shop) -> None:
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, commit_months=6, pays="ahead")
        pay(shop, one.charge)
        with pytest.raises(Refused) as told:
            services.put_item(shop.call(), subscription=one.id, sku="BEANS", quantity=2)
        assert told.value.code == "paid_ahead"
        _price(shop, "FILTER", 2_000)
        done = services.swap_item(shop.call(), subscription=one.id, sku="BEANS", to="FILTER")
    assert done.each_minor == 1_600


def test_what_is_missing_of_a_delivery_paid_ahead_goes_back(shop: Shop) -> None:
    rule = offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(
            shop,
            (("BEANS", 1), ("MILK", 1)),
            commit_months=6,
            pays="ahead",
            first_on=date(2026, 5, 10),
        )
        pay(shop, one.charge)
        services.offer_product(shop.call(), offer=rule.rule, sku="MILK", state="out")
    with on(2026, 5, 9):
        night()
    back = Api(make_key(shop)).get(f"charges/{one.charge}/").data["refunded_minor"]
    assert (run_of(shop, date(2026, 5, 10)).total_minor, back) == (1_600, 800)


def test_two_tabs_and_the_older_one_is_told(shop: Shop) -> None:
    offer(shop)
    one = begin(shop)
    put = services.put_item
    put(shop.call(), subscription=one.id, sku="MILK", quantity=1, revision=one.revision)
    with pytest.raises(Outdated):
        put(shop.call(), subscription=one.id, sku="MILK", quantity=2, revision=one.revision)


def test_the_first_day_is_far_enough_and_near_enough(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1, hour=19):
        for day, code in ((date(2026, 5, 3), "too_soon"), (date(2027, 5, 1), "too_far")):
            with pytest.raises((Invalid, Refused)) as told:
                begin(shop, first_on=day)
            assert (told.value.code, told.value.field) == (code, "first_on")
        assert begin(shop).next_on == date(2026, 5, 4)


def test_months_are_counted_from_the_first_day() -> None:
    rhythm = Rhythm(anchor_on=date(2026, 1, 31), every=1, unit="month")
    assert [rhythm.slot(n) for n in (1, 2, 3)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert rhythm.count(date(2026, 1, 31), 6) == 6
    weekly = Rhythm(anchor_on=date(2026, 1, 5), every=2, unit="week")
    assert weekly.count(date(2026, 1, 5), 6) == 13
