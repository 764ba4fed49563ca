"""How a subscription begins, and what it would cost before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.rules import fact_of
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import current_programme
from loyalty.web import formats
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Offer, Subscription
from tiers.subscriptions.results import BasketQuote, SubscriptionView
from tiers.subscriptions.rules.schedule import FARTHEST, Rhythm, deliver_on, first_possible
from tiers.subscriptions.rules.terms import AHEAD, DELIVER, MOST_MONTHS, OfferTerms, best_step
from tiers.subscriptions.services.baskets import check_basket, read_items, text_of
from tiers.subscriptions.services.closing import bill_ahead
from tiers.subscriptions.services.keeping import BOTH, State, keep, present
from tiers.subscriptions.services.running import catch_up, ensure_next

MOST_SUBSCRIPTIONS = 10


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What somebody chose of an offer. Missing parts take what the offer has first."""

    offer: str
    items: tuple[tuple[str, int], ...]
    every: int
    unit: str
    commit_months: int = 0
    first_on: date | None = None
    pays: str = ""


@command(
    "subscriptions.subscribe",
    label=_("Subscription begun"),
    permission=BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def subscribe(
    ctx: Context,
    *,
    member: str,
    chosen: Chosen,
    way: str = "",
    location: str = "",
    address: str = "",
    note: str = "",
) -> SubscriptionView:
    """Subscribe a member to a basket. Paid ahead, it begins once the bill (``charge``) is paid.

    Args:
        way: ``deliver`` to ``address``, or ``collect`` at ``location``; the offer's first if empty.

    Raises ``NotFound`` (offer, product, location), ``Invalid`` by field and ``Refused``
    (``offer_closed``, ``not_for_you``, ``member_not_active``, ``too_many``, ``too_soon``,
    ``out_of_stock``).
    """
    person = ctx.the_locked(Member, code="member_not_found", field="member")
    if person.state != Member.State.ACTIVE:
        told = _("This card is not active: %(state)s.") % {"state": person.get_state_display()}
        raise Refused("member_not_active", told, field="member")
    catch_up(ctx, person)
    if len(selectors.subscriptions_of(person)) >= MOST_SUBSCRIPTIONS:
        told = _("At most %(n)s subscriptions at a time.") % {"n": MOST_SUBSCRIPTIONS}
        raise Refused("too_many", told, field="member")
    offer = selectors.offer_to_join(chosen.offer)
    terms = offer.terms()
    _is_for(ctx, person, terms)
    items = read_items(terms.family, chosen.items)
    check_basket(terms, items)
    row = _new(ctx, person, offer, terms, chosen)
    place(row, terms, way=way, location=location, address=address)
    row.note = text_of(note, field="note", maximum=300)
    row.save(force_insert=True)
    holds = terms.holds_price and row.commit_months
    for item in items:
        item.programme, item.subscription = ctx.programme, row
        item.held_minor = item.offered.product.price_minor if holds else None
        item.save(force_insert=True)
    if row.pays == AHEAD:
        bill_ahead(ctx, row, terms, items=items)
    ensure_next(ctx, row)
    keep(ctx, row, event="began" if row.state == State.ACTIVE else "payment_due")
    return present(ctx, row)


def _is_for(ctx: Context, person: Member, terms: OfferTerms) -> None:
    if not terms.audience:
        return
    facts = Facts(DatabaseWorld.within(ctx, person))
    asked = ActivityData(type="subscription", key="", happened_at=ctx.now)
    look_up = fact_of(asked, facts)
    if not all(one.holds(look_up) for one in terms.audience):
        raise Refused("not_for_you", _("This offer is for others."), field="offer")


def _new(
    ctx: Context, person: Member, offer: Offer, terms: OfferTerms, chosen: Chosen
) -> Subscription:
    check_rhythm(terms, every=chosen.every, unit=chosen.unit)
    months = check_months(chosen.commit_months)
    pays = check_pays(terms, chosen.pays, months=months)
    zone = ctx.programme.timezone
    anchor_on = check_first(
        terms,
        chosen.first_on or first_possible(terms, now=ctx.now, zone=zone),
        first=first_possible(terms, now=ctx.now, zone=zone),
    )
    return Subscription(
        programme=ctx.programme,
        member=person,
        offer=offer,
        family=terms.family,
        merchant=merchant_of(ctx),
        state=State.WAITING if pays == AHEAD else State.ACTIVE,
        every=chosen.every,
        unit=chosen.unit,
        anchor_on=anchor_on,
        commit_months=months,
        committed_bp=best_step(terms.commitments, months),
        committed_on=anchor_on if months else None,
        pays=pays,
        began_at=ctx.now,
        revision=0,
    )


def check_rhythm(terms: OfferTerms, *, every: int, unit: str) -> None:
    """Raises ``Invalid`` (``not_so_often``) where the offer does not come this often."""
    if not terms.comes(every=every, unit=unit):
        raise Invalid("not_so_often", _("This offer does not come this often."), field="every")


def check_months(months: int) -> int:
    """The committed months. Raises ``Invalid``."""
    if not 0 <= months <= MOST_MONTHS:
        told = _("Give a number from %(minimum)s to %(maximum)s.")
        raise Invalid(
            "out_of_range", told % {"minimum": 0, "maximum": MOST_MONTHS}, field="commit_months"
        )
    return months


def check_pays(terms: OfferTerms, pays: str, *, months: int) -> str:
    """How it is paid; the offer's first way if empty. Raises ``Invalid``."""
    usual = [one for one in terms.ways_to_pay if one != AHEAD or months]
    chosen = pays or next(iter(usual), AHEAD)
    if chosen not in terms.ways_to_pay:
        raise Invalid("not_offered", _("This offer cannot be paid this way."), field="pays")
    if chosen == AHEAD and not months:
        told = _("Say for how many months it is paid ahead.")
        raise Invalid("required", told, field="commit_months")
    return chosen


def check_first(terms: OfferTerms, on: date, *, first: date) -> date:
    """A day of delivery. Raises ``Invalid`` and ``Refused`` (``too_soon``) naming the first day."""
    if on < first:
        raise Refused(
            "too_soon",
            _("The first day it can come is %(day)s.") % {"day": formats.day_text(first)},
            field="first_on",
            params={"first_on": first.isoformat()},
        )
    if on > first + FARTHEST:
        told = _("Choose a day within the next %(days)s days.") % {"days": FARTHEST.days}
        raise Invalid("too_far", told, field="first_on")
    if deliver_on(on, terms.weekdays) != on:
        raise Invalid(
            "no_delivery_day", _("Nothing is delivered on this day of the week."), field="first_on"
        )
    return on


def place(row: Subscription, terms: OfferTerms, *, way: str, location: str, address: str) -> None:
    """Where it comes. Raises ``Invalid`` and ``NotFound`` (location)."""
    chosen = way or terms.ways_to_get[0]
    if chosen not in terms.ways_to_get:
        raise Invalid("not_offered", _("This offer does not come this way."), field="way")
    row.way = chosen
    if chosen == DELIVER:
        row.location, row.address = None, text_of(address, field="address", maximum=300)
        if not row.address:
            raise Invalid("required", _("Say where to bring it."), field="address")
        return
    row.address = ""
    places = Location.objects.filter(merchant=row.merchant, is_active=True)
    found = (places.filter(public_id=location) if location else places.order_by("pk")).first()
    if found is None:
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    row.location = found


def merchant_of(ctx: Context) -> Merchant:
    """Whose subscription it is: the actor's merchant, else the programme's first."""
    rows = Merchant.objects.filter(is_active=True).order_by("id")
    if ctx.actor.merchant_id is not None:
        rows = rows.filter(pk=ctx.actor.merchant_id)
    found: Merchant | None = rows.first()
    if found is None:
        raise NotFound("merchant_not_found", _("There is no such merchant."), field="merchant")
    return found


def quote_basket(chosen: Chosen, *, way: str = "") -> BasketQuote:
    """What a basket would cost, as :func:`subscribe` would make it. Writes nothing.

    Raises as :func:`subscribe`.
    """
    terms = selectors.offer_to_join(chosen.offer).terms()
    check_rhythm(terms, every=chosen.every, unit=chosen.unit)
    months = check_months(chosen.commit_months)
    check_pays(terms, chosen.pays, months=months)
    items = read_items(terms.family, chosen.items)
    check_basket(terms, items)
    first = first_possible(terms, now=clock_now(), zone=current_programme().timezone)
    first_on = check_first(terms, chosen.first_on or first, first=first)
    row = Subscription(
        committed_bp=best_step(terms.commitments, months), way=way or terms.ways_to_get[0]
    )
    found = selectors.basket(items, holds=False)
    made = selectors.price(row, found.wanted, terms=terms, products=len(found.wanted))
    rhythm = Rhythm(anchor_on=first_on, every=chosen.every, unit=chosen.unit)
    deliveries = rhythm.count(first_on, months) if months else 1
    return BasketQuote(
        goods_minor=made.goods_minor,
        discount_bp=made.discount_bp,
        discount_minor=made.discount_minor,
        shipping_minor=made.shipping_minor,
        each_minor=made.total_minor,
        deliveries=deliveries,
        total_minor=deliveries * made.total_minor,
        first_on=first_on,
    )
