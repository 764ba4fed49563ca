"""The wizard that begins a programme, and its settings."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from loyalty.common.errors import DomainError, NotFound
from loyalty.ledger import figures
from loyalty.ledger.figures import AssetInfo
from loyalty.ledger.services import describe_asset
from loyalty.setup import forms, selectors, services
from loyalty.tenancy.models import User
from loyalty.web.brand import THEMES
from loyalty.web.forms import KEY_FIELD, MinorField, fresh_key, show_errors
from loyalty.web.navigation import home_url
from loyalty.web.pages import FormView, saved


class StartView(LoginRequiredMixin, View):
    """`/dashboard/start/`: a programme in one short page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(forms.StartForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.StartForm(request.POST)
        user = request.user
        assert isinstance(user, User)
        if form.is_valid():
            try:
                programme = services.start_programme(
                    user=user,
                    key=request.POST.get(KEY_FIELD, "")[:200] or fresh_key(),
                    new=services.NewProgramme(**form.described()),
                )
            except DomainError as error:
                show_errors(form, error)
            else:
                return HttpResponseRedirect(home_url("dashboard", programme.slug))
        return self._show(form, status=422)

    def _show(self, form: django_forms.Form, status: int = 200) -> HttpResponse:
        return render(self.request, "setup/start.html", {"form": form}, status=status)


class SettingsView(FormView):
    """All settings, each explained where it stands."""

    permission = "programme:write"
    template_name = "setup/settings.html"
    form_class = forms.SettingsForm

    def initial(self) -> dict[str, Any]:
        row = self.programme
        values = {one.name: getattr(row, one.name) for one in fields(services.Settings)}
        is_own = row.theme not in THEMES
        return values | {
            "revision": row.revision,
            "own_colour": row.theme if is_own else "",
            "theme": "" if is_own else row.theme,
        }

    def build_form(self, data: Any = None, files: Any = None) -> django_forms.Form:
        form = super().build_form(data, files)
        if selectors.has_sales():
            form.fields["currency"].disabled = True
            form.fields["currency"].help_text = _("Fixed, because something was sold already.")
        return form

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        base, slug = settings.BASE_URL, self.programme.slug
        return {
            "form": form,
            "assets": [one for one in figures.assets() if one.kind != "stamps"],
            "member_url": f"{base}/p/{slug}/",
            "till_url": f"{base}/till/{slug}/",
        }

    def act(self, form: Any) -> HttpResponse:
        wanted = {one.name: form.cleaned_data[one.name] for one in fields(services.Settings)}
        services.change_settings(
            self.call(),
            changes=services.Settings(**wanted),
            revision=form.cleaned_data["revision"],
        )
        return self.go("settings", text=saved())


class AssetView(FormView):
    """What one kind of points is called and worth."""

    permission = "programme:write"
    template_name = "setup/asset.html"
    form_class = forms.AssetForm

    def asset(self) -> AssetInfo:
        """The asset of the address. Raises ``NotFound``."""
        for one in figures.assets():
            if one.code == self.kwargs["asset"]:
                return one
        raise NotFound("asset_not_found", _("There is no such thing to hold."), field="asset")

    def initial(self) -> dict[str, Any]:
        one = self.asset()
        names = ("name_vi", "name_en", "value_minor", "value_units")
        return {name: getattr(one, name) for name in names}

    def build_form(self, data: Any = None, files: Any = None) -> django_forms.Form:
        form = super().build_form(data, files)
        form.fields["value_minor"] = MinorField(
            currency=self.programme.currency,
            label=_("Are worth"),
            help_text=_("0: members are told no worth."),
        )
        return form

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        return {"form": form, "asset": self.asset()}

    def act(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        describe_asset(
            self.call(),
            code=self.asset().code,
            name_vi=data["name_vi"],
            name_en=data["name_en"],
            value_minor=data["value_minor"],
            value_units=data["value_units"],
        )
        return self.go("settings", text=saved())
