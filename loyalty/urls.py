"""Every address of the product."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from loyalty.web import look, styleguide

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("brand/<slug:colour>.css", look.brand_css, name="brand_css"),
    path("offline/", look.offline, name="offline"),
    path("dev/styleguide/", include(styleguide.urlpatterns)),
]
