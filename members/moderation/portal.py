"""Photos as everybody sees them; reporting what is not right; whom I do not want to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from loyalty.web.pace import slow_down
from loyalty.web.photos import read_photo
from loyalty.web.portal import PortalFormView, PortalView
from members.moderation import selectors, services
from members.moderation.forms import ReportForm
from members.profiles.models import Member


class PhotoView(PortalView):
    """A photo; held back it is seen by its sender alone."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_photo(self.kwargs["photo"], viewer=self.member)
        return picture(row.file)


class ReportView(PortalFormView):
    """Tell staff that something is not right."""

    template_name = "moderation/report.html"
    form_class = ReportForm

    def context(self, form: forms.Form) -> dict[str, Any]:
        thing = selectors.thing_of(self.kwargs["kind"], self.kwargs["subject"])
        return {"form": form, "thing": thing, "back": self._back(thing)}

    def act(self, form: ReportForm) -> HttpResponse:
        slow_down(self.request)
        kind, subject = self.kwargs["kind"], self.kwargs["subject"]
        thing = selectors.thing_of(kind, subject)
        services.report_thing(
            self.call(),
            member=self.member.public_id,
            kind=kind,
            subject=subject,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
        )
        if form.cleaned_data["block"]:
            services.block_member(
                self.call(suffix=":block"), member=self.member.public_id, other=thing.author
            )
        return self.go(self._back(thing), text=_("Thank you. We will look at it."))

    def _back(self, thing: selectors.Thing) -> str:
        if not thing.route or thing.route[0] == "photo":
            return self.url("home")
        return self.url(*thing.route)


class BlockView(PortalView):
    """Read somebody no more, or again."""

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        me, other = self.member.public_id, request.POST.get("other", "")[:40]
        if request.POST.get("act") == "unblock":
            services.unblock_member(self.call(), member=me, other=other)
            return self.go("profile", text=_("You read them again."))
        services.block_member(self.call(), member=me, other=other)
        return self.go("profile", text=_("You do not read them any more."))


def picture(file: str) -> HttpResponse:
    """The bytes of a photo as an answer that nothing can be run from."""
    try:
        raw = read_photo(file)
    except FileNotFoundError as error:
        raise Http404 from error
    answer = HttpResponse(raw, content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _blocked(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.blocks_of(member)
    return {"blocks": found} if found else None


routes = [
    path("photos/<str:photo>/", PhotoView.as_view(), name="photo"),
    path("report/<slug:kind>/<str:subject>/", ReportView.as_view(), name="report"),
    path("blocks/", BlockView.as_view(), name="blocks"),
]
panels = (Panel(place="profile", template="moderation/blocks.html", context=_blocked, order=80),)
