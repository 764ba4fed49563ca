"""Purchases, refunds and quotes over the API."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
from django.db.models import Prefetch, QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError, Invalid, NotFound
from loyalty.sales import serializers as shapes
from loyalty.sales.models import Purchase, PurchaseLine, Refund
from loyalty.sales.quotes import quote
from loyalty.sales.results import PurchaseResult, RefundResult
from loyalty.sales.selectors import filter_products, product_of_id
from loyalty.sales.services import begin_batch, record_purchase, refund_purchase
from loyalty.sales.services.products import ProductInput, add_product
from loyalty.web.api import ApiView, operation
from loyalty.web.api.idempotency import stored_key
from loyalty.web.api.problems import domain_problem, input_problem
from members.profiles.selectors import find_member

_TAG, _PRODUCTS = "Purchases", "Products"


class Purchases(ApiView):
    """The sales of the programme's members."""

    permission = {"GET": "purchases:read", "POST": "purchases:write"}

    @operation(
        "List purchases, newest first",
        tag=_TAG,
        answer=shapes.PurchaseView,
        query=shapes.PurchaseQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        rows = _purchases(self.query(shapes.PurchaseQuery))
        return self.page(rows, order=("-happened_at", "-id"), present=shapes.present_purchase)

    @operation(
        "Record a purchase",
        tag=_TAG,
        body=shapes.SaleBody,
        example=shapes.COFFEE,
        answer=PurchaseResult,
        description=(
            "Records a sale and everything it earns, stamps and pays with. The answer lists every "
            "effect with its reason and the balances after it. The same receipt again, of the same "
            "member and amount, answers the first purchase with `duplicate: true`."
        ),
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.SaleBody)
        sale = shapes.sale_input(body)
        done = record_purchase(self.call(), member=_member_of(body), sale=sale)
        return self.created(done, location=f"/api/v1/purchases/{done.purchase}/")


class PurchaseBatch(ApiView):
    """Many sales in one call."""

    permission = "purchases:write"

    @operation(
        "Record up to 1,000 purchases",
        tag=_TAG,
        body=shapes.BatchBody,
        example={"purchases": [shapes.COFFEE]},
        answer=shapes.BatchResult,
        status=200,
        description=(
            "Every item is a purchase of its own, under a key made of this call's key and the "
            "item's receipt (its index, where it has none). One that is refused stops none. Send "
            "the same batch again under the same key to go on where a connection broke; with "
            "another list the key is refused (409). What was refused is sent again, mended, in a "
            "new batch of its own."
        ),
    )
    def post(self, request: Request) -> Response:
        given: Any = request.data
        items = given.get("purchases") if isinstance(given, dict) else None
        # Items are checked one by one below; here only the envelope, without its content.
        hollow = {**given, "purchases": [{}] * len(items)} if isinstance(items, list) else given
        shapes.BatchBody.check(hollow)
        assert isinstance(items, list)
        batch = self.call()
        begin_batch(batch, digest=_digest(given), size=len(items))
        seen: set[str] = set()
        done = [self._one(batch, index, item, seen) for index, item in enumerate(items)]
        outcomes = [one.outcome for one in done]
        # A batch that goes on where it broke off is no repetition: it recorded something new.
        kept = [one for one in done if one.outcome != "refused"]
        batch.replayed = batch.replayed and all(one.replayed for one in kept)
        result = shapes.BatchResult(
            recorded=outcomes.count("recorded"),
            duplicates=outcomes.count("duplicate"),
            refused=outcomes.count("refused"),
            data=done,
        )
        return Response(result)

    def _one(self, batch: Call, index: int, item: Any, seen: set[str]) -> shapes.BatchItem:
        receipt = item.get("receipt") if isinstance(item, dict) else None
        part = f"receipt:{receipt}" if isinstance(receipt, str) and receipt else f"item:{index}"
        call = Call(batch.actor, stored_key(part, merchant=batch.key))
        under = f"/purchases/{index}"
        try:
            body = shapes.SaleBody.check(item)
            done = record_purchase(call, member=_member_of(body), sale=shapes.sale_input(body))
        except ValidationError as error:
            return _refused(index, input_problem(error, under=under))
        except DomainError as error:
            return _refused(index, domain_problem(error, under=under))
        # The same receipt twice in one batch is one purchase, and the second item its duplicate.
        outcome = "duplicate" if done.duplicate or done.purchase in seen else "recorded"
        seen.add(done.purchase)
        return shapes.BatchItem(index=index, outcome=outcome, replayed=call.replayed, purchase=done)


class OnePurchase(ApiView):
    """A recorded purchase with its lines."""

    permission = "purchases:read"

    @operation("Read a purchase", tag=_TAG, answer=shapes.PurchaseView)
    def get(self, request: Request, purchase: str) -> Response:
        lines = Prefetch("lines", PurchaseLine.objects.order_by("number"))
        rows = _purchases({}).filter(public_id=purchase).prefetch_related(lines)
        row = self.found(rows, code="purchase_not_found", field="purchase")
        return self.ok(shapes.present_purchase(row, with_lines=True))


class RefundsOfPurchase(ApiView):
    """What was given back for one purchase."""

    permission = {"GET": "purchases:read", "POST": "refunds:write"}

    @operation("List a purchase's refunds", tag=_TAG, answer=shapes.RefundView, is_list=True)
    def get(self, request: Request, purchase: str) -> Response:
        rows = Purchase.objects.filter(public_id=purchase)
        row = self.found(rows, code="purchase_not_found", field="purchase")
        return self.page(_refunds({}).filter(purchase=row), present=shapes.present_refund)

    @operation(
        "Refund a purchase",
        tag=_TAG,
        body=shapes.RefundBody,
        example={"lines": [{"number": 1, "quantity": 1}], "reason": "Khách đổi món"},
        answer=RefundResult,
        description=(
            "By lines, by an amount, or (with neither) all that is left. Takes back what the "
            "purchase earned, by the share refunded so far; may be repeated until nothing is left."
        ),
    )
    def post(self, request: Request, purchase: str) -> Response:
        body = self.read(shapes.RefundBody)
        done = refund_purchase(
            self.call(),
            purchase=purchase,
            lines=shapes.line_refunds(body),
            amount_minor=body.get("amount_minor"),
            receipt=body.get("receipt", ""),
            reason=body.get("reason", ""),
            happened_at=body.get("happened_at"),
        )
        return self.created(done, location=f"/api/v1/refunds/{done.refund}/")


class Refunds(ApiView):
    """All refunds."""

    permission = "purchases:read"

    @operation(
        "List refunds, newest first",
        tag=_TAG,
        answer=shapes.RefundView,
        query=shapes.RefundQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        return self.page(_refunds(self.query(shapes.RefundQuery)), present=shapes.present_refund)


class OneRefund(ApiView):
    """A recorded refund."""

    permission = "purchases:read"

    @operation("Read a refund", tag=_TAG, answer=shapes.RefundView)
    def get(self, request: Request, refund: str) -> Response:
        row = self.found(_refunds({}).filter(public_id=refund), code="refund_not_found")
        return self.ok(shapes.present_refund(row))


class Quotes(ApiView):
    """What a basket would earn and what can be used on it."""

    permission = "purchases:read"

    @operation(
        "Quote a basket",
        tag=_TAG,
        body=shapes.SaleBody,
        example=shapes.COFFEE,
        answer=PurchaseResult,
        status=200,
        description="The answer recording this sale would give now. Nothing is kept.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.SaleBody)
        sale = shapes.sale_input(body)
        return self.ok(quote(actor=self.actor, member=_member_of(body), sale=sale))


def _digest(given: Any) -> str:
    return sha256(orjson.dumps(given, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _member_of(body: dict[str, Any]) -> str:
    """Whose sale it is, by id or by any other way to recognise them. Raises ``DomainError``."""
    member, identifier = body.get("member"), body.get("identifier")
    if (member is None) == (identifier is None):
        raise Invalid("member_or_identifier", _("Give a member or an identifier."), field="member")
    if member is not None:
        return str(member)
    found = find_member(str(identifier))
    if found is None:
        raise NotFound("member_not_found", _("There is no such member."), field="identifier")
    return found.member.public_id


class Products(ApiView):
    """What the shop sells."""

    permission = {"GET": "products:read", "POST": "products:write"}

    @operation(
        "List products",
        tag=_PRODUCTS,
        answer=shapes.ProductView,
        query=shapes.ProductQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.ProductQuery)
        rows = filter_products(text=wanted.get("text", ""))
        if wanted.get("sku"):
            rows = rows.filter(sku=wanted["sku"])
        return self.page(rows, present=shapes.present_product)

    @operation(
        "Add a product",
        tag=_PRODUCTS,
        body=shapes.ProductBody,
        example={"sku": "CPS", "name": "Cà phê sữa đá", "price_minor": 35_000},
        answer=shapes.ProductView,
        errors=(409,),
    )
    def post(self, request: Request) -> Response:
        product = ProductInput(**self.read(shapes.ProductBody))
        row = product_of_id(add_product(self.call(), product=product).id)
        return self.created(
            shapes.present_product(row), location=f"/api/v1/products/{row.public_id}/"
        )


class OneProduct(ApiView):
    """A product."""

    permission = {"GET": "products:read"}

    @operation("Read a product", tag=_PRODUCTS, answer=shapes.ProductView)
    def get(self, request: Request, product: str) -> Response:
        return self.ok(shapes.present_product(product_of_id(product)))


def _purchases(filters: dict[str, Any]) -> QuerySet[Purchase]:
    rows = Purchase.objects.select_related("member", "merchant", "location")
    named = {
        "member": "member__public_id",
        "receipt": "receipt",
        "since": "happened_at__gte",
        "until": "happened_at__lt",
    }
    return rows.filter(**{named[name]: value for name, value in filters.items()})


def _refunds(filters: dict[str, Any]) -> QuerySet[Refund]:
    named = {"purchase": "purchase__public_id", "member": "purchase__member__public_id"}
    rows = Refund.objects.select_related("purchase__member")
    return rows.filter(**{named[name]: value for name, value in filters.items()})


def _refused(index: int, problem: dict[str, Any]) -> shapes.BatchItem:
    return shapes.BatchItem(index=index, outcome="refused", replayed=False, problem=problem)


routes = [
    path("purchases/", Purchases.as_view()),
    path("purchases/batch/", PurchaseBatch.as_view()),
    path("purchases/<str:purchase>/", OnePurchase.as_view()),
    path("purchases/<str:purchase>/refunds/", RefundsOfPurchase.as_view()),
    path("refunds/", Refunds.as_view()),
    path("refunds/<str:refund>/", OneRefund.as_view()),
    path("quotes/", Quotes.as_view()),
    path("products/", Products.as_view()),
    path("products/<str:product>/", OneProduct.as_view()),
]
