"""What is in a basket: put in, taken out, changed, swapped. Counts from the next delivery that is open."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, NotFound, Refused
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Item, OfferedProduct, Subscription
from tiers.subscriptions.results import SubscriptionView
from tiers.subscriptions.rules.terms import OfferTerms
from tiers.subscriptions.services.keeping import (
    BOTH,
    keep,
    present,
    running,
    subscription_to_lock,
    the_subscription,
    today,
)
from tiers.subscriptions.services.running import catch_up

MOST_PRODUCTS = 40


def begin(ctx: Context, subscription: str, *, revision: int | None = None) -> Subscription:
    """The running subscription a command is about, with everything that was due done."""
    person = ctx.the_locked(Member, code="subscription_not_found", field="subscription")
    the_subscription(ctx, subscription, revision=revision)
    catch_up(ctx, person)
    return running(the_subscription(ctx, subscription))


@command(
    "subscriptions.put_item",
    label=_("Basket of a subscription changed"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def put_item(
    ctx: Context, *, subscription: str, sku: str, quantity: int, revision: int | None = None
) -> SubscriptionView:
    """So many of a product from the next open delivery on; put in where it is not there yet.

    Raises ``NotFound`` (subscription, ``product_not_offered``), ``Invalid`` (quantity), ``Outdated``
    and ``Refused`` (``subscription_ended``, ``out_of_stock``, ``basket_full``, ``paid_ahead``).
    """
    row = begin(ctx, subscription, revision=revision)
    items = {item.offered.product.sku: item for item in selectors.items_of(row)}
    known = items.get(sku)
    if known is not None:
        known.quantity = check_quantity(quantity, known.offered)
    else:
        items[sku] = _new_item(ctx, row, sku, quantity, field="sku")
    _write(ctx, row, list(items.values()), changed=[items[sku]])
    keep(ctx, row, event="changed", sku=sku, quantity=quantity)
    return present(ctx, row)


@command(
    "subscriptions.remove_item",
    label=_("Product taken out of a subscription"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def remove_item(
    ctx: Context, *, subscription: str, sku: str, revision: int | None = None
) -> SubscriptionView:
    """Take a product out. Raises as :func:`put_item`, and ``Refused`` (``last_product``)."""
    row = begin(ctx, subscription, revision=revision)
    items = selectors.items_of(row)
    gone = _in_basket(items, sku)
    left = [item for item in items if item.pk != gone.pk]
    if not left:
        told = _("A basket holds at least one product. Pause or cancel the subscription instead.")
        raise Refused("last_product", told, field="sku")
    _write(ctx, row, left, changed=[])
    gone.delete()
    keep(ctx, row, event="changed", sku=sku, quantity=0)
    return present(ctx, row)


@command(
    "subscriptions.swap_item",
    label=_("Product of a subscription swapped"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def swap_item(
    ctx: Context, *, subscription: str, sku: str, to: str, revision: int | None = None
) -> SubscriptionView:
    """Another product in the place of one, as many of it. Raises as :func:`put_item`, and
    ``Invalid`` (``to``: the same, one that is in the basket already, or one that comes in fewer).
    """
    row = begin(ctx, subscription, revision=revision)
    items = selectors.items_of(row)
    gone = _in_basket(items, sku)
    if any(item.offered.product.sku == to for item in items):
        raise Invalid("in_basket", _("This product is in the basket already."), field="to")
    other = selectors.offered_product(row.family, to, field="to")
    if gone.quantity > other.most:
        told = _("At most %(maximum)s of “%(name)s” come at once. Take fewer first, then swap.")
        params = {"maximum": other.most, "name": other.product.name}
        raise Invalid("out_of_range", told % params, field="to", params=params)
    fresh = _new_item(ctx, row, to, gone.quantity, field="to")
    _write(ctx, row, [fresh if item.pk == gone.pk else item for item in items], changed=[fresh])
    gone.delete()
    keep(ctx, row, event="changed", sku=to, quantity=fresh.quantity, instead_of=sku)
    return present(ctx, row)


def _in_basket(items: Sequence[Item], sku: str) -> Item:
    for item in items:
        if item.offered.product.sku == sku:
            return item
    raise NotFound("not_in_basket", _("This product is not in the basket."), field="sku")


def _new_item(ctx: Context, row: Subscription, sku: str, quantity: int, *, field: str) -> Item:
    offered = _to_be_had(selectors.offered_product(row.family, sku, field=field), field=field)
    terms = selectors.terms_now(row, at=ctx.now)
    holds = selectors.holds_price(row, terms, on=today(ctx))
    return Item(
        programme=ctx.programme,
        subscription=row,
        offered=offered,
        quantity=check_quantity(quantity, offered),
        held_minor=offered.product.price_minor if holds else None,
    )


def _write(ctx: Context, row: Subscription, items: Sequence[Item], *, changed: list[Item]) -> None:
    """Keep what changed, where the whole basket still is one."""
    terms = selectors.terms_now(row, at=ctx.now)
    check_basket(terms, items)
    each = selectors.each_minor(row, items, on=today(ctx))
    if row.pays == Subscription.Pays.AHEAD and each != row.ahead_minor:
        told = _("This is paid ahead: a change must cost the same. Swap for the same price.")
        raise Refused("paid_ahead", told, field="sku")
    for item in changed:
        item.save()


def read_items(family: str, given: Sequence[tuple[str, int]]) -> list[Item]:
    """A basket from codes and quantities, not kept yet. Raises as :func:`put_item`."""
    if not 1 <= len(given) <= MOST_PRODUCTS:
        told = _("A basket holds 1 to %(n)s products.") % {"n": MOST_PRODUCTS}
        raise Invalid("bad_item_count", told, field="items")
    found: dict[str, Item] = {}
    for number, (sku, quantity) in enumerate(given):
        where = f"items.{number}"
        if sku in found:
            raise Invalid("twice", _("Name each product once."), field=f"{where}.sku")
        offered = selectors.offered_product(family, sku, field=f"{where}.sku")
        _to_be_had(offered, field=f"{where}.sku")
        checked = check_quantity(quantity, offered, field=f"{where}.quantity")
        found[sku] = Item(offered=offered, quantity=checked)
    return list(found.values())


def check_quantity(quantity: int, offered: OfferedProduct, *, field: str = "quantity") -> int:
    """How many of a product. Raises ``Invalid``."""
    if not 1 <= quantity <= offered.most:
        told = _("Give a number from %(minimum)s to %(maximum)s.")
        params = {"minimum": 1, "maximum": offered.most}
        raise Invalid("out_of_range", told % params, field=field, params=params)
    return quantity


def check_basket(terms: OfferTerms, items: Sequence[Item]) -> None:
    """Raises ``Refused`` (``basket_full``) where one delivery cannot hold it all."""
    if len(items) > MOST_PRODUCTS or sum(item.quantity for item in items) > terms.most_units:
        told = _("One delivery holds at most %(n)s units.") % {"n": terms.most_units}
        raise Refused("basket_full", told, field="quantity", params={"most": terms.most_units})


def _to_be_had(offered: OfferedProduct, *, field: str) -> OfferedProduct:
    if offered.state == OfferedProduct.State.WITHDRAWN or not offered.product.is_active:
        raise NotFound("product_not_offered", _("This offer has no such product."), field=field)
    if offered.state == OfferedProduct.State.OUT_OF_STOCK:
        told = _("“%(name)s” is out of stock at the moment.") % {"name": offered.product.name}
        raise Refused("out_of_stock", told, field=field)
    return offered


def text_of(text: str, *, field: str, maximum: int) -> str:
    """A line of text as it is kept. Raises ``Invalid``."""
    plain = " ".join(text.split())
    if len(plain) > maximum or not plain.isprintable():
        told = _("Give at most %(maximum)s printable characters.") % {"maximum": maximum}
        raise Invalid("bad_text", told, field=field)
    return plain
