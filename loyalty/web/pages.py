"""Bases of every dashboard and till page: who is here, in which programme, and what went wrong.

A page class says its ``permission`` and ``template_name`` and writes ``get``/``post``; the base
finds the log-in's role in the programme of the address (none: 404), opens the tenant scope and the
programme's time zone for the request, and turns refusals of the domain into something to read.
Every form carries a hidden key (``{% form_key %}``), so that sending it twice acts once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from loyalty.commands.actor import Actor, staff_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError, Forbidden, NotFound
from loyalty.tenancy import selectors
from loyalty.tenancy.models import Programme, Staff, User
from loyalty.tenancy.scope import in_programme
from loyalty.web import navigation
from loyalty.web.forms import KEY_FIELD, fresh_key, show_errors

LAST_PROGRAMME = "last_programme"


@dataclass(frozen=True)
class Choice:
    """A programme to go to."""

    name: str
    url: str


class FaceView(View):
    """What every page of the dashboard, the till and the portal can do."""

    face: ClassVar[navigation.Face]
    template_name: ClassVar[str] = ""
    # Rendered instead of the whole page when htmx asks.
    partial_name: ClassVar[str] = ""

    request: HttpRequest
    actor: Actor
    programme: Programme

    def call(self, *, suffix: str = "", dry_run: bool = False) -> Call:
        """The call of a command for this submission, under the form's hidden key.

        ``suffix`` tells several commands of one submission apart.
        """
        key = self.request.POST.get(KEY_FIELD) or fresh_key()
        return Call(self.actor, f"{key[:200]}{suffix}", dry_run=dry_run)

    def may(self, permission: str) -> bool:
        """May the person here do this? Templates ask ``view.may_<…>`` or are told."""
        return self.actor.may(permission)

    def page(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        template: str = "",
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """The page, or its partial when htmx asks for a part of it."""
        wanted = template or (self.is_partial and self.partial_name) or self.template_name
        return render(self.request, wanted, {**self.shell(), **(context or {})}, status=status)

    @property
    def is_partial(self) -> bool:
        """Does htmx ask for a part of the page (and not for a boosted or restored page)?"""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers

    def shell(self) -> dict[str, Any]:
        """What the shell's templates read."""
        return {"view": self, "actor": self.actor, "programme": self.programme}

    def url(self, name: str, *args: Any) -> str:
        """An address of this face in this programme: ``self.url("reward", reward.public_id)``."""
        return reverse(f"{self.face}:{name}", args=[self.programme.slug, *args])

    def go(self, name: str, *args: Any, text: str = "", tone: str = "success") -> HttpResponse:
        """On to another page, with a toast. ``name`` may also be a full path."""
        if text:
            messages.add_message(self.request, getattr(messages, tone.upper()), text)
        return self.redirect(name if name.startswith("/") else self.url(name, *args))

    def redirect(self, url: str) -> HttpResponse:
        """A redirect the browser follows, also from an htmx answer."""
        if self.is_partial:
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def refused(self, error: DomainError) -> HttpResponse:
        """A refusal no form caught: a page, or a toast where one came from."""
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, Forbidden):
            context = {"message": str(error.message), "programme": self.programme}
            return render(self.request, "403.html", context, status=HTTPStatus.FORBIDDEN)
        if self.is_partial:
            toast = {"toast": {"text": str(error.message), "tone": "error"}}
            headers = {"HX-Trigger": json.dumps(toast), "HX-Reswap": "none"}
            return HttpResponse(status=HTTPStatus.OK, headers=headers)
        messages.error(self.request, str(error.message))
        return HttpResponseRedirect(self._where_from())

    def _where_from(self) -> str:
        came_from = self.request.headers.get("Referer", "")
        host = {self.request.get_host()}
        if url_has_allowed_host_and_scheme(came_from, host, self.request.is_secure()):
            return came_from
        return self.request.path if self.request.method == "POST" else f"/{self.face}/"


