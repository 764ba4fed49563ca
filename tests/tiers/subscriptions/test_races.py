"""Two workers, two tabs, a worker that dies at any point: a delivery is closed, billed and sold once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError
from loyalty.payments.models import Charge
from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from tests.loyalty.commands.test_races import at_once
from tests.tiers.subscriptions.subs_of import begin, night, offer, on, pay, run_of, settle, states
from tests.world import Shop, make_shop
from tiers.subscriptions import services
from tiers.subscriptions.models import Order, OrderLine
from tiers.subscriptions.services import closing, running, settling

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cafe() -> Shop:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    with on(2026, 4, 1):
        offer(shop)
    return shop


def _sweep(shop: Shop, number: int) -> Any:
    with on(2026, 5, 8, hour=19):
        call = Call(job_actor(shop.programme, "subscriptions"), f"sweep-{number}")
        return services.look_after(call, member=shop.member.public_id)


def test_five_workers_close_it_once(cafe: Shop) -> None:
    with on(2026, 5, 1):
        begin(cafe, first_on=date(2026, 5, 10))
    answers = at_once(5, lambda number: _sweep(cafe, number))
    assert sorted(one.closed for one in answers) == [0, 0, 0, 0, 1]
    with in_programme(cafe.programme):
        assert (Charge.objects.count(), OrderLine.objects.count()) == (1, 1)
    assert states(cafe) == [("2026-05-10", "locked"), ("2026-06-10", "upcoming")]


def test_edits_while_the_sweep_runs(cafe: Shop) -> None:
    """Each edit meets an open delivery or a closed one, never half of one."""
    with on(2026, 5, 1):
        one = begin(cafe, first_on=date(2026, 5, 10))

    def work(number: int) -> Any:
        if number % 2:
            return _sweep(cafe, number)
        with on(2026, 5, 8, hour=19):
            call = cafe.call(key=f"edit-{number}")
            return services.put_item(call, subscription=one.id, sku="BEANS", quantity=number + 2)

    answers = at_once(6, work)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    with in_programme(cafe.programme):
        line = OrderLine.objects.get()
        assert Charge.objects.get().amount_minor == line.net_minor == 2_000


def test_skipped_from_two_tabs_at_once(cafe: Shop) -> None:
    with on(2026, 5, 1):
        one = begin(cafe, first_on=date(2026, 5, 10))

    def work(number: int) -> Any:
        with on(2026, 5, 1):
            return services.skip_order(cafe.call(key=f"skip-{number}"), order=one.next_order)

    answers = at_once(4, work)
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [answer.code for answer in refused] == ["not_open"] * 3
    assert states(cafe) == [("2026-05-10", "skipped"), ("2026-06-10", "upcoming")]


def test_paid_and_cancelled_at_once(cafe: Shop) -> None:
    """Either it is paid and the money goes back, or it is cancelled and nothing can be paid."""
    with on(2026, 5, 1):
        begin(cafe, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
        order = run_of(cafe, date(2026, 5, 10))

    def work(number: int) -> Any:
        with on(2026, 5, 9):
            if number:
                return services.cancel_order(cafe.call(key="cancel"), order=order.public_id)
            return pay(cafe, order.charge)

    at_once(2, work)
    with on(2026, 5, 9):
        settle()
    with in_programme(cafe.programme):
        row, bill = Order.objects.get(pk=order.pk), Charge.objects.get()
        sold = Purchase.objects.first()
    assert bill.paid_minor == bill.refunded_minor
    assert row.state == "cancelled"
    assert sold is None or sold.refunded_minor == sold.total_minor


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (closing, "_write_lines"),
        (closing, "open_charge"),
        (closing, "tell_order"),
        (running, "open_order"),
        (running, "schedule"),
        (settling, "publish"),
    ],
)
def test_a_worker_that_dies_at_any_point_leaves_nothing_half_done(
    cafe: Shop, module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with on(2026, 5, 1):
        begin(cafe, first_on=date(2026, 5, 10))
    real = getattr(module, name)

    class Killed(BaseException):
        pass

    def dies(*args: Any, **kwargs: Any) -> Any:
        getattr(real, "within", real)(*args, **kwargs)
        raise Killed

    dies.within = dies  # type: ignore[attr-defined]
    monkeypatch.setattr(module, name, dies)
    with on(2026, 5, 8, hour=19):
        if module is not settling:
            with pytest.raises(Killed):
                night()
            assert states(cafe) == [("2026-05-10", "upcoming")]
        else:
            night()
            charge = run_of(cafe, date(2026, 5, 10)).charge
            with pytest.raises(Killed):
                pay(cafe, charge)
            assert run_of(cafe, date(2026, 5, 10)).state == "locked"
        monkeypatch.setattr(module, name, real)
        night()
        with in_programme(cafe.programme):
            assert Charge.objects.count() == 1
    with on(2026, 5, 8, hour=20):
        order = run_of(cafe, date(2026, 5, 10))
        if module is settling:
            night()  # the relay's lease on the event runs still: the sweep finds the money itself
            with on(2026, 5, 10):
                night()
        else:
            pay(cafe, order.charge)
    with in_programme(cafe.programme):
        assert Purchase.objects.count() == 1
    assert states(cafe) == [("2026-05-10", "paid"), ("2026-06-10", "upcoming")]
