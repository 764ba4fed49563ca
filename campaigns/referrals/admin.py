"""Referrals in the support view: looked at, and what is held is decided as in the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.referrals import services
from campaigns.referrals.models import Referral, ReferralCode, ReferralProgramme
from loyalty.web.support import CommandAdmin, ReadOnlyAdmin


@admin.register(ReferralProgramme)
class ReferralProgrammeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(ReferralCode)
class ReferralCodeAdmin(ReadOnlyAdmin):
    list_display = ("code", "programme", "member", "created_at")
    list_filter = ("programme",)
    list_select_related = ("programme", "member")
    search_fields = ("code", "member__public_id")
    exclude = ("devices",)
    ordering = ("-pk",)


class ReviewActionForm(ActionForm):
    """The actions of the list, with the reason the audit trail keeps."""

    note = forms.CharField(label=_("What you found out"), max_length=200, required=False)


@admin.register(Referral)
class ReferralAdmin(CommandAdmin):
    actions = ("release", "reject")
    action_form = ReviewActionForm
    list_display = ("public_id", "programme", "referrer", "friend", "state", "outcome", "joined_at")
    list_filter = ("state", "outcome", "why", "programme")
    list_select_related = ("programme", "referrer", "friend")
    search_fields = ("public_id", "referrer__public_id", "friend__public_id", "purchase")
    exclude = ("device",)
    ordering = ("-pk",)

    @admin.action(description=_("Release what is held"), permissions=["change"])
    def release(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """It is paid when its days to return are over."""
        self._decide(request, chosen, services.release_referral)

    @admin.action(description=_("Reject what is held"), permissions=["change"])
    def reject(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Neither side is paid."""
        self._decide(request, chosen, services.reject_referral)

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[Any], decide: Callable[..., Any]
    ) -> None:
        note = request.POST.get("note", "")
        self.act(request, chosen, lambda call, row: decide(call, referral=row.public_id, note=note))
