"""Where a member stands: one value by name, restored when its cause is gone, found when it is due."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import now
from loyalty.engine.database import DatabaseWorld, member_view, terms_of
from loyalty.engine.effects import ChangeStatus
from loyalty.engine.memory import MemoryWorld
from loyalty.engine.status import Status
from loyalty.engine.statuses import due_statuses, status_of
from loyalty.engine.world import World
from loyalty.outbox.models import Event
from loyalty.outbox.relay import relay_due
from loyalty.outbox.services import publish
from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tests.world import Shop


def _rise(world: World, value: str) -> ChangeStatus:
    return ChangeStatus(
        mechanic="levels",
        reason="rose",
        name="levels",
        status=Status(value=value, since=world.now, due_at=world.now + timedelta(days=365)),
        event="level.changed",
    )


def _story(world: World) -> list[str]:
    """Silver, then gold, then the purchase that made gold is refunded, in part and in whole."""
    seen = []
    _rise(world, "silver").apply(world)
    gold = _rise(world, "gold").apply(world)
    for share in (Fraction(1, 2), Fraction(1)):
        gold.undone += ChangeStatus.undo(world, gold, share)
        status = world.status("levels")
        assert status is not None
        seen.append(status.value)
    return seen


@command("test.rise", permission="levels:write", lock=lambda *, member: member_to_lock(member))
def _rise_in_earnest(ctx: Context, *, member: str) -> list[str]:
    world = DatabaseWorld.within(ctx, ctx.the_locked(Member, code="no_member", field="member"))
    seen = _story(world)
    world.write(ctx)
    return seen


def test_the_same_in_memory_and_in_the_database(shop: Shop) -> None:
    with in_programme(shop.programme):
        world = MemoryWorld(
            terms=terms_of(shop.programme), member=member_view(shop.member), now=now()
        )
    assert _story(world) == ["gold", "silver"]
    assert _rise_in_earnest(shop.call(), member=shop.member.public_id) == ["gold", "silver"]
    with in_programme(shop.programme):
        kept = status_of(shop.member, "levels")
        assert kept is not None and kept.value == "silver"
        assert not due_statuses("levels", at=now()).exists()
        assert due_statuses("levels", at=now() + timedelta(days=366)).get().member == shop.member
        told = Event.objects.filter(type="level.changed").order_by("id")
        assert [event.data["value"] for event in told] == ["silver", "gold"]


@command("test.settle_sale", permission="purchases:write")
def _settle_sale(ctx: Context, *, member: str, merchant: str) -> str:
    line = {"sku": "BEANS", "name": "Beans", "quantity_milli": 2_000, "net_minor": 290_000}
    line["discount_minor"] = 10_000
    data = {"member": member, "merchant": merchant, "receipt": "order-1", "lines": [line]}
    publish(ctx, "sale.settled", subject=member, data=data)
    return ""


def test_a_sale_an_app_settled_is_recorded_once(shop: Shop) -> None:
    for _twice in range(2):
        _settle_sale(shop.call(), member=shop.member.public_id, merchant=shop.merchant.public_id)
    while relay_due():
        pass
    with in_programme(shop.programme):
        bought = Purchase.objects.get()
        assert (bought.source, bought.receipt, bought.net_minor) == ("order", "order-1", 290_000)
        assert not Event.objects.filter(due_at__isnull=False).exists()


@command("test.cancel_sale", permission="purchases:write")
def _cancel_sale(ctx: Context, *, merchant: str) -> str:
    publish(ctx, "sale.cancelled", data={"merchant": merchant, "receipt": "order-1"})
    return ""


def test_a_settled_sale_is_taken_back_whole_and_once_in_whatever_order_it_is_told(
    shop: Shop,
) -> None:
    for _twice in range(2):
        _cancel_sale(shop.call(), merchant=shop.merchant.public_id)
    while relay_due():
        pass
    _settle_sale(shop.call(), member=shop.member.public_id, merchant=shop.merchant.public_id)
    with in_programme(shop.programme):
        Event.objects.filter(due_at__isnull=False).update(due_at=now())
    while relay_due():
        pass
    with in_programme(shop.programme):
        Event.objects.filter(due_at__isnull=False).update(due_at=now())
    while relay_due():
        pass
    with in_programme(shop.programme):
        bought = Purchase.objects.get()
        assert (bought.refunded_minor, bought.refunds.count()) == (290_000, 1)
        assert not Event.objects.filter(due_at__isnull=False).exists()
