"""Coming in: log-in by one-time code, and joining with the same code in the same step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any, ClassVar

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError, Refused
from loyalty.tenancy.models import User
from loyalty.web.accounts import (
    is_trusted,
    login_of_address,
    login_without_address,
    proven_address,
)
from loyalty.web.devices import device_of, keep_device
from loyalty.web.forms import fresh_key, show_errors
from loyalty.web.portal import PortalFormView, invited_by
from members.profiles.gateways import sms_gateway
from members.profiles.models import Member
from members.profiles.portal.codes import (
    Pending,
    check_code,
    pending_code,
    read_contact,
    send_code,
)
from members.profiles.portal.forms import CodeForm, ContactForm, JoinForm
from members.profiles.selectors import (
    app_of_code,
    identifier_owner,
    location_or_nothing,
    member_of_user,
    takes_codes,
)
from members.profiles.services import ConsentGiven, NewMember, enrol_member, link_login

ENTER = "enter"


class EntranceView(PortalFormView):
    """What log-in, joining and the code page share."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.member is not None:
            return self.redirect(self.next_url())
        return super().get(request, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.member is not None:
            return self.redirect(self.next_url())
        return super().post(request, **kwargs)

    def next_url(self) -> str:
        """Where to go afterwards: the page that was wanted, else the card."""
        wanted = self.request.GET.get("next") or self.request.POST.get("next", "")
        home = self.url("home")
        hosts = {self.request.get_host()}
        is_ours = url_has_allowed_host_and_scheme(wanted, hosts, self.request.is_secure())
        return wanted if is_ours and wanted.startswith(home) else home

    def context(self, form: forms.Form) -> dict[str, Any]:
        return {"form": form, "next": self.next_url()}

    def send(self, contact: str, **data: Any) -> HttpResponse:
        """Send a code and go on to where it is typed."""
        kind, value = read_contact(contact, programme=self.programme)
        to = Pending(kind=kind, value=value, data={"next": self.next_url(), **data})
        send_code(self.request, programme=self.programme, purpose=ENTER, to=to)
        return self.go("code")

    def enter(self, proven: Pending) -> HttpResponse:
        """The contact is proven: find or make the card, and log in."""
        owner = identifier_owner(proven.kind, proven.value)
        join = proven.data.get("join")
        if owner is None and join is None:
            # Known by nobody here: they may join, and need no second code for it.
            self.request.session[_proven_slot(self.programme.public_id)] = {
                "kind": proven.kind,
                "value": proven.value,
            }
            return self.go("join")
        user = _login_for(proven, owner)
        if owner is not None and join and join.get("code"):
            messages.info(
                self.request, _("You have a card here already, so the invitation does not count.")
            )
        if owner is None:
            held = member_of_user(user.pk)
            if held is None:
                assert join is not None
                self._enrol(_person(proven, join, user))
        elif owner.user_id is None and member_of_user(user.pk) is None:
            link_login(
                self._as_portal(), member=owner.public_id, user_id=user.pk, proven=proven.kind
            )
        if self.request.user.is_authenticated and self.request.user.pk == user.pk:
            return self.redirect(proven.data.get("next") or self.url("home"))
        answer: HttpResponse = perform_login(
            self.request,
            user,
            email_verification="none",
            redirect_url=proven.data.get("next") or self.url("home"),
        )
        return answer

    def _enrol(self, person: NewMember) -> None:
        """A code that does not count is no reason to turn anybody away: they are told, and join."""
        try:
            enrol_member(self._as_portal(), person=person)
        except DomainError as refusal:
            if refusal.field != "code":
                raise
            enrol_member(self._as_portal(), person=replace(person, code=""))
            messages.info(self.request, str(refusal.message))

    def _as_portal(self) -> Call:
        return Call(job_actor(self.programme, "portal"), fresh_key())


class LoginView(EntranceView):
    """Where shall the code go?"""

    template_name = "portal/login.html"
    form_class = ContactForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.member is None and request.user.is_authenticated:
            return self.go("join")
        return super().get(request, **kwargs)

    def form_options(self) -> dict[str, Any]:
        return {"by_phone": sms_gateway() is not None}

    def act(self, form: ContactForm) -> HttpResponse:
        return self.send(form.cleaned_data["contact"])


class CodeView(EntranceView):
    """The code that came."""

    template_name = "portal/code.html"
    form_class = CodeForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self._pending() is None:
            return self.go("login")
        return super().get(request, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pending = self._pending()
        if pending is None:
            return self.go("login", text=_("Ask for a new code."), tone="info")
        if request.POST.get("action") == "resend":
            try:
                send_code(request, programme=self.programme, purpose=ENTER, to=pending)
            except DomainError as error:
                form = self.build_form({})
                show_errors(form, error)
                return self.page(self.context(form), status=HTTPStatus.TOO_MANY_REQUESTS)
            return self.go("code", text=_("A new code is on its way."))
        return super().post(request, **kwargs)

    def context(self, form: forms.Form) -> dict[str, Any]:
        pending = self._pending()
        return {"form": form, "hint": pending.hint if pending else ""}

    def act(self, form: CodeForm) -> HttpResponse:
        proven = check_code(
            self.request,
            programme=self.programme,
            purpose=ENTER,
            typed=form.cleaned_data["code"],
        )
        return self.enter(proven)

    def _pending(self) -> Pending | None:
        return pending_code(self.request, programme=self.programme, purpose=ENTER)


class JoinView(EntranceView):
    """Join: name, contact, consents; then the code, and the card is there."""

    template_name = "portal/join.html"
    form_class = JoinForm

    def form_options(self) -> dict[str, Any]:
        proven = self._proven()
        return {
            "programme": self.programme,
            "proven": proven.value if proven else "",
            "by_phone": sms_gateway() is not None,
            "takes_codes": takes_codes(),
        }

    def initial(self) -> dict[str, Any]:
        return {"code": invited_by(self.request)}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, **kwargs)
        keep_device(request, answer)
        return answer

    def context(self, form: forms.Form) -> dict[str, Any]:
        proven = self._proven()
        return {
            **super().context(form),
            "closed": not self.programme.is_open,
            "hint": proven.hint if proven else "",
            "consent_fields": [form[name] for name in form.fields if name.startswith("consent_")],
            "version_fields": [form[name] for name in form.fields if name.startswith("version_")],
        }

    def act(self, form: JoinForm) -> HttpResponse:
        if not self.programme.is_open:
            raise Refused("programme_closed", _("This programme takes no new members at present."))
        values = form.cleaned_data
        code = values.get("code", "").strip()
        if code:
            app_of_code(code)  # a mistyped one is told before a letter is sent
        birthday: date | None = values["birthday"]
        join = {
            "name": values["name"],
            "birthday": birthday.isoformat() if birthday else "",
            "consents": form.agreed(),
            "location": location_or_nothing(self.request.GET.get("at", "")),
            "code": code,
            "device": device_of(self.request),
        }
        proven = self._proven()
        if proven is None:
            return self.send(values["contact"], join=join)
        self.request.session.pop(_proven_slot(self.programme.public_id), None)
        return self.enter(
            Pending(kind=proven.kind, value=proven.value, data={"join": join, "next": ""})
        )

    def _proven(self) -> Pending | None:
        """What this visitor has proven already: by a code just now, or by being logged in."""
        kept = self.request.session.get(_proven_slot(self.programme.public_id))
        if kept:
            return Pending(kind=kept["kind"], value=kept["value"])
        user = self.request.user
        address = proven_address(user) if isinstance(user, User) else ""
        return Pending(kind="email", value=address) if address else None


def _proven_slot(programme: str) -> str:
    return f"proven:{programme}"


def _login_for(proven: Pending, owner: Member | None) -> User:
    """The log-in that the proven contact opens. Raises ``Refused`` for one that opens more."""
    held = owner.user if owner is not None else None
    if held is not None:
        # A number read from a lost SIM must not open a shop's dashboard.
        if is_trusted(held) and (proven.kind, proven.value) != ("email", held.email):
            raise Refused(
                "use_own_address",
                _("This card belongs to an account of staff. Log in with its own e-mail."),
                field="code",
            )
        return held
    return login_of_address(proven.value) if proven.kind == "email" else login_without_address()


def _person(proven: Pending, join: dict[str, Any], user: User) -> NewMember:
    return NewMember(
        name=join["name"],
        birthday=date.fromisoformat(join["birthday"]) if join["birthday"] else None,
        language=(get_language() or "")[:2],
        consents=tuple(ConsentGiven(purpose=p, version=v) for p, v in join["consents"]),
        location=join.get("location", ""),
        code=join.get("code", ""),
        device=join.get("device", ""),
        channel="portal",
        verified=(proven.kind,),
        user_id=user.pk,
        phone=proven.value if proven.kind == "phone" else "",
        email=proven.value if proven.kind == "email" else "",
    )
