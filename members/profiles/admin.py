"""Support's view of members: contacts masked, every look recorded, holds through commands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call
from loyalty.web.support import CommandAdmin, ReadOnlyAdmin
from members.profiles import services
from members.profiles.models import Consent, Holder, Identifier, Member, Merge
from members.profiles.rules.consents import address_hash
from members.profiles.rules.names import mask, mask_name, search_form


class MaskedIdentifiers(admin.TabularInline):  # type: ignore[type-arg]
    model = Identifier
    fields = readonly_fields = ("kind", "masked", "verified_at", "created_at")
    extra = 0
    can_delete = False

    @admin.display(description=_("value"))
    def masked(self, row: Identifier) -> str:
        """Enough to recognise it by."""
        return mask(row.kind, row.value)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Consents(admin.TabularInline):  # type: ignore[type-arg]
    model = Consent
    fields = readonly_fields = ("purpose", "granted", "text_version", "channel", "recorded_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(CommandAdmin):
    list_display = ("public_id", "shown_name", "programme", "state", "joined_at", "joined_through")
    list_filter = ("state", "joined_through", "programme")
    search_fields = ("public_id",)
    search_help_text = _("Name, member id, or a whole phone number (+84…), e-mail or card number")
    ordering = ("-pk",)
    inlines = (MaskedIdentifiers, Consents)
    actions = ("hold", "activate")
    fields = (
        "public_id",
        "shown_name",
        "programme",
        "state",
        "merged_into",
        "holder",
        "language",
        "joined_at",
        "joined_through",
        "joined_merchant",
        "joined_location",
        "last_seen_at",
        "revision",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)

    @admin.display(description=_("name"))
    def shown_name(self, row: Member) -> str:
        """The name as a till's stranger may see it."""
        return mask_name(row.name)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.replace("\0", "").strip()
        if not text:
            return queryset, False
        exact = Identifier.objects.filter(value=text.replace(" ", "").lower())
        by_name = Q(search_name__gt="")
        for word in search_form(text).split():
            by_name &= Q(search_name__contains=word)
        found = Q(public_id=text) | Q(pk__in=exact.values("member")) | by_name
        return queryset.filter(found), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            services.read_member(self.call(request, row), member=row.public_id, why="admin")
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.action(description=_("Put on hold"), permissions=["change"])
    def hold(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Nothing is earned or spent until the hold is lifted."""
        self.act(request, chosen, _hold)

    @admin.action(description=_("Lift the hold"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """The card works again."""
        self.act(request, chosen, _activate)


def _hold(call: Call, row: Member) -> None:
    services.hold_member(call, member=row.public_id, reason="support")


def _activate(call: Call, row: Member) -> None:
    services.activate_member(call, member=row.public_id)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """The ledger of consents: what proves that somebody agreed, or withdrew it."""

    list_display = (
        "recorded_at",
        "member",
        "purpose",
        "granted",
        "text_version",
        "channel",
        "source",
        "programme",
    )
    list_filter = ("purpose", "granted", "channel", "programme")
    search_fields = ("member__public_id",)
    search_help_text = _(
        "Member id, or a whole e-mail address: also one that is on no card any more"
    )
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.replace("\0", "").strip()
        if "@" not in text:
            return super().get_search_results(request, queryset, text)
        return queryset.filter(address_hash=address_hash(text)), False


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "merged_by", "merged_at", "undone_at")
    list_filter = ("programme",)
    search_fields = ("public_id", "survivor__public_id", "loser__public_id")
    ordering = ("-pk",)


@admin.register(Holder)
class HolderAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name")
    list_filter = ("programme",)
    search_fields = ("public_id",)
    ordering = ("-pk",)
