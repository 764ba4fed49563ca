"""Sales in the support view: what was sold and given back is read; products come in from a file.

The import of products shows what it would do (a dry run) and changes nothing before it is confirmed.
"""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportMixin
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget

from loyalty.sales.models import ImportRun, Product, Purchase, PurchaseLine, Refund
from loyalty.tenancy.models import Programme
from loyalty.web.support import ReadOnlyAdmin


class ProductResource(ModelResource):  # type: ignore[misc]
    """A product as a row: its programme by slug and its code are its identity."""

    programme = Field("programme", "programme", widget=ForeignKeyWidget(Programme, "slug"))

    class Meta:
        model = Product
        fields = ("programme", "sku", "name", "kind", "price_minor", "excluded", "is_active")
        import_id_fields = ("programme", "sku")
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True


@admin.register(Product)
class ProductAdmin(ImportMixin, ReadOnlyAdmin):  # type: ignore[misc]
    resource_classes = (ProductResource,)
    list_display = ("sku", "name", "programme", "kind", "price_minor", "excluded", "is_active")
    list_filter = ("programme", "kind")
    search_fields = ("sku", "name", "public_id")
    ordering = ("-pk",)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


class Lines(admin.TabularInline):  # type: ignore[type-arg]
    model = PurchaseLine
    fields = readonly_fields = (
        "number",
        "sku",
        "name",
        "kind",
        "quantity_milli",
        "net_minor",
        "earning_minor",
        "refunded_minor",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Purchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "receipt", "net_minor", "currency", "happened_at")
    list_filter = ("programme", "source")
    search_fields = ("public_id", "receipt", "member__public_id")
    ordering = ("-pk",)
    inlines = (Lines,)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "purchase", "amount_minor", "happened_at")
    list_filter = ("programme",)
    search_fields = ("public_id", "receipt", "purchase__public_id")
    ordering = ("-pk",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "programme")
    list_filter = ("programme",)
    ordering = ("-pk",)
