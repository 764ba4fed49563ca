"""Products and their categories in the dashboard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError
from loyalty.sales import selectors, services
from loyalty.sales.forms import CategoryForm, CategoryNameForm, ProductForm
from loyalty.web.lists import newest_first
from loyalty.web.pages import DashboardView, FormView, saved

_FIELDS = ("sku", "name", "kind", "price_minor", "excluded", "is_active")


class ProductsView(DashboardView):
    """The list of products, searchable."""

    permission = "products:read"
    template_name = "sales/products.html"
    partial_name = "sales/product_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text, category = request.GET.get("q", "")[:200], request.GET.get("category", "")
        rows = selectors.filter_products(text=text, category=category)
        return self.page(
            {
                "list": newest_first(rows, request),
                "q": text,
                "category": category,
                "categories": selectors.categories(),
            }
        )


class NewProductView(FormView):
    """A new product."""

    permission = "products:read"
    write_permission = "products:write"
    template_name = "sales/product.html"
    form_class = ProductForm

    def form_options(self) -> dict[str, Any]:
        categories = [(one.public_id, one.name) for one in selectors.categories()]
        return {"currency": self.programme.currency, "categories": categories}

    def product(self, form: Any) -> services.ProductInput:
        """What the form describes."""
        data = form.cleaned_data
        return services.ProductInput(
            category=data["category"], **{name: data[name] for name in _FIELDS}
        )

    def act(self, form: Any) -> HttpResponse:
        services.add_product(self.call(), product=self.product(form))
        return self.go("products", text=saved())


class ProductView(NewProductView):
    """A product described anew."""

    def initial(self) -> dict[str, Any]:
        row = selectors.product_of_id(self.kwargs["product"])
        category = row.category.public_id if row.category else ""
        return {"category": category, **{name: getattr(row, name) for name in _FIELDS}}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "product": selectors.product_of_id(self.kwargs["product"])}

    def act(self, form: Any) -> HttpResponse:
        services.change_product(
            self.call(), target=self.kwargs["product"], product=self.product(form)
        )
        return self.go("products", text=saved())


class CategoriesView(FormView):
    """All categories, and a form for one more."""

    permission = "products:read"
    write_permission = "products:write"
    template_name = "sales/categories.html"
    form_class = CategoryForm

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "categories": selectors.categories()}

    def act(self, form: Any) -> HttpResponse:
        services.add_category(self.call(), **form.cleaned_data)
        return self.go("categories", text=saved())


class CategoryView(FormView):
    """A category renamed."""

    permission = "products:read"
    write_permission = "products:write"
    template_name = "sales/category.html"
    form_class = CategoryNameForm

    def initial(self) -> dict[str, Any]:
        return {"name": selectors.category_of_id(self.kwargs["category"]).name}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "category": selectors.category_of_id(self.kwargs["category"])}

    def act(self, form: Any) -> HttpResponse:
        services.change_category(
            self.call(), target=self.kwargs["category"], name=form.cleaned_data["name"]
        )
        return self.go("categories", text=saved())


class RemoveCategoryView(DashboardView):
    """An empty category removed."""

    permission = "products:read"
    write_permission = "products:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        selectors.category_of_id(self.kwargs["category"])
        try:
            services.remove_category(self.call(), target=self.kwargs["category"])
        except DomainError as error:
            return self.go("categories", text=str(error.message), tone="error")
        return self.go("categories", text=_("The category is gone."))
