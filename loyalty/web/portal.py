"""Bases of the members' pages: whose card this is, in which programme.

A page class writes ``get``/``post``; the base finds the programme of the address (unknown: 404),
opens its scope and time zone, and finds the card the log-in holds there. Without one a page that
needs it leads to the programme's own log-in. Apps add pages (``portal.py`` -> ``routes``), tabs
(``menu``, five at most) and panels (places ``home``, ``landing`` and ``profile``).
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from loyalty.commands.actor import Actor, job_actor, member_actor
from loyalty.common.errors import DomainError
from loyalty.tenancy import selectors
from loyalty.tenancy.models import Programme, User
from loyalty.tenancy.scope import every_programme, in_programme
from loyalty.web import navigation
from loyalty.web.accounts import home_of, is_trusted
from loyalty.web.domains import programme_of_host
from loyalty.web.pages import Choice, FaceView, FormPage

_GONE = ("merged", "erased")
_LONGEST_CODE = 40


class PortalView(FaceView):
    """A page for members of one programme; ``needs_member = False`` opens it to everyone."""

    face: ClassVar[navigation.Face] = "portal"
    needs_member: ClassVar[bool] = True

    member: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the programme and the card, open the scope, answer refusals."""
        self.request = request
        self.programme = _programme_here(request, kwargs.pop("programme"))
        request.programme = self.programme  # type: ignore[attr-defined]
        if "ref" in request.GET:
            request.session[_invitation(request)] = request.GET["ref"][:_LONGEST_CODE]
        with in_programme(self.programme), timezone.override(self.programme.timezone):
            self.member = card_of(request)
            if self.member is None and self.needs_member:
                return self._to_login()
            self.actor = self._actor()
            try:
                return super().dispatch(request, *args, **kwargs)
            except DomainError as error:
                return self.refused(error)

    def _actor(self) -> Actor:
        if self.member is None:
            return job_actor(self.programme, "portal")
        return member_actor(self.programme, self.member.public_id)

    def _to_login(self) -> HttpResponse:
        wanted = urlencode({"next": self.request.get_full_path()})
        return self.redirect(f"{self.url('login')}?{wanted}")

    def shell(self) -> dict[str, Any]:
        menu = []
        if self.member is not None:
            menu = navigation.menu_for("portal", actor=self.actor, path=self.request.path)
        home = navigation.home_url("portal", self.programme.slug)
        return {**super().shell(), "member": self.member, "menu": menu, "portal_home": home}


class PortalFormView(FormPage, PortalView):
    """A page of the portal around one form."""


def invited_by(request: HttpRequest) -> str:
    """The code of the link (``?ref=…``, on any page) that somebody came by; empty for none."""
    code: str = request.session.get(_invitation(request), "")
    return code


def _invitation(request: HttpRequest) -> str:
    return f"invitation:{request.programme.public_id}"  # type: ignore[attr-defined]


def card_of(request: HttpRequest) -> Any:
    """The card (a member) the log-in holds in the programme in scope; ``None`` where it has none."""
    if not isinstance(request.user, User):
        return None
    cards = request.user.cards.select_related("holder").exclude(state__in=_GONE)
    return cards.first()


def programmes_with_card(user: User) -> list[Programme]:
    """The programmes a log-in holds a card of, by name."""
    with every_programme():
        cards = user.cards.select_related("programme").exclude(state__in=_GONE)
        return sorted((card.programme for card in cards), key=lambda one: one.name.casefold())


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """`/`: the own domain's programme, what the log-in works or collects at, or what there is."""
    own = programme_of_host(request)
    if own is not None:
        return HttpResponseRedirect(navigation.home_url("portal", own.slug))
    if isinstance(request.user, User):
        home = home_of(request.user)
        return HttpResponseRedirect(home)
    choices = _choices(selectors.open_programmes())
    return render(request, "portal/root.html", {"choices": choices})


@require_safe
@login_required
def my_cards(request: HttpRequest) -> HttpResponse:
    """`/cards/`: every card of a log-in; with one there is nothing to choose."""
    user = request.user
    assert isinstance(user, User)
    choices = _choices(programmes_with_card(user))
    if len(choices) == 1 and "choose" not in request.GET:
        return HttpResponseRedirect(choices[0].url)
    context = {"choices": choices, "works": is_trusted(user), "home": home_of(user)}
    return render(request, "portal/cards.html", context)


def _choices(programmes: list[Programme]) -> list[Choice]:
    return [Choice(one.name, navigation.home_url("portal", one.slug)) for one in programmes]


def _programme_here(request: HttpRequest, slug: str) -> Programme:
    own = programme_of_host(request)
    found = selectors.find_programme(slug)
    if found is None or (own is not None and own.pk != found.pk):
        raise Http404
    return found
