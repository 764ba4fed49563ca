"""Papers to take along: a template as PDF. Nothing is fetched; what a paper needs is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from weasyprint import CSS, HTML


def pdf_file(
    name: str, *, template: str, context: Mapping[str, Any], request: HttpRequest
) -> HttpResponse:
    """A template in the look of statements, as a download called ``name``.pdf."""
    html = render_to_string(template, dict(context), request=request)
    looks = CSS(filename=str(finders.find("css/statement.css")))
    file = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=[looks])
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


def _fetch_nothing(url: str, *_args: Any, **_kwargs: Any) -> Any:
    raise ValueError(url)