class StaffView(FaceView):
    """A page for staff of one programme. Use :class:`DashboardView` or :class:`TillView`."""

    # What one must hold to see the page, and (``write_permission``) to send something from it.
    permission: ClassVar[str] = ""
    write_permission: ClassVar[str] = ""
    staff: Staff

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the role, open the scope, check the permission, answer refusals."""
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        staff = selectors.find_role(user=user, slug=kwargs.pop("programme"))
        if staff is None:
            raise Http404
        self.staff, self.programme, self.actor = staff, staff.programme, staff_actor(staff)
        request.programme = staff.programme  # type: ignore[attr-defined]
        if request.session.get(LAST_PROGRAMME) != staff.programme.slug:
            request.session[LAST_PROGRAMME] = staff.programme.slug
        with (
            in_programme(staff.programme, merchant_id=self.actor.confined_to),
            timezone.override(staff.programme.timezone),
        ):
            try:
                self._check_permission(request)
                return super().dispatch(request, *args, **kwargs)
            except DomainError as error:
                return self.refused(error)

    def _check_permission(self, request: HttpRequest) -> None:
        if self.permission:
            self.actor.require(self.permission)
        if self.write_permission and request.method not in ("GET", "HEAD", "OPTIONS"):
            self.actor.require(self.write_permission)

    def shell(self) -> dict[str, Any]:
        staff = self.staff
        return {
            **super().shell(),
            "staff": staff,
            "merchant": staff.merchant,
            "location": staff.location,
        }


class DashboardView(StaffView):
    """A page of the dashboard, inside the side bar."""

    face: ClassVar[navigation.Face] = "dashboard"
    permission: ClassVar[str] = "programme:read"

    def shell(self) -> dict[str, Any]:
        menu = navigation.menu_for("dashboard", actor=self.actor, path=self.request.path)
        found = selectors.programmes_of(self.staff.user, permission=DashboardView.permission)
        # By what it is: two programmes may have one name.
        others = [
            Choice(one.name, navigation.home_url("dashboard", one.slug))
            for one in found
            if one.pk != self.programme.pk
        ]
        return {**super().shell(), "menu": menu, "other_programmes": others}


class TillView(StaffView):
    """A page of the till: large, few, made for one hand."""

    face: ClassVar[navigation.Face] = "till"
    permission: ClassVar[str] = "members:read"


class FormPage(FaceView):
    """A page around one form: shows it, checks it, acts, and tells what the domain refused.

    A subclass gives ``form_class``, ``template_name`` and :meth:`act`; for an edit also
    :meth:`initial`. What :meth:`act` raises lands on the form's fields by the error's ``field``.
    """

    form_class: ClassVar[type[forms.Form]]

    def initial(self) -> dict[str, Any]:
        """The values the form starts with."""
        return {}

    def form_options(self) -> dict[str, Any]:
        """More arguments of the form."""
        return {}

    def build_form(self, data: Any = None, files: Any = None) -> forms.Form:
        """The form, bound when something was sent."""
        return self.form_class(data, files, initial=self.initial(), **self.form_options())

    def context(self, form: forms.Form) -> dict[str, Any]:
        """What the template reads besides the shell."""
        return {"form": form}

    def act(self, form: Any) -> HttpResponse:
        """Do what was asked with ``form.cleaned_data`` and answer (mostly ``self.go(…)``)."""
        raise NotImplementedError

    def tell(self, form: Any, error: DomainError) -> None:
        """Put a refusal where it belongs; a form of rows (``told_to``) knows better which row that is."""
        told = getattr(form, "told_to", None)
        if told is None:
            show_errors(form, error)
        else:
            told(error)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(self.context(self.build_form()))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        form = self.build_form(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self.act(form)
            except (NotFound, Forbidden) as error:
                if error.field.split(".")[0] not in form.fields:
                    raise
                self.tell(form, error)
            except DomainError as error:
                self.tell(form, error)
        return self.page(self.context(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)


class FormView(FormPage, DashboardView):
    """A page of the dashboard around one form."""


def saved() -> str:
    """The words after something was saved."""
    return _("Saved.")
