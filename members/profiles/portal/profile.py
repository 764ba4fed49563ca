"""A member's own particulars, consents, data and end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from loyalty.web.navigation import render_panels
from loyalty.web.pages import saved
from loyalty.web.portal import PortalFormView, PortalView
from members.profiles.portal.forms import EraseForm, ProfileForm
from members.profiles.portal.readable import readable
from members.profiles.rules import consents
from members.profiles.rules.cards import spaced
from members.profiles.rules.phones import national_form
from members.profiles.selectors import consents_now, identifiers_of, personal_data
from members.profiles.services import (
    ProfileChanges,
    erase_member,
    export_member_data,
    give_consent,
    renew_card_secret,
    update_member,
    withdraw_consent,
)


class ProfileView(PortalFormView):
    """Who I am, how I am recognised, what I agreed to."""

    template_name = "portal/profile.html"
    form_class = ProfileForm

    def initial(self) -> dict[str, Any]:
        names = ("name", "birthday", "gender", "language", "revision")
        return {name: getattr(self.member, name) for name in names}

    def context(self, form: forms.Form) -> dict[str, Any]:
        given = consents_now(self.member)
        country = self.programme.country
        shared = {**self.shell(), "form": form}
        return {
            "form": form,
            "identifiers": [(row, _shown(row.kind, row.value, country)) for row in self._mine()],
            "consents": [
                (one, one.text % {"programme": self.programme.name}, given.get(one.code))
                for one in consents.PURPOSES
            ],
            "panels": render_panels(
                "profile",
                actor=self.actor,
                subject=self.member,
                request=self.request,
                shared=shared,
                face="portal",
            ),
        }

    def act(self, form: ProfileForm) -> HttpResponse:
        values = form.cleaned_data
        update_member(
            self.call(),
            member=self.member.public_id,
            changes=ProfileChanges(
                name=values["name"],
                birthday=values["birthday"],
                clear_birthday=values["birthday"] is None,
                gender=values["gender"],
                language=values["language"],
            ),
            revision=values["revision"],
        )
        answer = self.go("profile", text=saved())
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            values["language"],
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
        return answer

    def _mine(self) -> list[Any]:
        return [row for row in identifiers_of(self.member) if row.kind != "external"]


class ConsentView(PortalView):
    """Agree to a purpose, or no longer."""

    def post(self, request: HttpRequest) -> HttpResponse:
        act = give_consent if request.POST.get("granted") == "yes" else withdraw_consent
        purpose = request.POST.get("purpose", "")[:40]
        act(self.call(), member=self.member.public_id, purpose=purpose, channel="portal")
        return self.go("profile", text=saved())


class RenewCodeView(PortalView):
    """My phone was lost: the codes it shows are worthless from now on."""

    def post(self, request: HttpRequest) -> HttpResponse:
        renew_card_secret(self.call(), member=self.member.public_id)
        return self.go("profile", text=_("Your card shows new codes now; the old ones are dead."))


class ExportView(PortalView):
    """Everything kept about me, to read."""

    template_name = "portal/data.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        sections = readable(personal_data(self.member))
        empty = [name for name, rows in sections if not rows]
        return self.page({"sections": sections, "empty": empty})


class ExportFileView(PortalView):
    """The same as a file; that it was taken is recorded."""

    def post(self, request: HttpRequest) -> HttpResponse:
        done = export_member_data(self.call(), member=self.member.public_id)
        data = {"exported_at": done.exported_at.isoformat(), **personal_data(self.member)}
        answer = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
        answer["Content-Disposition"] = f'attachment; filename="{self.programme.slug}-my-data.json"'
        answer["Cache-Control"] = "no-store"
        return answer


class EraseView(PortalFormView):
    """The end, asked twice."""

    template_name = "portal/erase.html"
    form_class = EraseForm

    def act(self, form: forms.Form) -> HttpResponse:
        erase_member(self.call(), member=self.member.public_id)
        logout(self.request)
        self.member = None
        return self.page(template="portal/erased.html")


def _shown(kind: str, value: str, country: str) -> str:
    if kind == "phone":
        return national_form(value, country=country)
    return spaced(value) if kind == "card" else value
