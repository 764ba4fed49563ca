"""What payments and members mean for subscriptions."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.subscriptions.selectors import is_order
from tiers.subscriptions.services import (
    ahead_went_back,
    begin_paid_ahead,
    bill_was_cancelled,
    count_returned,
    end_all,
    hand_over,
    money_went_back,
    settle_leaving,
    settle_order,
)
from tiers.subscriptions.services.keeping import AHEAD_BILL, LEAVING_BILL, ORDER_BILL


@subscriber("payment.paid")
def count_what_was_paid(event: Happened) -> None:
    """A delivery, a whole time ahead, or the difference for leaving early; told twice counts once."""
    kind, subject, charge = event.data.get("kind"), event.data["subject"], event.data["charge"]
    if kind == ORDER_BILL:
        late = bool(event.data.get("is_late"))
        settle_order(event.call("settle-order"), order=subject, charge=charge, is_late=late)
    elif kind == AHEAD_BILL:
        begin_paid_ahead(event.call("begin-paid-ahead"), subscription=subject, charge=charge)
    elif kind == LEAVING_BILL:
        settle_leaving(event.call("settle-leaving"), subscription=subject, charge=charge)


@subscriber("payment.cancelled")
def cancel_what_is_not_billed(event: Happened) -> None:
    """Staff gave the bill of a delivery up; one whose time is over is the job's to give up."""
    if event.data.get("kind") == ORDER_BILL and event.data.get("reason") != "expired":
        call, charge = event.call("bill-was-cancelled"), event.data["charge"]
        bill_was_cancelled(call, order=event.data["subject"], charge=charge)


@subscriber("payment.refunded")
def undo_what_went_back(event: Happened) -> None:
    """The whole bill of a delivery, or of a time ahead, went back."""
    kind, subject = event.data.get("kind"), event.data["subject"]
    if not event.data.get("is_whole"):
        return
    if kind == ORDER_BILL:
        money_went_back(event.call("money-went-back"), order=subject)
    elif kind == AHEAD_BILL:
        call, charge = event.call("ahead-went-back"), event.data["charge"]
        ahead_went_back(call, subscription=subject, charge=charge)


@subscriber("purchase.refunded")
def count_what_came_back(event: Happened) -> None:
    """A sale was refunded; it may be that of a delivery, whose id is its receipt."""
    receipt, returned = event.data.get("receipt", ""), event.data.get("refunded_minor", 0)
    if is_order(receipt):
        count_returned(event.call("count-returned"), order=receipt, returned_minor=returned)


@subscriber("member.erased")
def end_with_the_card(event: Happened) -> None:
    """Nothing is sent to nobody."""
    end_all(event.call("end-subscriptions"), member=event.subject)


@subscriber("member.merged")
def move_to_the_survivor(event: Happened) -> None:
    """Two cards became one."""
    call = event.call("hand-over-subscriptions")
    hand_over(call, to=event.data["survivor"], of=event.data["loser"])


@subscriber("member.unmerged")
def move_back(event: Happened) -> None:
    """They are two again."""
    call = event.call("hand-back-subscriptions")
    hand_over(call, to=event.data["loser"], of=event.data["survivor"], back=True)
