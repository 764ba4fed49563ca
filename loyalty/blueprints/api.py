"""Ready-made programmes over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.blueprints import serializers as shapes
from loyalty.blueprints.blueprint import blueprints
from loyalty.blueprints.export import export_programme
from loyalty.blueprints.services import Loaded, find_blueprint, load_blueprint, load_file
from loyalty.web.api import ApiView, operation

_TAG = "Blueprints"


class Blueprints(ApiView):
    """All ready-made programmes."""

    permission = "rules:read"

    @operation("List blueprints", tag=_TAG, answer=list[shapes.BlueprintView])
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_blueprint(one) for one in blueprints().values()])


class LoadBlueprint(ApiView):
    """A blueprint into this programme."""

    permission = {"GET": "rules:read", "POST": "rules:write"}

    @operation("Read a blueprint", tag=_TAG, answer=shapes.BlueprintView)
    def get(self, request: Request, blueprint: str) -> Response:
        return self.ok(shapes.present_blueprint(find_blueprint(blueprint)))

    @operation(
        "Load a blueprint as drafts",
        tag=_TAG,
        body=shapes.LoadBody,
        example={"with_settings": True},
        answer=Loaded,
        description=(
            "Writes drafts of its rewards and rules. Nothing counts before they are published: "
            "the rewards first, then the rules."
        ),
    )
    def post(self, request: Request, blueprint: str) -> Response:
        body = self.read(shapes.LoadBody)
        done = load_blueprint(
            self.call(), blueprint=blueprint, with_settings=body.get("with_settings", False)
        )
        return self.created(done, location="/api/v1/rules/")


class ExportBlueprint(ApiView):
    """This programme as a blueprint."""

    permission = "rules:read"

    @operation(
        "Export the programme as a blueprint",
        tag=_TAG,
        answer=shapes.ExportView,
        description="Its live rules, rewards and badges, and the settings of points; nobody's data.",
    )
    def get(self, request: Request) -> Response:
        done = export_programme(self.actor.programme)
        return self.ok(shapes.ExportView(done.blueprint, list(done.left_out)))


class LoadOwn(ApiView):
    """A blueprint of one's own into this programme."""

    permission = "rules:write"

    @operation(
        "Load a blueprint of your own as drafts",
        tag=_TAG,
        body=shapes.LoadFileBody,
        example={
            "blueprint": {
                "name": {"vi": "Tích điểm"},
                "currency": "VND",
                "rules": [
                    {
                        "kind": "points.earning_rule",
                        "values": {"name": "Một điểm", "points": 1, "per_minor": 10000},
                    }
                ],
            }
        },
        answer=Loaded,
        description="Takes what an export answered, from this programme or another.",
    )
    def post(self, request: Request) -> Response:
        done = load_file(self.call(), **self.read(shapes.LoadFileBody))
        return self.created(done, location="/api/v1/rules/")


routes = [
    path("blueprints/", Blueprints.as_view()),
    path("blueprints/export/", ExportBlueprint.as_view()),
    path("blueprints/file/", LoadOwn.as_view()),
    path("blueprints/<str:blueprint>/", LoadBlueprint.as_view()),
]
