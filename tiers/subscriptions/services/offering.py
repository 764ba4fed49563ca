"""Which products an offer has, and whether they can be had today."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid
from tiers.subscriptions import selectors
from tiers.subscriptions.models import OfferedProduct
from tiers.subscriptions.results import OfferedView

MOST = 1_000


@command(
    "subscriptions.offer_product",
    label=_("Product offered for subscription"),
    permission="subscriptions:write",
)
def offer_product(
    ctx: Context, *, offer: str, sku: str, most: int = 10, state: str = "offered"
) -> OfferedView:
    """Let people subscribe to a product of the shop, or change how; ``state`` ``out`` and
    ``withdrawn`` leave it in the baskets that have it, and out of deliveries while it is so.

    Args:
        most: at most so many on one delivery.

    Raises ``NotFound`` (offer, product) and ``Invalid`` (most, state, a product without a price).
    """
    family = selectors.access_offer(offer).family
    if not 1 <= most <= MOST:
        told = _("Give a number from %(minimum)s to %(maximum)s.")
        raise Invalid("out_of_range", told % {"minimum": 1, "maximum": MOST}, field="most")
    if state not in OfferedProduct.State.values:
        raise Invalid("unknown_state", _("There is no such state."), field="state")
    product = selectors.product_to_offer(sku)
    if product.kind != "goods" or product.price_minor == 0:
        told = _("Only goods with a price can be subscribed to.")
        raise Invalid("no_price", told, field="sku")
    row, _made = OfferedProduct.objects.update_or_create(
        family=family,
        product=product,
        defaults={"most": most, "state": state},
        create_defaults={
            "programme": ctx.programme,
            "family": family,
            "product": product,
            "most": most,
            "state": state,
        },
    )
    ctx.about(offer, sku=sku, state=state, most=most)
    return offered_view(row)


def offered_view(row: OfferedProduct) -> OfferedView:
    """A product of an offer as everybody sees it."""
    withdrawn = not row.product.is_active
    return OfferedView(
        sku=row.product.sku,
        name=row.product.name,
        price_minor=row.product.price_minor,
        state=OfferedProduct.State.WITHDRAWN.value if withdrawn else str(row.state),
        most=row.most,
    )
