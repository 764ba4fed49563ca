"""Reviews in the support view."""

from __future__ import annotations

from django.contrib import admin

from community.reviews.models import ProductRating, Review, ReviewSettings
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "product", "stars", "state", "is_verified", "helpful")
    list_filter = ("state", "stars", "programme")
    search_fields = ("public_id", "text")
    ordering = ("-pk",)


@admin.register(ProductRating)
class ProductRatingAdmin(ReadOnlyAdmin):
    list_display = ("product", "programme", "one", "two", "three", "four", "five")
    list_filter = ("programme",)
    ordering = ("-pk",)


@admin.register(ReviewSettings)
class ReviewSettingsAdmin(ReadOnlyAdmin):
    list_display = ("programme", "who", "looked_at", "edit_days", "public_read", "former")
    ordering = ("-pk",)
