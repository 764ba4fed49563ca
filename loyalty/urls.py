"""Every address of the product."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from loyalty.web import look, styleguide
from loyalty.web.entrance import face_urls

urlpatterns = [
    path("admin/", admin.site.urls),
    path("dashboard/", include(face_urls("dashboard"))),
    path("till/", include(face_urls("till"))),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("brand/<slug:colour>.css", look.brand_css, name="brand_css"),
    path("offline/", look.offline, name="offline"),
    path("dev/styleguide/", include(styleguide.urlpatterns)),
]
