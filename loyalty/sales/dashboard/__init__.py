"""Sales in the dashboard: purchases with refunds, products, categories, and panels about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.sales import selectors
from loyalty.sales.dashboard import imports, products, purchases
from loyalty.web import formats
from loyalty.web.navigation import Column, MenuItem, Panel
from members.profiles.models import Member


def _of_member(actor: Actor, member: Member) -> dict[str, Any]:
    return {"purchases": selectors.purchases_of(member, limit=8)}


def _last_visit(actor: Actor, members: Sequence[Member]) -> Mapping[int, str]:
    last = selectors.last_visits(members)
    return {member_id: formats.day_text(at) for member_id, at in last.items()}


routes = [
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/<str:run>/", imports.ImportView.as_view(), name="import"),
    path(
        "imports/<str:run>/report.<str:form>",
        imports.ImportReportView.as_view(),
        name="import_report",
    ),
    path("sales/", purchases.PurchasesView.as_view(), name="purchases"),
    path("sales/<str:purchase>/", purchases.PurchaseView.as_view(), name="purchase"),
    path("products/", products.ProductsView.as_view(), name="products"),
    path("products/new/", products.NewProductView.as_view(), name="product_new"),
    path("products/<str:product>/", products.ProductView.as_view(), name="product"),
    path("categories/", products.CategoriesView.as_view(), name="categories"),
    path("categories/<str:category>/", products.CategoryView.as_view(), name="category"),
    path(
        "categories/<str:category>/remove/",
        products.RemoveCategoryView.as_view(),
        name="category_remove",
    ),
]
menu = (
    MenuItem(
        label=_("Imports"),
        route="imports",
        icon="table-import",
        section="setup",
        order=60,
        permission="imports:read",
    ),
    MenuItem(
        label=_("Sales"), route="purchases", icon="receipt", order=20, permission="purchases:read"
    ),
    MenuItem(
        label=_("Products"),
        route="products",
        icon="package",
        section="setup",
        order=10,
        permission="products:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="sales/member_panel.html",
        context=_of_member,
        order=40,
        permission="purchases:read",
    ),
)
columns = (
    Column(
        place="members",
        label=_("Last visit"),
        values=_last_visit,
        order=30,
        permission="purchases:read",
    ),
)
