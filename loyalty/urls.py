"""Every address of the product. Faces are collected from the apps by file name."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from loyalty.web import health, look, portal, styleguide
from loyalty.web.api.addresses import by_first_word
from loyalty.web.api.document import Document, DocumentPage
from loyalty.web.discovery import modules_named
from loyalty.web.entrance import face_urls
from loyalty.web.navigation import routes_of

api_routes = [
    path("schema/", Document.as_view(), name="api_schema"),
    path("docs/", DocumentPage.as_view(), name="api_docs"),
    *[route for module in modules_named("api") for route in getattr(module, "routes", ())],
]

# Staff's admin is entered through the same door as everything else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("", portal.root, name="root"),
    path("cards/", portal.my_cards, name="my_cards"),
    path("p/<slug:programme>/", include((routes_of("portal"), "portal"))),
    path("admin/", admin.site.urls),
    path("api/v1/", include(by_first_word(api_routes))),
    path("dashboard/", include(face_urls("dashboard"))),
    path("till/", include(face_urls("till"))),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("brand/<slug:colour>.css", look.brand_css, name="brand_css"),
    path("offline/", look.offline, name="offline"),
    path("dev/styleguide/", include(styleguide.urlpatterns)),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("loyalty.demo.urls")))
handler404 = "loyalty.web.api.fallbacks.not_found"
handler500 = "loyalty.web.api.fallbacks.server_error"
