"""Offers as rules, what they offer, subscriptions with their baskets, and every delivery as an order.

An order is known by its subscription and its day in the schedule (``slot_on``): whoever makes it, it is
made once. Until its cut-off it is no more than that day; then it is closed: its lines, prices and bill
are written and no edit reaches them any more.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.codes import CODE
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Rule
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel
from tiers.subscriptions.rules.terms import OfferTerms, steps
from tiers.subscriptions.rules.words import rhythm_text


class Offer(Rule):
    """A basket people can have delivered again and again. Its weekdays are those it delivers on."""

    room: ClassVar[str] = "subscription_orders"
    examples: ClassVar[dict[str, Any]] = {
        "commitments": [{"months": 6, "discount_bp": 2_000}],
        "by_products": [{"products": 5, "discount_bp": 1_500}],
    }
    elsewhere: ClassVar[frozenset[str]] = frozenset({"commitments", "by_products"})
    own_pages: ClassVar[tuple[str, str] | None] = (
        "subscription_offer_new",
        "subscription_offer_edit",
    )

    class Leaving(models.TextChoices):
        DIFFERENCE = "difference", _("What was saved beyond the time kept is charged back")
        FREE = "free", _("Nothing is charged back")
        STAY = "stay", _("They must stay until the committed time is over")

    called_by: ClassVar = ("code",)

    code = models.CharField(_("code"), max_length=40, blank=True, validators=[CODE])
    weeks_from = models.PositiveSmallIntegerField(_("every … weeks, from"), default=0)
    weeks_to = models.PositiveSmallIntegerField(_("every … weeks, to"), default=0)
    months_from = models.PositiveSmallIntegerField(_("every … months, from"), default=1)
    months_to = models.PositiveSmallIntegerField(_("every … months, to"), default=1)
    discount_bp = models.PositiveSmallIntegerField(_("off every delivery"), default=0)
    commitments = models.JSONField(_("off for a committed length"), default=list, blank=True)
    by_products = models.JSONField(_("off for many products at once"), default=list, blank=True)
    leaving = models.CharField(
        _("who leaves before the committed time is over"),
        max_length=10,
        choices=Leaving.choices,
        default=Leaving.DIFFERENCE,
    )
    renews = models.BooleanField(_("goes on after the committed time"), default=True)
    holds_price = models.BooleanField(
        _("the price of the first day holds for the committed time"), default=False
    )
    pays_before = models.BooleanField(_("paid before each delivery"), default=True)
    pays_on_delivery = models.BooleanField(_("cash on delivery"), default=False)
    pays_ahead = models.BooleanField(_("the committed time paid ahead"), default=False)
    delivers = models.BooleanField(_("brought to an address"), default=True)
    collects = models.BooleanField(_("collected at the shop"), default=True)
    shipping_minor = models.BigIntegerField(_("price of bringing it"), default=0)
    cutoff_days = models.PositiveSmallIntegerField(
        _("days before delivery until which it can be changed"), default=2
    )
    cutoff_hour = models.PositiveSmallIntegerField(
        _("on that day until the hour"), default=18, validators=[MaxValueValidator(23)]
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days after the delivery day to pay in"), default=3
    )
    longest_pause_days = models.PositiveSmallIntegerField(_("longest pause in days"), default=90)
    most_units = models.PositiveSmallIntegerField(_("most units on a delivery"), default=30)
    factor_bp = models.PositiveIntegerField(_("factor on subscribers' points"), default=10_000)
    perk_bp = models.PositiveSmallIntegerField(
        _("subscribers' price at the till: off all goods"), default=0
    )

    class Meta:
        verbose_name = _("subscription offer")

    @property
    def family(self) -> str:
        """The public id of the offer's first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    def terms(self) -> OfferTerms:
        return OfferTerms(
            **self.shared_terms(),
            **{name: getattr(self, name) for name in _PLAIN},
            family=self.family,
            is_open=self.state == self.State.LIVE,
            commitments=steps(self.commitments, unit="months", field="commitments"),
            by_products=steps(self.by_products, unit="products", field="by_products"),
        )


_PLAIN = (
    "code weeks_from weeks_to months_from months_to discount_bp leaving renews holds_price "
    "pays_before pays_on_delivery pays_ahead delivers collects shipping_minor cutoff_days "
    "cutoff_hour grace_days longest_pause_days most_units factor_bp perk_bp"
).split()


