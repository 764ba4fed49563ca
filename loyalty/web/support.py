"""Staff's admin: the support view over all programmes.

It shows; what it changes it changes through commands. It says aloud that it leaves the tenant scope
(``every_programme``), here and nowhere else, and it is entered by platform staff only, through the
same log-in as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import support_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import every_programme
from loyalty.web.forms import fresh_key


class SupportSite(admin.AdminSite):
    """Every page sees all programmes."""

    site_header = _("Thân support")
    site_title = _("Thân support")
    index_title = _("All programmes")
    site_url = None

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def over_all_programmes(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with every_programme():
                answer: HttpResponse = inner(request, *args, **kwargs)
                # Rendered here, since templates read rows lazily.
                return answer.render() if isinstance(answer, TemplateResponse) else answer

        return over_all_programmes


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is looked at and never touched."""

    list_per_page = 50
    show_full_result_count = False
    actions: Any = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = super().get_queryset(request)
        foreign = [
            f.name for f in self.opts.fields if f.is_relation and f.name in self.list_display
        ]
        return rows.select_related(*foreign) if foreign else rows


class CommandAdmin(ReadOnlyAdmin):
    """What is looked at, and acted on from its list by commands; its rows stay read-only."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Fields stay read-only; this lets the actions stand in the list.
        return obj is None and admin.ModelAdmin.has_change_permission(self, request)

    def call(self, request: HttpRequest, row: Any) -> Call:
        """A call of a command about one row, by whoever is logged in."""
        assert isinstance(request.user, User)
        return Call(support_actor(row.programme, request.user), fresh_key())

    def act(
        self, request: HttpRequest, chosen: Iterable[Any], what: Callable[[Call, Any], Any]
    ) -> None:
        """Do it for each chosen row; what is refused is said beside its id, and the others go on."""
        for row in chosen:
            try:
                what(self.call(request, row), row)
            except DomainError as error:
                self.message_user(request, f"{row.public_id}: {error.message}", messages.ERROR)
