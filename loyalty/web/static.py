"""Which static files are collected: ours and those our pages load, not all that the packages bring."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Leaves out what no page of ours loads; it is most of the bytes and of the time to compress."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "django_htmx",  # htmx is vendored with the rest of the front-end
        "drf_spectacular_sidecar/redoc",  # the API is shown by Swagger UI
        "rest_framework",  # the browsable API is off
    ]
