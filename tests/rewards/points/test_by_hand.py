"""Points moved by people: adjustments with a second person's consent, gifts between members."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from loyalty.commands.actor import Actor, staff_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import Forbidden, Invalid, NotFound, Refused
from loyalty.engine.services import record_activity
from loyalty.ledger.models import Lot
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from rewards.points.services import (
    adjust_points,
    approve_adjustment,
    change_settings,
    receive_transfer,
    reject_adjustment,
    transfer_points,
)
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop


def _another(shop: Shop, name: str = "Eva") -> Member:
    with in_programme(shop.programme):
        return Member.objects.create(
            holder=Holder.objects.create(), name=name, joined_at=shop.member.joined_at
        )


def _colleague(shop: Shop, role: str) -> Actor:
    with in_programme(shop.programme):
        user = User.objects.create_user(f"{role}@example.com", "a long pass phrase")
        row = Staff.objects.create(user=user, merchant=shop.merchant, role=role)
        return staff_actor(row)


def _balance(shop: Shop, member: Member) -> int:
    with in_programme(shop.programme):
        found = balances(holder_id=member.holder_id)
        return next((one.available for one in found), 0)


def test_a_small_adjustment_applies_at_once(shop: Shop) -> None:
    done = adjust_points(
        shop.call(), member=shop.member.public_id, amount=50, text="Sorry for the wait", note="cold"
    )
    assert (done.state, points(done)) == ("applied", 50)
    with pytest.raises(Refused, match="insufficient_balance") as caught:
        adjust_points(shop.call(), member=shop.member.public_id, amount=-60, text="Mistake")
    assert (caught.value.field, caught.value.params["missing"]) == ("amount", 10)


def test_a_large_one_waits_for_another_person(shop: Shop) -> None:
    asked = adjust_points(
        shop.call(), member=shop.member.public_id, amount=5_000, text="From the old card"
    )
    assert (asked.state, _balance(shop, shop.member)) == ("waiting", 0)
    with pytest.raises(Refused, match="own_adjustment"):
        approve_adjustment(shop.call(), adjustment=asked.adjustment)
    manager = _colleague(shop, "manager")
    done = approve_adjustment(Call(manager, "yes"), adjustment=asked.adjustment)
    assert (done.state, points(done)) == ("applied", 5_000)
    with pytest.raises(Refused, match="not_waiting"):
        reject_adjustment(Call(manager, "no"), adjustment=asked.adjustment)


def test_a_rejected_one_moves_nothing(shop: Shop) -> None:
    asked = adjust_points(shop.call(), member=shop.member.public_id, amount=5_000, text="Please")
    reject_adjustment(Call(_colleague(shop, "manager"), "no"), adjustment=asked.adjustment)
    assert _balance(shop, shop.member) == 0


def test_cashiers_adjust_nothing(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        adjust_points(
            Call(_colleague(shop, "cashier"), "k"),
            member=shop.member.public_id,
            amount=1,
            text="For a friend",
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": 2**63}, "amount"),
        ({"text": " "}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"note": "x" * 4_001}, "note"),
    ],
)
def test_absurd_adjustments_are_refused(shop: Shop, values: dict[str, object], field: str) -> None:
    given = {"amount": 1, "text": "why", **values}
    with pytest.raises(Invalid) as caught:
        adjust_points(shop.call(), member=shop.member.public_id, **given)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_another_programmes_member_is_not_found(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(NotFound):
        adjust_points(shop.call(), member=other_shop.member.public_id, amount=1, text="why")


def test_points_travel_with_their_dates(shop: Shop) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 3, tzinfo=UTC), tick=False) as clock:
        change_settings(shop.call(), values={"transfer_enabled": True, "transfer_minimum": 5})
        earning(shop, expiry_kind="rolling", expiry_count=30, expiry_unit="day")
        buy(shop, 100_000)
        clock.shift(timedelta(days=10))
        buy(shop, 100_000)
        eva = _another(shop)
        sent = transfer_points(
            shop.call(), member=shop.member.public_id, receiver=eva.public_id, amount=15
        )
        assert (points(sent), _balance(shop, eva)) == (5, 0)
        for key in ("a", "b"):
            done = receive_transfer(shop.call(key=key), transfer=sent.transfer)
            assert (done.state, points(done)) == ("received", 15)
        with in_programme(shop.programme):
            lots = Lot.objects.filter(account__holder=eva.holder_id).order_by("expires_at")
            dates = [(lot.amount, lot.expires_at) for lot in lots]
            assert not verify().findings
    assert dates == [
        (10, datetime(2026, 3, 31, 17, tzinfo=UTC)),
        (5, datetime(2026, 4, 10, 17, tzinfo=UTC)),
    ]


def test_gifts_keep_to_the_rules(shop: Shop) -> None:
    eva = _another(shop)
    adjust_points(shop.call(), member=shop.member.public_id, amount=500, text="A start")
    give = {"member": shop.member.public_id, "receiver": eva.public_id}
    with pytest.raises(Refused, match="transfers_off"):
        transfer_points(shop.call(), **give, amount=10)
    change_settings(
        shop.call(),
        values={"transfer_enabled": True, "transfer_minimum": 10, "transfer_daily_maximum": 100},
    )
    with pytest.raises(Refused, match="below_minimum"):
        transfer_points(shop.call(), **give, amount=9)
    transfer_points(shop.call(), **give, amount=90)
    with pytest.raises(Refused, match="daily_maximum") as caught:
        transfer_points(shop.call(), **give, amount=11)
    assert caught.value.params == {"maximum": 10}
    with pytest.raises(Refused, match="same_household"):
        transfer_points(shop.call(), member=eva.public_id, receiver=eva.public_id, amount=10)
    change_settings(shop.call(), values={"transfer_daily_maximum": None})
    with pytest.raises(Refused, match="insufficient_balance"):
        transfer_points(shop.call(), **give, amount=411)


def test_a_gift_to_an_erased_card_comes_back(shop: Shop) -> None:
    eva = _another(shop)
    change_settings(shop.call(), values={"transfer_enabled": True})
    adjust_points(shop.call(), member=shop.member.public_id, amount=50, text="A start")
    sent = transfer_points(
        shop.call(), member=shop.member.public_id, receiver=eva.public_id, amount=50
    )
    with in_programme(shop.programme):
        Member.objects.filter(pk=eva.pk).update(state="erased")
    done = receive_transfer(shop.call(), transfer=sent.transfer)
    assert (done.state, points(done)) == ("returned", 50)


def test_a_member_gives_only_their_own(shop: Shop) -> None:
    eva = _another(shop)
    change_settings(shop.call(), values={"transfer_enabled": True})
    adjust_points(shop.call(), member=eva.public_id, amount=50, text="A start")
    ana = Actor(
        programme=shop.programme,
        kind="member",
        id=shop.member.public_id,
        label="Ana",
        permissions=frozenset({"self:transfer"}),
    )
    with pytest.raises(NotFound):
        transfer_points(
            Call(ana, "k"), member=eva.public_id, receiver=shop.member.public_id, amount=50
        )


def test_a_balance_brought_along_opens_once(shop: Shop) -> None:
    bring = {
        "member": shop.member.public_id,
        "type": "member.opening",
        "key": "old-card-17",
        "data": {"points": 900},
    }
    assert points(record_activity(shop.call(), **bring)) == 900
    assert points(record_activity(shop.call(), **bring)) == 900