class OfferedProduct(TenantModel):
    """A product of the shop that an offer (in all its versions) lets people subscribe to."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        OUT_OF_STOCK = "out", _("Out of stock")
        WITHDRAWN = "withdrawn", _("Not offered any more")

    family = models.CharField(max_length=40)
    product = models.ForeignKey("loyalty_sales.Product", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OFFERED)
    most = models.PositiveSmallIntegerField(_("at most on a delivery"), default=10)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "family", "product"], name="offered_product_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.product)

    @property
    def can_be_had(self) -> bool:
        """Is it there today? A product the shop took off sale is not."""
        return self.state == self.State.OFFERED and self.product.is_active


class Subscription(TenantModel):
    """One member's basket, from the first day to its end."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the first payment")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Unit(models.TextChoices):
        WEEK = "week", _("weeks")
        MONTH = "month", _("months")

    class Pays(models.TextChoices):
        BEFORE = "before", _("Before each delivery")
        ON_DELIVERY = "on_delivery", _("Cash on delivery")
        AHEAD = "ahead", _("The whole time ahead")

    class Way(models.TextChoices):
        DELIVER = "deliver", _("Brought")
        COLLECT = "collect", _("Collected")

    class Because(models.TextChoices):
        NONE = "", "–"
        ASKED = "asked", _("As asked")
        UNPAID = "unpaid", _("A delivery was not paid")
        OVER = "over", _("The committed time is over")
        ERASED = "erased", _("The card was erased")

    public_id = PublicIdField(prefix="sub")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="subscriptions"
    )
    # Whose it was before two cards were merged.
    original = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="+"
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=40)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    because = models.CharField(max_length=8, choices=Because.choices, blank=True)
    # The rhythm: every so many weeks or months from the anchor on.
    every = models.PositiveSmallIntegerField(_("every"))
    unit = models.CharField(_("unit"), max_length=5, choices=Unit.choices)
    anchor_on = models.DateField()
    # The commitment: for how long, what it takes off, and days that skips and pauses add to it.
    commit_months = models.PositiveSmallIntegerField(_("committed months"), default=0)
    committed_bp = models.PositiveSmallIntegerField(default=0)
    committed_on = models.DateField(null=True)
    extra_days = models.PositiveSmallIntegerField(default=0)
    # Paid ahead: how many deliveries are still to come, and what one of them was paid with.
    pays = models.CharField(_("paid"), max_length=11, choices=Pays.choices)
    ahead_left = models.PositiveSmallIntegerField(default=0)
    ahead_minor = models.BigIntegerField(default=0)
    charge = models.CharField(max_length=40, blank=True)
    way = models.CharField(_("how it comes"), max_length=7, choices=Way.choices)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.CharField(_("address"), max_length=300, blank=True)
    note = models.CharField(_("note for the shop"), max_length=300, blank=True)
    paused_on = models.DateField(null=True)
    paused_until = models.DateField(null=True)
    stops_on = models.DateField(null=True)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(every__gte=1, ahead_minor__gte=0), name="subscription_sane"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="subscription_due",
            ),
            models.Index(fields=["programme", "state", "-id"], name="subscription_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.offer} {self.public_id}"

    @property
    def rhythm(self) -> str:
        """How often it comes, in words."""
        return rhythm_text(self.every, str(self.unit))


class Item(TenantModel):
    """A product in a basket. ``held_minor``: the price of one that holds, where the offer says so."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="items")
    offered = models.ForeignKey(OfferedProduct, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    held_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "offered"], name="item_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="item_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.offered}"


class Order(TenantModel):
    """One delivery of a subscription."""

    class State(models.TextChoices):
        UPCOMING = "upcoming", _("Can be changed")
        LOCKED = "locked", _("Waiting for payment")
        PAID = "paid", _("To be packed")
        PACKED = "packed", _("Packed")
        DELIVERED = "delivered", _("Delivered")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Not paid")
        CANCELLED = "cancelled", _("Cancelled")

    class Because(models.TextChoices):
        NONE = "", "–"
        ASKED = "asked", _("As asked")
        PAUSED = "paused", _("The subscription was paused")
        MOVED = "moved", _("The days of delivery changed")
        NOTHING_THERE = "nothing", _("Nothing of it could be had")
        ENDED = "ended", _("The subscription ended")
        UNPAID = "unpaid", _("It was not paid in time")

    public_id = PublicIdField(prefix="ord")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="orders")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    slot_on = models.DateField()
    deliver_on = models.DateField(_("delivery"))
    cutoff_at = models.DateTimeField(_("can be changed until"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default="upcoming")
    because = models.CharField(max_length=8, choices=Because.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    pays = models.CharField(_("paid"), max_length=11, choices=Subscription.Pays.choices)
    way = models.CharField(_("how it comes"), max_length=7, choices=Subscription.Way.choices)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.CharField(_("address"), max_length=300, blank=True)
    note = models.CharField(_("note for the shop"), max_length=300, blank=True)
    charge = models.CharField(max_length=40, blank=True)
    goods_minor = models.BigIntegerField(default=0)
    discount_bp = models.PositiveSmallIntegerField(default=0)
    other_bp = models.PositiveSmallIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(_("total"), default=0)
    # What of it went back as a return of goods, by the refund of the sale it became.
    returned_minor = models.BigIntegerField(default=0)
    # How many days skipping it added to the committed time.
    extends_days = models.PositiveSmallIntegerField(default=0)
    reminders = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    pay_until = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    packed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "slot_on"], name="order_slot_once"),
            models.CheckConstraint(
                condition=models.Q(total_minor__gte=0, discount_minor__gte=0, shipping_minor__gte=0)
                & models.Q(
                    total_minor=models.F("goods_minor")
                    - models.F("discount_minor")
                    + models.F("shipping_minor")
                ),
                name="order_adds_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "deliver_on", "id"], name="order_of_day"),
            models.Index(fields=["programme", "state", "-id"], name="order_newest"),
            models.Index(fields=["member", "state", "cutoff_at"], name="order_of_member"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class OrderLine(TenantModel):
    """A line as it was closed. One that could not be had costs nothing and says why."""

    class Missing(models.TextChoices):
        NONE = "", "–"
        OUT_OF_STOCK = "out", _("Out of stock")
        WITHDRAWN = "withdrawn", _("Not offered any more")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    quantity = models.PositiveSmallIntegerField()
    price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    missing = models.CharField(max_length=9, choices=Missing.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"
