"""The door for a WSGI server: `gunicorn loyalty.wsgi`."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")

if settings.IS_PUBLIC and not (settings.STATIC_ROOT / "staticfiles.json").exists():
    # Every page names its looks by the collected files: without them each would be a 500.
    raise ImproperlyConfigured(
        f"The looks of the pages are not collected in {settings.STATIC_ROOT} yet. "
        "Run: manage.py collectstatic --no-input"
    )

application = get_wsgi_application()
