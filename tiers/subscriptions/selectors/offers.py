"""Reads about offers and what they offer. All in the programme in scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.glossary import retold
from tiers.subscriptions.models import Offer, OfferedProduct
from tiers.subscriptions.rules.terms import OfferTerms


def counting_offers() -> list[OfferTerms]:
    """Every version of every offer that anybody may hold, by priority."""
    rows = Offer.objects.select_related("replaces").exclude(state=Offer.State.DRAFT)
    return [row.terms() for row in rows.order_by("-priority", "id")]


def offers_on_sale(*, at: datetime | None = None) -> list[Offer]:
    """The offers people can subscribe to now, by priority."""
    at = at or clock_now()
    running = Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at)
    rows = Offer.objects.filter(*running, state=Offer.State.LIVE)
    return list(rows.order_by("-priority", "id"))


def offer_names() -> list[tuple[str, str]]:
    """Every offer that was ever published, by code, under its newest name. One query."""
    rows = Offer.objects.exclude(state=Offer.State.DRAFT).order_by("id")
    names = dict(rows.values_list("code", "name"))
    return [(code, retold(name)) for code, name in names.items()]


def offers_shown() -> list[Offer]:
    """The newest version of every offer and every draft, newest first."""
    replaced = Offer.objects.filter(replaces__isnull=False, published_at__isnull=False)
    rows = Offer.objects.exclude(pk__in=replaced.values_list("replaces", flat=True))
    return list(rows.order_by("-id"))


def access_offer(offer: str) -> Offer:
    """An offer by the public id of any of its versions, drafts too. Raises ``NotFound``."""
    found: Offer | None = Offer.objects.filter(public_id=offer).first()
    if found is None:
        raise _no_offer()
    return found


def offer_to_join(offer: str) -> Offer:
    """An offer on sale, by the id of any of its versions or by its code.

    Raises ``NotFound``, and ``Refused`` (``offer_closed``) where nobody can join now.
    """
    known = Offer.objects.filter(Q(public_id=offer) | Q(code=offer)).exclude(
        state=Offer.State.DRAFT
    )
    families = {row.family for row in known.order_by("id")}
    if not families:
        raise _no_offer()
    for row in offers_on_sale():
        if row.family in families:
            return row
    raise Refused("offer_closed", _("This offer takes nobody new now."), field="offer")


def newest_version(family: str) -> Offer | None:
    """The version that counts for who is not bound to an older one; ``None`` where it is closed."""
    return next((row for row in offers_on_sale() if row.family == family), None)


def offered_products(family: str, *, only_open: bool = False) -> list[OfferedProduct]:
    """What an offer has, by name; ``only_open``: without what was withdrawn."""
    rows = _offered().filter(family=family)
    if only_open:
        rows = rows.exclude(state=OfferedProduct.State.WITHDRAWN).filter(product__is_active=True)
    return list(rows.order_by("product__name", "pk"))


def offered_product(family: str, sku: str, *, field: str = "sku") -> OfferedProduct:
    """A product of an offer by its code. Raises ``NotFound`` (``product_not_offered``)."""
    found: OfferedProduct | None = _offered().filter(family=family, product__sku=sku).first()
    if found is None:
        raise NotFound("product_not_offered", _("This offer has no such product."), field=field)
    return found


def product_to_offer(sku: str) -> Any:
    """A product of the shop by its code. Raises ``NotFound``."""
    found = products_of_shop().filter(sku=sku).first()
    if found is None:
        raise NotFound("product_not_found", _("There is no such product."), field="sku")
    return found


def products_to_offer(family: str) -> list[Any]:
    """Products with a price that an offer does not have yet, by name, at most two hundred."""
    has = OfferedProduct.objects.filter(family=family).values_list("product", flat=True)
    rows = products_of_shop().filter(is_active=True, price_minor__gt=0, kind="goods")
    return list(rows.exclude(pk__in=list(has)).order_by("name", "pk")[:200])


def products_of_shop() -> QuerySet[Any]:
    """The shop's products, reached through our own foreign key to them: sales is no layer below."""
    model = cast("Any", OfferedProduct._meta.get_field("product").related_model)
    rows: QuerySet[Any] = model._default_manager.all()
    return rows


def _offered() -> QuerySet[OfferedProduct]:
    return OfferedProduct.objects.select_related("product")


def _no_offer() -> NotFound:
    return NotFound("offer_not_found", _("There is no such offer."), field="offer")
