"""The e-mail club on the members' pages. Whatever opens a link changes nothing: a button does."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now
from loyalty.common.errors import DomainError, Refused
from loyalty.web.forms import fresh_key
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalFormView, PortalView
from members.messaging import selectors, services
from members.messaging.forms import TOPIC_CHOICES, JoinClubForm
from members.messaging.gateways.letters import send_confirmation
from members.messaging.rules import TOPIC_NAMES, Asked, read_confirm_token, read_mail_token
from members.profiles.models import Member
from members.profiles.rules.consents import network_of
from members.profiles.rules.names import normalise_email
from members.profiles.selectors import identifier_owner


def _speak(request: HttpRequest, language: str) -> None:
    """A page a letter led to speaks the letter's language, unless the reader has chosen one here."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        activate(language)
        request.LANGUAGE_CODE = get_language()


def _network(request: HttpRequest) -> str:
    return network_of(request.META.get("REMOTE_ADDR", ""))


class JoinClubView(PortalFormView):
    """Join by an address; the answer is the same whether it is known or not.

    An address nobody has comes onto the card of who is logged in. One that is on another card joins that one.
    The code a till shows leads here for everybody: did it stand for the card on the screen, whoever took
    a picture of it could put an address of their own on that card, and log in with it.
    """

    needs_member: ClassVar[bool] = False
    template_name = "messaging/join.html"
    form_class = JoinClubForm

    def form_options(self) -> dict[str, Any]:
        return {"programme": self.programme}

    def initial(self) -> dict[str, Any]:
        return {"email": selectors.email_of(self.member) if self.member else ""}

    def act(self, form: forms.Form) -> HttpResponse:
        address = normalise_email(form.cleaned_data["email"])
        if not ratelimit.consume(self.request, action="portal_code", key=address):
            raise Refused("too_many_tries", _("Too many tries. Please wait a few minutes."))
        source = self.request.GET.get("from", "")[:40] or "portal"
        owner = identifier_owner("email", address)
        if owner is not None:
            self._ask(owner, source)
        elif self.member is not None:
            if (
                self.member.state == Member.State.ACTIVE
            ):  # on hold: the page says the same to everybody
                self._write(address, source, member=self.member.public_id)
        elif self.programme.is_open:
            self._write(address, source)
        return self.page({"address": address}, template="messaging/asked.html")

    def _write(self, address: str, source: str, *, member: str = "") -> None:
        asked = Asked(
            programme=self.programme.public_id,
            address=address,
            member=member,
            topics=TOPIC_NAMES,
            language=(get_language() or "vi")[:2],
            source=source,
            network=_network(self.request),
            at=now(),
            is_new=bool(member),
        )
        send_confirmation(self.programme, asked)

    def _ask(self, owner: Member, source: str) -> None:
        call = Call(job_actor(self.programme, "e-mail club"), fresh_key())
        try:
            services.ask(
                call, member=owner.public_id, source=source, network=_network(self.request)
            )
        except DomainError:  # a card on hold: the page says the same to everybody
            return


class ConfirmClubView(PortalView):
    """The link of the letter: reading it confirms nothing (scanners read too), its button does."""

    needs_member: ClassVar[bool] = False
    template_name = "messaging/confirm.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            asked = self._asked()
        except Refused as error:
            return _dead(self, error)
        return self.page({"address": asked.address})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            self._asked()
            services.confirm(programme=self.programme, token=self.kwargs["token"])
        except DomainError as error:
            return _dead(self, error)
        return self.page(template="messaging/confirmed.html")

    def _asked(self) -> Asked:
        asked = read_confirm_token(
            self.kwargs["token"], programme=self.programme.public_id, now=now()
        )
        _speak(self.request, asked.language)
        return asked


class MailClubView(PortalView):
    """The link below every letter: topics, and out in one click, without a log-in.

    A mailbox's own button (RFC 8058) sends ``List-Unsubscribe=One-Click`` here; it has no cookie and
    no token of ours but the one in the address, which is why this page alone asks for no other.
    """

    needs_member: ClassVar[bool] = False
    template_name = "messaging/preferences.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            member, _newsletter = read_mail_token(self.kwargs["token"])
        except Refused as error:
            return _dead(self, error)
        return self.page(_standing(self._reader(member)))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            member, newsletter = read_mail_token(self.kwargs["token"])
        except Refused as error:
            return _dead(self, error)
        row = self._reader(member)
        if row is None:
            return self.page(template="messaging/left.html")
        call = Call(job_actor(self.programme, "e-mail club"), fresh_key())
        about: dict[str, Any] = {"source": "letter", "network": _network(request)}
        if request.POST.get("act") == "topics":
            topics = [one for one in request.POST.getlist("topics") if one in TOPIC_NAMES]
            services.choose_topics(call, member=row.public_id, topics=topics, **about)
            return self.page({**_standing(row), "is_saved": True})
        services.leave(call, member=row.public_id, newsletter=newsletter, **about)
        return self.page(template="messaging/left.html")

    def _reader(self, member: str) -> Member | None:
        row = selectors.living(member)
        if row is not None:
            _speak(self.request, row.language)
        return row


class PreferencesView(PortalView):
    """The same for who is logged in."""

    template_name = "messaging/preferences.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({**_standing(self.member), "is_mine": True})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act, me = request.POST.get("act", ""), self.member.public_id
        about: dict[str, Any] = {"source": "portal", "network": _network(request)}
        if act == "topics":
            topics = [one for one in request.POST.getlist("topics") if one in TOPIC_NAMES]
            services.choose_topics(self.call(), member=me, topics=topics, **about)
            return self.go("club_preferences", text=_("Saved."))
        if act == "join":
            services.ask(self.call(), member=me, **about)
            return self.go("club_preferences", text=_("We wrote to you. Press the button there."))
        services.leave(self.call(), member=me, **about)
        return self.go("club_preferences", text=_("You get no more letters."))


def _standing(member: Member | None) -> dict[str, Any]:
    club = selectors.subscription_of(member) if member else None
    chosen = club.topics if club else []
    return {
        "club": club,
        "topics": [(code, label, code in chosen) for code, label in TOPIC_CHOICES],
        "has_address": bool(member and selectors.email_of(member)),
    }


def _dead(view: PortalView, error: DomainError) -> HttpResponse:
    """A link that does not work any more, and the way to a new one."""
    context = {"message": str(error.message)}
    return view.page(context, template="messaging/dead.html", status=HTTPStatus.GONE)


def _panel(actor: Actor, member: Member) -> dict[str, Any]:
    return {"club": selectors.subscription_of(member)}


routes = [
    path("club/", JoinClubView.as_view(), name="club"),
    path("club/preferences/", PreferencesView.as_view(), name="club_preferences"),
    path("club/confirm/<str:token>/", ConfirmClubView.as_view(), name="club_confirm"),
    path("club/mail/<str:token>/", csrf_exempt(MailClubView.as_view()), name="club_mail"),
]
panels = (Panel(place="profile", template="messaging/profile.html", context=_panel, order=40),)
