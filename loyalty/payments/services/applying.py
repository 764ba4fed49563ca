"""What a piece of news makes of a locked bill. Within the command that has the lock."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q, QuerySet

from loyalty.commands.decorator import Context
from loyalty.payments.models import Charge, ChargeRefund, PaymentEvent
from loyalty.payments.rules import money
from loyalty.payments.rules.money import Standing
from loyalty.payments.services.telling import tell

EARLY, STALE, DUPLICATE, OTHER_CURRENCY = "early", "stale", "duplicate", "currency"


def apply(
    ctx: Context,
    row: Charge,
    event: PaymentEvent,
    *,
    order_id: str = "",
    currency: str = "",
    refund_ids: tuple[str, ...] = (),
) -> str:
    """Let a piece of news count; answers its outcome. The event is saved by the caller."""
    if currency and currency != row.currency:
        row.attention = Charge.Attention.SHORT
        row.save(update_fields=["attention"])
        tell(ctx, "mismatch", row, reason=OTHER_CURRENCY, told_minor=event.amount_minor)
        return OTHER_CURRENCY
    if event.kind == PaymentEvent.Kind.PAID:
        return _paid(ctx, row, event)
    if event.kind == PaymentEvent.Kind.REFUNDED:
        return _refunded(ctx, row, event)
    if event.kind == PaymentEvent.Kind.UNREFUNDED:
        return _unrefunded(ctx, row, event, refund_ids)
    return _under_way(ctx, row, event, order_id)


def apply_early(ctx: Context, row: Charge) -> None:
    """Refunds that were told before their payment count now, as far as there is money."""
    early = PaymentEvent.objects.filter(charge=row, kind=PaymentEvent.Kind.REFUNDED, outcome=EARLY)
    for event in early.order_by("pk"):
        event.outcome = _refunded(ctx, row, event)
        event.save()


def keep(row: Charge, standing: Standing) -> None:
    """Write a new standing into the row."""
    row.state, row.attention = standing.state, standing.attention
    row.paid_minor, row.refunded_minor = standing.paid_minor, standing.refunded_minor
    row.save(
        update_fields=["state", "attention", "paid_minor", "refunded_minor", "paid_at", "gateway"]
    )


def _paid(ctx: Context, row: Charge, event: PaymentEvent) -> str:
    if event.payment_id and (_counted_before(row, event) or _confirmed_before(row, event)):
        return DUPLICATE
    was_settled = row.state in money.SETTLED
    standing, outcome = money.pay(row.standing, amount_minor=event.amount_minor)
    event.counted_minor = event.amount_minor
    row.gateway = event.gateway
    if standing.state == money.PAID and row.paid_at is None:
        row.paid_at = ctx.now
    keep(row, standing)
    if outcome == money.LATE:
        tell(ctx, "late", row, late_minor=event.amount_minor)
        return outcome
    if standing.state == money.PAID and not was_settled:
        tell(ctx, "paid", row)
    if outcome != money.PAID:
        tell(
            ctx,
            "mismatch",
            row,
            reason=outcome,
            missing_minor=standing.missing_minor,
            excess_minor=standing.excess_minor,
        )
    return outcome


def _counted_before(row: Charge, event: PaymentEvent) -> bool:
    same = PaymentEvent.objects.filter(
        charge=row, gateway=event.gateway, payment_id=event.payment_id, kind=event.kind
    )
    return same.filter(counted_minor__gt=0).exclude(pk=event.pk).exists()


def _confirmed_before(row: Charge, event: PaymentEvent) -> bool:
    """Did staff confirm this money by hand before the bank told of it? Then that was this: it takes
    the bank's name, and is taken for no second one.
    """
    by_hand = PaymentEvent.objects.filter(
        charge=row,
        gateway=event.gateway,
        kind=event.kind,
        payment_id="",
        counted_minor=event.amount_minor,
    )
    same = by_hand.exclude(recorded_by="").order_by("pk").first()
    if same is None:
        return False
    same.payment_id = event.payment_id
    same.save(update_fields=["payment_id"])
    return True


def _refunded(ctx: Context, row: Charge, event: PaymentEvent) -> str:
    """A gateway says what went back so far: by our asking, or by hand in its own back office."""
    through = ChargeRefund.objects.filter(
        charge=row, gateway=event.gateway, payment_id=event.payment_id
    )
    done = through.filter(state=ChargeRefund.State.DONE).values_list("amount_minor", flat=True)
    amount = event.amount_minor - sum(done)
    if amount <= 0:
        return DUPLICATE
    if amount > row.standing.kept_minor:
        return EARLY
    event.counted_minor = amount
    rest = amount - sum(_finish_asked(through, amount))
    if rest:
        ChargeRefund.objects.create(
            programme=ctx.programme,
            charge=row,
            gateway=event.gateway,
            payment_id=event.payment_id,
            amount_minor=rest,
            state=ChargeRefund.State.DONE,
            created_at=ctx.now,
        )
    send_back(ctx, row, amount_minor=amount)
    return "refunded"


def _finish_asked(through: QuerySet[ChargeRefund], amount: int) -> list[int]:
    """Of what was asked of the gateway, the refunds this news is about; answers their amounts.

    The one of exactly this amount, else the oldest as far as they fit: several may be told at once,
    where the news of one comes before that of another asked earlier.
    """
    asked = list(through.filter(state=ChargeRefund.State.ASKED).order_by("pk"))
    exact = next((one for one in asked if one.amount_minor == amount), None)
    done = list[int]()
    for refund in [exact] if exact else asked:
        if refund.amount_minor <= amount - sum(done):
            refund.state = ChargeRefund.State.DONE
            refund.save(update_fields=["state"])
            done.append(refund.amount_minor)
    return done


def _unrefunded(ctx: Context, row: Charge, event: PaymentEvent, refund_ids: tuple[str, ...]) -> str:
    """A refund did not go through after all: staff are asked to look.

    One that was only asked for leaves the money here, as a refusal at once does. One that counted goes
    on counting, since whoever sold the thing has taken it back: staff bring the money another way.
    """
    told = ChargeRefund.objects.filter(charge=row, gateway=event.gateway)
    refund = told.filter(Q(public_id__in=refund_ids) | Q(gateway_id__in=refund_ids)).first()
    if refund is None:  # made in the gateway's own pages
        same = told.filter(payment_id=event.payment_id, amount_minor=event.amount_minor)
        nameless = same.filter(state=ChargeRefund.State.DONE, gateway_id="", recorded_by="")
        refund = nameless.order_by("-pk").first()
    if refund is None:
        refund = ChargeRefund(
            programme=ctx.programme,
            charge=row,
            gateway=event.gateway,
            payment_id=event.payment_id,
            amount_minor=event.amount_minor,
            state=ChargeRefund.State.ASKED,
            created_at=ctx.now,
        )
    if refund.state in (ChargeRefund.State.FAILED, ChargeRefund.State.RETURNED):
        return DUPLICATE
    counted = refund.state == ChargeRefund.State.DONE
    refund.state = ChargeRefund.State.RETURNED if counted else ChargeRefund.State.FAILED
    refund.gateway_id, refund.note = "".join(refund_ids[-1:])[:120], event.note
    refund.save()
    row.attention = Charge.Attention.OWED if counted else Charge.Attention.REFUND
    row.save(update_fields=["attention"])
    return str(event.kind)


def send_back(ctx: Context, row: Charge, *, amount_minor: int) -> None:
    """Money went back: new standing, and whoever opened the bill hears of it.

    Giving back what was beyond the bill is told as ``payment.excess_returned``: the bill stays paid.
    """
    before = row.standing
    keep(row, money.give_back(before, amount_minor=amount_minor))
    only_excess = before.excess_minor >= amount_minor
    event = "excess_returned" if only_excess else "refunded"
    is_whole = row.standing.kept_minor == 0
    tell(ctx, event, row, refund_minor=amount_minor, is_whole=is_whole)


def _under_way(ctx: Context, row: Charge, event: PaymentEvent, order_id: str) -> str:
    """Failures and waiting change a bill only while it waits, and only by its latest attempt."""
    overtaken = bool(order_id and row.order_id and order_id != row.order_id)
    if row.state not in money.WAITING or overtaken:
        return STALE
    if event.kind == PaymentEvent.Kind.PENDING:
        if row.state == money.FAILED:
            return STALE  # the failure is the later news
        keep(row, replace(row.standing, state=money.PENDING))
        return str(event.kind)
    keep(row, replace(row.standing, state=money.FAILED))
    tell(ctx, "failed", row, reason=event.note)
    return str(event.kind)
