"""Money goes back: by hand at once, or asked of the gateway after commit and finished by its answer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.common.money import check_minor
from loyalty.outbox.services import publish
from loyalty.payments.gateways import gateway_named
from loyalty.payments.models import Charge, ChargeRefund
from loyalty.payments.results import ChargeView, RefundView
from loyalty.payments.rules.money import OWED, WAITING
from loyalty.payments.selectors import account_in_use, money_with_room, refundable_minor, view_of
from loyalty.payments.services.applying import send_back
from loyalty.payments.services.charges import close, refuse_card_numbers
from loyalty.payments.services.locking import charge_to_lock, the_charge

ASKED_EVENT = "payment.refund_asked"


@command(
    "payments.refund_charge",
    label=_("Payment refunded"),
    permission="payments:write",
    lock=charge_to_lock,
)
def refund_charge(
    ctx: Context,
    *,
    charge: str,
    amount_minor: int | None = None,
    reason: str = "",
    by_hand: bool = False,
    by_itself: bool = False,
    about: str = "",
) -> RefundView:
    """Give back all that may be given back, or a part.

    Where the money came through a gateway that can send it back, it is asked after commit, and the
    answer counts; ``by_hand`` says that staff have given it back otherwise. ``by_itself`` says that nobody
    stands there with it: what no gateway can send (cash, a transfer) staff are asked to give back, the
    bill says ``owed`` until they say that they did. ``about`` names what it is for, where the bill paid for several things (:func:`~loyalty.payments.selectors.refunded_about`).
    What a customer has from the bill is not touched here: whoever opened it hears ``payment.refunded``.

    Raises ``NotFound``, ``Invalid`` (amount) and ``Refused`` (``nothing_to_refund``).
    """
    row = the_charge(ctx, charge)
    most = refundable_minor(row)
    if most < 1:
        raise Refused("nothing_to_refund", _("There is no money to give back."), field="charge")
    amount = most if amount_minor is None else amount_minor
    check_minor(amount, field="amount_minor", minimum=1, maximum=most)
    refuse_card_numbers(reason, field="reason")
    through = None if by_hand else _through(row, amount)
    refund = ChargeRefund(
        programme=ctx.programme,
        charge=row,
        gateway=row.gateway,
        payment_id=through or "",
        amount_minor=amount,
        reason=reason.strip()[:200],
        about=about,
        state=ChargeRefund.State.ASKED if through else ChargeRefund.State.DONE,
        recorded_by=ctx.actor.label[:200],
        created_at=ctx.now,
    )
    refund.save(force_insert=True)
    if through:
        publish(ctx, ASKED_EVENT, subject=row.public_id, data={"refund": refund.public_id})
    else:
        send_back(ctx, row, amount_minor=amount)
        if by_itself:
            _owe(row)
    if not ctx.subject:
        ctx.about(row.public_id, refund_minor=amount, reason=refund.reason, state=refund.state)
    return _view(refund, row)


@command(
    "payments.drop_charge",
    label=_("Bill given up"),
    permission="payments:write",
    lock=charge_to_lock,
)
def drop_charge(ctx: Context, *, charge: str, reason: str = "") -> ChargeView:
    """Nothing is owed any more: the bill closes, and what was paid of it goes back.

    For apps whose thing is over before it was paid in full. One that was settled or closed before
    stays as it is. Raises ``NotFound``.
    """
    row = the_charge(ctx, charge)
    if row.state in WAITING:
        if refundable_minor(row) > 0:
            refund_charge.within(ctx, charge=charge, reason=reason, by_itself=True)
            row = the_charge(ctx, charge)
        is_owed = row.attention == OWED
        close(ctx, row, state=Charge.State.CANCELLED, reason=reason.strip()[:200])
        if is_owed:
            _owe(row)
    return view_of(row)


@command(
    "payments.finish_refund",
    label=_("Refund of a payment finished"),
    permission="payments:write",
    lock=charge_to_lock,
)
def finish_refund(
    ctx: Context, *, charge: str, refund: str, is_done: bool, gateway_id: str = "", note: str = ""
) -> RefundView:
    """What the gateway answered. One finished already (its news was faster) stays as it is.

    A refusal leaves the money here and asks staff to look. Raises ``NotFound``.
    """
    row = the_charge(ctx, charge)
    found = ChargeRefund.objects.get(public_id=refund, charge=row)
    if found.state != ChargeRefund.State.ASKED:
        return _view(found, row)
    found.gateway_id, found.note = gateway_id[:120], note[:200]
    found.state = ChargeRefund.State.DONE if is_done else ChargeRefund.State.FAILED
    found.save(update_fields=["gateway_id", "note", "state"])
    if is_done:
        send_back(ctx, row, amount_minor=found.amount_minor)
    else:
        row.attention = Charge.Attention.REFUND
        row.save(update_fields=["attention"])
    ctx.about(row.public_id, refund=found.public_id, state=found.state)
    return _view(found, row)


def _owe(row: Charge) -> None:
    """Staff are to give it back, unless the bill asks them to look already."""
    if not row.attention:
        row.attention = Charge.Attention.OWED
        row.save(update_fields=["attention"])


def _through(row: Charge, amount: int) -> str | None:
    """The gateway's money that can go back the way it came; ``None``: by hand."""
    gateway = gateway_named(row.gateway)
    if gateway is None or not gateway.can_refund:
        return None
    account = account_in_use(merchant_id=row.merchant_id, gateway=gateway.name)
    if account is None:
        return None
    came = money_with_room(row, gateway.name, amount_minor=amount)
    return came.payment_id if came is not None else None


def _view(refund: ChargeRefund, row: Charge) -> RefundView:
    return RefundView(
        id=refund.public_id,
        charge=row.public_id,
        amount_minor=refund.amount_minor,
        state=refund.state,
        gateway=refund.gateway,
        note=refund.note,
    )
