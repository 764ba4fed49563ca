"""What is sold: products and their categories, kept by the owner or by imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.sales.models import Category, LineKind, Product
from members.profiles.rules.names import clean_name


@dataclass(frozen=True, kw_only=True)
class ProductInput:
    """A product as it is described; ``category`` is a public id or empty."""

    sku: str
    name: str
    category: str = ""
    kind: str = LineKind.GOODS
    price_minor: int = 0
    excluded: bool = False
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What was created or changed."""

    id: str


def _code_taken(call: Call, error: IntegrityError, **_kwargs: Any) -> NoReturn:
    raise Conflict(
        "code_taken", _("Something else has this code already. Choose another."), field="code"
    ) from error


def _sku_taken(call: Call, error: IntegrityError, **_kwargs: Any) -> NoReturn:
    raise Conflict(
        "code_taken", _("Another product has this code already. Choose another."), field="sku"
    ) from error


@command(
    "sales.add_product", label=_("Product added"), permission="products:write", recover=_sku_taken
)
def add_product(ctx: Context, *, product: ProductInput) -> Saved:
    """Add a product. Raises ``Invalid``, ``NotFound`` (category) and ``Conflict`` (code)."""
    row = _described(Product(programme=ctx.programme), product)
    row.save(force_insert=True)
    ctx.about(row.public_id, sku=row.sku)
    return Saved(id=row.public_id)


@command(
    "sales.change_product",
    label=_("Product changed"),
    permission="products:write",
    lock=lambda *, target, **_rest: Lock(rows=Product.objects.filter(public_id=target)),
    recover=_sku_taken,
)
def change_product(ctx: Context, *, target: str, product: ProductInput) -> Saved:
    """Describe a product anew; past sales keep how it was. Raises what ``add_product`` raises."""
    row = _described(ctx.the_locked(Product, code="product_not_found", field="target"), product)
    row.save()
    ctx.about(row.public_id, sku=row.sku)
    return Saved(id=row.public_id)


@command(
    "sales.add_category",
    label=_("Category added"),
    permission="products:write",
    recover=_code_taken,
)
def add_category(ctx: Context, *, code: str, name: str) -> Saved:
    """Add a group of products that rules may name. Raises ``Invalid`` and ``Conflict``."""
    row = Category(programme=ctx.programme, code=_code(code), name=_name(name))
    row.save(force_insert=True)
    ctx.about(row.public_id, code=row.code)
    return Saved(id=row.public_id)


@command(
    "sales.change_category",
    label=_("Category changed"),
    permission="products:write",
    lock=lambda *, target, **_rest: Lock(rows=Category.objects.filter(public_id=target)),
)
def change_category(ctx: Context, *, target: str, name: str) -> Saved:
    """Rename a category; its code stays, rules refer to it. Raises ``NotFound``, ``Invalid``."""
    row = ctx.the_locked(Category, code="category_not_found", field="target")
    row.name = _name(name)
    row.save(update_fields=["name"])
    ctx.about(row.public_id, name=row.name)
    return Saved(id=row.public_id)


@command(
    "sales.remove_category",
    label=_("Category removed"),
    permission="products:write",
    lock=lambda *, target: Lock(rows=Category.objects.filter(public_id=target)),
)
def remove_category(ctx: Context, *, target: str) -> Saved:
    """Remove an empty category. Raises ``Refused`` while products are in it."""
    row = ctx.the_locked(Category, code="category_not_found", field="target")
    if Product.objects.filter(category=row).exists():
        raise Refused(
            "category_in_use", _("Products are in this category. Move them first."), field="target"
        )
    ctx.about(row.public_id, code=row.code)
    row.delete()
    return Saved(id=target)


def _described(row: Product, product: ProductInput) -> Product:
    if product.kind not in LineKind.values:
        raise Invalid("unknown_kind", _("There is no such kind of product."), field="kind")
    row.sku, row.name = _code(product.sku, field="sku"), _name(product.name, longest=300)
    row.category = _category(product.category)
    row.kind = product.kind
    row.price_minor = check_minor(product.price_minor, field="price_minor")
    row.excluded, row.is_active = product.excluded, product.is_active
    return row


def _category(public_id: str) -> Category | None:
    if not public_id:
        return None
    found: Category | None = Category.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("category_not_found", _("There is no such category."), field="category")
    return found


def _code(text: str, *, field: str = "code") -> str:
    code = clean_name(text, field=field, longest=60)
    if not code:
        raise Invalid("required", _("Give a code."), field=field)
    return code


def _name(text: str, *, longest: int = 200) -> str:
    name = clean_name(text, longest=longest)
    if not name:
        raise Invalid("required", _("Give a name."), field="name")
    return name
