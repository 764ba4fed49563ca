"""Shapes of the points API."""

from __future__ import annotations

from loyalty.web.api import Body, Choice, PlainObject, PublicId, Query, Text, Whole
from rewards.points.models import Adjustment
from rewards.points.rules import MAX_POINTS

_MEMBER = "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"


class AdjustmentBody(Body):
    """Points to give or (negative) take, and why."""

    member = PublicId(prefix="mem")
    amount = Whole(minimum=-MAX_POINTS, maximum=MAX_POINTS)
    text = Text(maximum=200, help_text="Why, as the member reads it.")
    note = Text(maximum=4_000, lines=True, required=False, help_text="For staff alone.")
    asset = Text(maximum=60, required=False, allow_blank=False)


class AdjustmentQuery(Query):
    """Filters of the list of adjustments."""

    member = PublicId(prefix="mem", required=False)
    state = Choice(choices=Adjustment.State.values, required=False)


class DecisionBody(Body):
    """What the second person has to say."""

    note = Text(maximum=4_000, lines=True, required=False)


class TransferBody(Body):
    """Points from one member to another."""

    member = PublicId(prefix="mem", help_text="Who sends.")
    receiver = PublicId(prefix="mem")
    amount = Whole(minimum=1, maximum=MAX_POINTS)
    message = Text(maximum=200, required=False)
    asset = Text(maximum=60, required=False, allow_blank=False)


class WaitingBody(Body):
    """Which waiting points are meant."""

    member = PublicId(prefix="mem")
    cause = Text(maximum=40, help_text="What brought them, such as a purchase.")
    event = Text(maximum=40, help_text="What they wait for, as the rule says.")


class SettingsQuery(Query):
    """Which points."""

    asset = Text(maximum=60, required=False)


class SettingsBody(Body):
    """Settings to change, by name; everything else stays."""

    values = PlainObject(any_number=True)


ADJUSTMENT = {"member": _MEMBER, "amount": 50, "text": "Xin lỗi vì để bạn chờ lâu"}
TRANSFER = {
    "member": _MEMBER,
    "receiver": "mem_01jd3kr0a1b2c3d4e5f6g7h8j9",
    "amount": 100,
    "message": "Tặng bạn",
}
DELIVERED = {"member": _MEMBER, "cause": "pur_01jd3kq6w3v8n0c5r7t9y2b4e6", "event": "delivered"}
SETTINGS = {"values": {"pay_enabled": True, "value_minor": 1000, "value_units": 1}}
