"""The API's document and its page: OpenAPI 3.1 at ``schema/``, a browsable page at ``docs/``.

The page is Swagger UI from our own static files; its CSP allows what that needs and no other host.
"""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Document(SpectacularAPIView):
    """The OpenAPI document; public, like the page that shows it."""

    authentication_classes = ()
    permission_classes = ()


class DocumentPage(SpectacularSwaggerSplitView):
    """The browsable page."""

    authentication_classes = ()
    permission_classes = ()
    url_name = "api_schema"
    template_name = "api/docs.html"
