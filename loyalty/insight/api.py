"""Previews over the API: what a draft would have done on the shop's past sales."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.insight.preview import Preview, preview
from loyalty.web.api import ApiView, operation


class RulePreview(ApiView):
    """A rule on past sales."""

    permission = "rules:read"

    @operation(
        "Preview a rule on past sales",
        tag="Rules",
        answer=Preview,
        description=(
            "Plays the newest 1,000 sales twice, with the rules as they are and with this draft in "
            "the place of what it would replace: what is issued, who gains, who loses. Nothing is "
            "written."
        ),
    )
    def get(self, request: Request, rule: str) -> Response:
        return self.ok(preview(self.programme, rule=rule))


routes = [path("rules/<str:rule>/preview/", RulePreview.as_view())]
