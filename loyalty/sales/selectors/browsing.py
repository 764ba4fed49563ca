"""Sales, products and members as tills and lists show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.commands.models import Command
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.sales.models import Purchase, PurchaseLine, Refund
from members.profiles.models import Member
from members.profiles.rules.names import mask, search_form
from members.profiles.selectors import first_contacts

UNDO_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class MemberShown:
    """A member in a list at the till: contacts masked."""

    public_id: str
    name: str
    contact: str
    state: str


@dataclass(frozen=True, kw_only=True)
class RefundableLine:
    """A sold line with what of it can still come back, in whole units."""

    number: int
    name: str
    quantity_milli: int
    was_minor: int
    net_minor: int
    refunded_minor: int
    left_units: int
    left_minor: int


def purchase_of_id(public_id: str) -> Purchase:
    """The purchase of a public id, with member and location. Raises ``NotFound``."""
    rows = Purchase.objects.select_related("member__holder", "location", "merchant", "activity")
    found: Purchase | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("purchase_not_found", _("There is no such sale."), field="purchase")
    return found


def purchases_by_receipt(text: str, *, limit: int = 20) -> list[Purchase]:
    """Sales of this receipt number, newest first; else those whose number ends so."""
    rows = Purchase.objects.select_related("member").order_by("-happened_at", "-id")
    exact = list(rows.filter(Q(receipt=text) | Q(public_id=text))[:limit])
    return exact or list(rows.filter(receipt__iendswith=text)[:limit])


def recent_sales_by(actor_id: str, *, limit: int) -> list[Purchase]:
    """What this cashier recorded last, newest first. Two queries."""
    done = Command.objects.filter(actor_id=actor_id, name="sales.record_purchase").order_by("-id")
    ids = list(done.values_list("subject", flat=True)[:limit])
    rows = Purchase.objects.select_related("member").filter(public_id__in=ids)
    return sorted(rows, key=lambda purchase: ids.index(purchase.public_id))


def can_undo(purchase: Purchase, *, actor_id: str, now: datetime | None = None) -> bool:
    """Is it this person's own last sale, fresh and untouched?"""
    if purchase.refunded_minor or (now or clock_now()) - purchase.recorded_at > UNDO_WITHIN:
        return False
    done = Command.objects.filter(actor_id=actor_id, name="sales.record_purchase").order_by("-id")
    return bool(done.values_list("subject", flat=True).first() == purchase.public_id)


def refundable_lines(purchase: Purchase) -> list[RefundableLine]:
    """The lines of a purchase with what is left of each."""
    return [_refundable(line) for line in purchase.lines.order_by("number")]


def shown_members(members: Iterable[Member]) -> list[MemberShown]:
    """Members for a list, each with one masked contact. One query."""
    rows = list(members)
    contacts = first_contacts(rows)
    return [
        MemberShown(
            public_id=row.public_id,
            name=row.name,
            contact=mask(contacts[row.pk].kind, contacts[row.pk].value)
            if row.pk in contacts
            else "",
            state=row.state,
        )
        for row in rows
    ]


def filter_purchases(*, text: str = "", show: str = "", location: str = "") -> QuerySet[Purchase]:
    """Sales by receipt or member's name, by place, or only those that need a look."""
    rows: QuerySet[Purchase] = Purchase.objects.select_related("member", "location", "activity")
    plain = text.replace("\0", "").strip()
    if plain:
        rows = rows.filter(
            Q(receipt__istartswith=plain)
            | Q(public_id=plain)
            | Q(member__search_name__contains=search_form(plain))
        )
    if location:
        rows = rows.filter(location__public_id=location)
    if show == "refunded":
        rows = rows.filter(refunded_minor__gt=0)
    if show == "own_card":
        rows = rows.filter(activity__data__own_card=True)
    return rows


def purchases_of(member: Member, *, limit: int) -> list[Purchase]:
    """A member's sales, newest first."""
    rows = Purchase.objects.select_related("location").filter(member=member)
    return list(rows.order_by("-happened_at", "-id")[:limit])


def refunds_of(purchase: Purchase) -> list[Refund]:
    """What was given back of a sale, oldest first."""
    return list(Refund.objects.filter(purchase=purchase).order_by("id"))


def last_visits(members: Iterable[Member]) -> dict[int, datetime]:
    """When each of these members last bought, by primary key. One query."""
    rows = Purchase.objects.filter(member__in=[member.pk for member in members])
    return dict(rows.values_list("member").annotate(last=Max("happened_at")).order_by())


def _refundable(line: PurchaseLine) -> RefundableLine:
    return RefundableLine(
        number=line.number,
        name=line.name or line.sku,
        quantity_milli=line.quantity_milli,
        was_minor=line.net_minor + line.discount_minor,
        net_minor=line.net_minor,
        refunded_minor=line.refunded_minor,
        left_units=(line.quantity_milli - line.refunded_milli) // 1000,
        left_minor=line.net_minor - line.refunded_minor,
    )
