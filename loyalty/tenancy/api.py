"""The programme itself, its places and its API keys over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.tenancy import serializers as shapes
from loyalty.tenancy.models import ApiKey, Location, Merchant
from loyalty.tenancy.services import (
    ApiKeyMade,
    MerchantAdded,
    add_merchant,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from loyalty.web.api import ApiView, operation
from loyalty.web.api.scopes import known_scopes

_TAG = "Programme"
_KEYS = "API keys"


class CurrentProgramme(ApiView):
    """The programme of the key."""

    permission = "programme:read"

    @operation("Read the programme", tag=_TAG, answer=shapes.ProgrammeView)
    def get(self, request: Request) -> Response:
        merchants = list(Merchant.objects.filter(is_active=True).order_by("id"))
        view = shapes.present_programme(self.programme, merchants)
        return self.ok(view, revision=self.programme.revision)


class Merchants(ApiView):
    """The businesses of the programme: one, or in a coalition several."""

    permission = {"GET": "programme:read", "POST": "merchants:write"}

    @operation("List merchants", tag=_TAG, answer=shapes.MerchantView, is_list=True)
    def get(self, request: Request) -> Response:
        rows = Merchant.objects.filter(is_active=True)
        return self.page(rows, order=("id",), present=shapes.present_merchant)

    @operation(
        "Add a merchant",
        tag=_TAG,
        body=shapes.MerchantBody,
        example={"name": "Tiệm bánh Mộc", "location": "Mộc Phan Chu Trinh"},
        answer=MerchantAdded,
        errors=(409,),
        description=(
            "From the second one on the programme is a coalition: members, points and rewards are "
            "shared, and each merchant's people and keys see that merchant's sales only."
        ),
    )
    def post(self, request: Request) -> Response:
        return self.created(add_merchant(self.call(), **self.read(shapes.MerchantBody)))


class Locations(ApiView):
    """Where sales happen; a purchase may name its location."""

    permission = "programme:read"

    @operation("List locations", tag=_TAG, answer=shapes.LocationView, is_list=True)
    def get(self, request: Request) -> Response:
        rows = Location.objects.select_related("merchant")
        return self.page(rows, order=("id",), present=shapes.present_location)


class ApiKeys(ApiView):
    """The keys of the merchant."""

    permission = {"GET": "keys:read", "POST": "keys:write"}

    @operation("List API keys", tag=_KEYS, answer=shapes.ApiKeyView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(_own(self.actor), present=shapes.present_api_key)

    @operation(
        "Make an API key",
        tag=_KEYS,
        body=shapes.ApiKeyBody,
        example={"name": "Máy bán hàng quầy 1", "scopes": ["purchases:write", "members:read"]},
        answer=ApiKeyMade,
        errors=(403,),
        description="`secret` is the key itself. It is shown this once; a repeated answer lacks it.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.ApiKeyBody)
        for index, scope in enumerate(body["scopes"]):
            if "*" not in scope and scope not in known_scopes():
                raise Invalid(
                    "unknown_scope",
                    _("There is no such scope. There are: %(scopes)s.")
                    % {"scopes": ", ".join(known_scopes())},
                    field=f"scopes.{index}",
                )
        done = create_api_key(
            self.call(),
            name=body["name"],
            scopes=tuple(body["scopes"]),
            expires_at=body.get("expires_at"),
            for_all_merchants=body.get("for_all_merchants", False),
        )
        return self.created(done, location=f"/api/v1/api-keys/{done.id}/")


class OneApiKey(ApiView):
    """One key."""

    permission = {"GET": "keys:read", "DELETE": "keys:write"}

    @operation("Read an API key", tag=_KEYS, answer=shapes.ApiKeyView)
    def get(self, request: Request, apikey: str) -> Response:
        row = self.found(_own(self.actor).filter(public_id=apikey), code="api_key_not_found")
        return self.ok(shapes.present_api_key(row))

    @operation("Revoke an API key", tag=_KEYS, description="It opens nothing from this moment on.")
    def delete(self, request: Request, apikey: str) -> Response:
        revoke_api_key(self.call(), api_key=apikey)
        return self.gone()


class RotateApiKey(ApiView):
    """A successor for a key, with an overlap."""

    permission = "keys:write"

    @operation(
        "Rotate an API key",
        tag=_KEYS,
        body=shapes.RotateBody,
        example={"overlap_hours": 24},
        answer=ApiKeyMade,
        description="Makes a new key with the same scopes; the old one expires after the overlap.",
    )
    def post(self, request: Request, apikey: str) -> Response:
        body = self.read(shapes.RotateBody)
        return self.created(rotate_api_key(self.call(), api_key=apikey, **body))


def _own(actor: Actor) -> QuerySet[ApiKey]:
    """The keys of the caller's merchant."""
    return ApiKey.objects.select_related("merchant").filter(merchant=actor.merchant_id)


routes = [
    path("programme/", CurrentProgramme.as_view()),
    path("merchants/", Merchants.as_view()),
    path("locations/", Locations.as_view()),
    path("api-keys/", ApiKeys.as_view()),
    path("api-keys/<str:apikey>/", OneApiKey.as_view()),
    path("api-keys/<str:apikey>/rotate/", RotateApiKey.as_view()),
]
