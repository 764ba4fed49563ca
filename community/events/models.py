"""Events, and each member's answer to one: a seat, a place in the waiting list, or a no.

An event is no rule: its day may move and its room may change while people hold tickets for it. What
a member was told when they answered stays on their own row (``cost``, ``moves``). How many places
are taken stands on the event, so that taking one is a single conditional UPDATE.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.events.rules import MAX_CAPACITY, MAX_GUESTS, door_closes_at, door_opens_at
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class Event(TenantModel):
    """Something members can come to."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", pgettext_lazy("event", "Published")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = PublicIdField(prefix="evn")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=120, blank=True)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    about_vi = models.TextField(_("about it, in Vietnamese"), blank=True)
    about_en = models.TextField(_("about it, in English"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    # Shown to nobody but those who hold a ticket.
    link = models.URLField(_("link"), max_length=500, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    # Null is as many as like to come.
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    guests_most = models.PositiveSmallIntegerField(_("guests each may bring"), default=0)
    audience = models.JSONField(_("for whom"), default=list, blank=True)
    # What one person costs, in points; none: free.
    price_points = models.BigIntegerField(_("price in points"), default=0)
    # Public id of the reward whose vouchers are tickets of this event.
    reward = models.CharField(_("ticket reward"), max_length=40, blank=True)
    refund_hours = models.PositiveIntegerField(_("free cancelling until (hours)"), default=24)
    late_refund_bp = models.PositiveIntegerField(_("back after that (basis points)"), default=0)
    # How long who moves up has to say yes; 0: they have the place at once.
    offer_hours = models.PositiveIntegerField(_("hours to accept a place"), default=0)
    # People with a place (held offers among them), parties that wait, and the last number drawn.
    taken = models.PositiveIntegerField(default=0, editable=False)
    waiting = models.PositiveIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    # Grows when its time or place moves: who answered before may cancel free.
    moves = models.PositiveIntegerField(default=0, editable=False)
    cancel_reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("event")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True)
                | models.Q(capacity__gte=models.F("taken")),
                name="event_never_over_capacity",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True)
                | models.Q(capacity__range=(1, MAX_CAPACITY)),
                name="event_capacity_range",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="event_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    price_points__gte=0, late_refund_bp__lte=10_000, guests_most__lte=MAX_GUESTS
                ),
                name="event_values",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "starts_at"], name="event_coming"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language, or in the one there is."""
        return in_language(self.title_vi, self.title_en)

    @property
    def about(self) -> str:
        """In the reader's language, or in the one there is."""
        return in_language(self.about_vi, self.about_en)

    @property
    def left(self) -> int | None:
        """Places that are left; ``None`` for as many as like."""
        return None if self.capacity is None else self.capacity - self.taken

    @property
    def door_opens_at(self) -> datetime:
        """From when people are let in."""
        return door_opens_at(self.starts_at)

    @property
    def door_closes_at(self) -> datetime:
        """Until when somebody can still be let in, or noted to have been there."""
        return door_closes_at(self.ends_at)


class Seat(TenantModel):
    """One member's answer to an event, with their guests."""

    class State(models.TextChoices):
        GOING = "going", _("Coming")
        OFFERED = "offered", _("Place offered")
        WAITING = "waiting", _("On the waiting list")
        DECLINED = "declined", _("Not coming")
        CANCELLED = "cancelled", _("Cancelled")
        LAPSED = "lapsed", _("Place not taken")
        VOID = "void", _("Event cancelled")

    public_id = PublicIdField(prefix="tkt")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="event_seats"
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    guests = models.PositiveSmallIntegerField(_("guests"), default=0)
    # The code of the ticket; empty while there is none.
    code = models.CharField(max_length=24, blank=True)
    # The number drawn when they began to wait: the smaller, the sooner.
    number = models.PositiveIntegerField(default=0)
    offer_until = models.DateTimeField(null=True)
    # What was paid, and what of it came back.
    cost_points = models.BigIntegerField(default=0)
    cost_entry = models.ForeignKey(
        "loyalty_ledger.Entry", on_delete=models.PROTECT, null=True, related_name="+"
    )
    points_back = models.BigIntegerField(default=0)
    voucher = models.CharField(max_length=40, blank=True)
    # What the engine recorded for it, so that it can be undone.
    activity = models.CharField(max_length=40, blank=True)
    attendance = models.CharField(max_length=40, blank=True)
    moves = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(_("answered"))
    checked_in_at = models.DateTimeField(_("checked in"), null=True)
    checked_in_by = models.CharField(max_length=200, blank=True)
    check_ins = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "member"],
                condition=models.Q(state__in=["going", "offered", "waiting", "declined"]),
                name="seat_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "code"],
                condition=~models.Q(code=""),
                name="seat_code_once",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_in_at__isnull=True) | models.Q(state="going"),
                name="seat_in_has_ticket",
            ),
            models.CheckConstraint(
                condition=models.Q(points_back__gte=0, points_back__lte=models.F("cost_points")),
                name="seat_back_at_most_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["event", "state", "number"], name="seat_line"),
            models.Index(fields=["member", "-id"], name="seat_of_member"),
            models.Index(
                fields=["offer_until"],
                condition=models.Q(state="offered"),
                name="seat_offer_due",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def party(self) -> int:
        """The member and their guests."""
        return 1 + self.guests

    @property
    def was_moved(self) -> bool:
        """Did time or place change since they answered?"""
        return self.moves != self.event.moves


def in_language(vietnamese: str, english: str) -> str:
    """The text in the active language, or the one there is."""
    is_english = (get_language() or "vi").startswith("en")
    first, second = (english, vietnamese) if is_english else (vietnamese, english)
    return first or second
