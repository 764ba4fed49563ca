"""Locations."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpResponse

from loyalty.setup import forms, selectors, services
from loyalty.web.pages import FormView, saved


class LocationsView(FormView):
    """All places, and a form for one more."""

    permission = "locations:read"
    write_permission = "locations:write"
    template_name = "setup/locations.html"
    form_class = forms.LocationForm

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        rows = selectors.locations(merchant_id=self.staff.merchant_id)
        return {"form": form, "locations": rows}

    def act(self, form: Any) -> HttpResponse:
        services.add_location(self.call(), location=services.LocationInput(**form.cleaned_data))
        return self.go("locations", text=saved())


class LocationView(FormView):
    """One place."""

    permission = "locations:read"
    write_permission = "locations:write"
    template_name = "setup/location.html"
    form_class = forms.LocationForm

    def initial(self) -> dict[str, Any]:
        row = self._row()
        return {name: getattr(row, name) for name in ("name", "code", "is_active")}

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        return {"form": form, "place": self._row()}

    def act(self, form: Any) -> HttpResponse:
        services.change_location(
            self.call(),
            target=self.kwargs["location"],
            location=services.LocationInput(**form.cleaned_data),
        )
        return self.go("locations", text=saved())

    def _row(self) -> Any:
        return selectors.location_of_id(self.kwargs["location"], merchant_id=self.staff.merchant_id)
