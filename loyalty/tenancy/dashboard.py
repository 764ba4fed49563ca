"""API keys in the dashboard: made, rotated and revoked; a secret is shown once."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.common.errors import DomainError, NotFound
from loyalty.tenancy import forms, selectors, services
from loyalty.web.api.scopes import known_scopes
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView, FormView


class ApiKeysView(FormView):
    """All keys of the merchant, and a form for one more. The answer shows the secret itself."""

    permission = "keys:write"
    template_name = "tenancy/api_keys.html"
    form_class = forms.ApiKeyForm

    def form_options(self) -> dict[str, Any]:
        return {
            "scopes": tuple(scope for scope in known_scopes() if self.may(scope)),
            "may_see_all": self.actor.may_give_all_merchants,
        }

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        keys = selectors.api_keys(merchant_id=self.staff.merchant_id)
        shown = [{"key": key, "state": selectors.why_closed(key) or "active"} for key in keys]
        return {"form": form, "keys": shown}

    def act(self, form: Any) -> HttpResponse:
        made = services.create_api_key(
            self.call(),
            name=form.cleaned_data["name"],
            scopes=form.wanted(),
            for_all_merchants=form.cleaned_data.get("for_all_merchants", False),
        )
        return self.page({**self.context(self.build_form()), "made": made})


class RotateKeyView(DashboardView):
    """A successor; the old one works for a day."""

    permission = "keys:write"
    template_name = "tenancy/api_keys.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            made = services.rotate_api_key(self.call(), api_key=self.kwargs["api_key"])
        except NotFound:
            raise
        except DomainError as error:
            return self.go("api_keys", text=str(error.message), tone="error")
        return self.page({"made": made, "rotated": True})


class RevokeKeyView(DashboardView):
    """Closed at once."""

    permission = "keys:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        services.revoke_api_key(self.call(), api_key=self.kwargs["api_key"])
        return self.go("api_keys", text=_("The key opens nothing any more."))


routes = [
    path("api-keys/", ApiKeysView.as_view(), name="api_keys"),
    path("api-keys/<str:api_key>/rotate/", RotateKeyView.as_view(), name="api_key_rotate"),
    path("api-keys/<str:api_key>/revoke/", RevokeKeyView.as_view(), name="api_key_revoke"),
]
menu = (
    MenuItem(
        label=gettext_lazy("API keys"),
        route="api_keys",
        icon="key",
        section="setup",
        order=60,
        permission="keys:write",
    ),
)
