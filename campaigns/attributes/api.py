"""Attributes of members over the API: declared once, set by who knows them, asked for by rules."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.attributes import selectors, services
from campaigns.attributes import serializers as shapes
from campaigns.attributes.services import AttributeValues, AttributeView
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Attributes"


class Attributes(ApiView):
    """All declared attributes."""

    permission = {"GET": "attributes:read", "POST": "attributes:write"}

    @operation("List attributes", tag=_TAG, answer=list[AttributeView])
    def get(self, request: Request) -> Response:
        return self.ok([services.view_of(row) for row in selectors.attributes()])

    @operation(
        "Declare an attribute",
        tag=_TAG,
        body=shapes.AttributeBody,
        example={"code": "lines", "kind": "number", "name_vi": "số thuê bao", "name_en": "lines"},
        answer=AttributeView,
        errors=(409, 422),
        description="Rules then ask for it: `{fact: attribute.lines, op: gte, value: 2}`.",
    )
    def post(self, request: Request) -> Response:
        done = services.declare(self.call(), **_plain(self.read(shapes.AttributeBody)))
        return self.created(done, revision=done.revision)


class OneAttribute(ApiView):
    """One attribute."""

    permission = {"GET": "attributes:read", "PATCH": "attributes:write"}

    @operation("Read an attribute", tag=_TAG, answer=AttributeView)
    def get(self, request: Request, attribute: str) -> Response:
        row = selectors.access_attribute(attribute)
        return self.ok(services.view_of(row), revision=row.revision)

    @operation(
        "Change an attribute",
        tag=_TAG,
        body=shapes.AttributeChangeBody,
        example={"name_en": "lines"},
        answer=AttributeView,
    )
    def patch(self, request: Request, attribute: str) -> Response:
        row = selectors.access_attribute(attribute)
        changes = _plain(self.read(shapes.AttributeChangeBody))
        call, revision = self.call(), self.if_match()
        done = services.change(call, attribute=row.public_id, revision=revision, **changes)
        return self.ok(done, revision=done.revision)


class MemberAttributes(ApiView):
    """What is known of a member."""

    permission = {"GET": "attributes:read", "POST": "member_attributes:write"}

    @operation("Read a member's attributes", tag=_TAG, answer=AttributeValues)
    def get(self, request: Request, member: str) -> Response:
        row = member_of_id(member)
        values = selectors.values_of(row)
        return self.ok(
            AttributeValues(
                member=row.public_id, values=values, changed_at=selectors.known_since(row)
            )
        )

    @operation(
        "Set attributes of a member",
        tag=_TAG,
        body=shapes.AttributeValuesBody,
        example={"values": {"lines": 2}},
        answer=AttributeValues,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.AttributeValuesBody)
        return self.ok(services.set_values(self.call(), member=member, values=body["values"]))


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    options = body.get("options")
    return {**body, "options": tuple(options)} if isinstance(options, list) else body


routes = [
    path("attributes/", Attributes.as_view()),
    path("attributes/<str:attribute>/", OneAttribute.as_view()),
    path("members/<str:member>/attributes/", MemberAttributes.as_view()),
]
