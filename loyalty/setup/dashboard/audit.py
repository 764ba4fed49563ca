"""The audit trail: every change, who made it, when, and what it was about."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from loyalty.setup import selectors
from loyalty.web.lists import link, newest_first
from loyalty.web.pages import DashboardView
from loyalty.web.subjects import subject_url


class AuditView(DashboardView):
    """The list, newest first."""

    permission = "audit:read"
    template_name = "setup/audit.html"
    partial_name = "setup/audit_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text, kind = request.GET.get("q", "")[:100], request.GET.get("kind", "")[:12]
        actor = request.GET.get("actor", "")[:40]
        page = newest_first(selectors.audit_trail(text=text, kind=kind, actor=actor), request)
        for row in page.rows:
            row.subject_url = subject_url(row.subject, slug=self.programme.slug)
            row.label = selectors.command_label(row.name)
        kinds = ("", "staff", "api_key", "member", "job", "support", "desk")
        return self.page(
            {
                "list": page,
                "q": text,
                "kinds": [
                    {"code": one, "url": link(request, kind=one), "active": one == kind}
                    for one in kinds
                ],
            }
        )


class CommandView(DashboardView):
    """One line with all that is kept of it."""

    permission = "audit:read"
    template_name = "setup/audit_line.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.command_of_id(self.kwargs["command"])
        return self.page(
            {
                "line": row,
                "label": selectors.command_label(row.name),
                "url": subject_url(row.subject, slug=self.programme.slug),
                "changes": _pretty(row.changes),
                "result": _pretty(row.result) if self.may("programme:write") else "",
            }
        )


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""
