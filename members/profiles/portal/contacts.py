"""A member's own ways of being recognised: added only once proven, and the old ones are told."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError
from loyalty.web.forms import show_errors
from loyalty.web.portal import PortalFormView, PortalView
from members.profiles.gateways import sms_gateway
from members.profiles.models import Member
from members.profiles.portal.codes import (
    Pending,
    check_code,
    pending_code,
    read_contact,
    send_code,
)
from members.profiles.portal.forms import CodeForm, ContactForm
from members.profiles.rules.names import mask
from members.profiles.selectors import identifiers_of
from members.profiles.services import add_identifier, remove_identifier

ADD = "add"


class AddContactView(PortalFormView):
    """Which address or number shall be added?"""

    template_name = "portal/contact_add.html"
    form_class = ContactForm

    def form_options(self) -> dict[str, Any]:
        return {"by_phone": sms_gateway() is not None}

    def act(self, form: ContactForm) -> HttpResponse:
        kind, value = read_contact(form.cleaned_data["contact"], programme=self.programme)
        to = Pending(kind=kind, value=value)
        send_code(self.request, programme=self.programme, purpose=ADD, to=to)
        return self.go("contact_prove")


class ProveContactView(PortalFormView):
    """The code that came to the new address or number."""

    template_name = "portal/code.html"
    form_class = CodeForm

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return super().get(request, **kwargs) if self._pending() else self.go("contact_add")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pending = self._pending()
        if pending is None:
            return self.go("contact_add")
        if request.POST.get("action") == "resend":
            try:
                send_code(request, programme=self.programme, purpose=ADD, to=pending)
            except DomainError as error:
                form = self.build_form({})
                show_errors(form, error)
                return self.page(self.context(form), status=HTTPStatus.TOO_MANY_REQUESTS)
            return self.go("contact_prove", text=_("A new code is on its way."))
        return super().post(request, **kwargs)

    def context(self, form: forms.Form) -> dict[str, Any]:
        pending = self._pending()
        return {"form": form, "hint": pending.hint if pending else "", "adding": True}

    def act(self, form: CodeForm) -> HttpResponse:
        proven = check_code(
            self.request, programme=self.programme, purpose=ADD, typed=form.cleaned_data["code"]
        )
        before = _addresses(self.member)
        add_identifier(
            self.call(),
            member=self.member.public_id,
            kind=proven.kind,
            value=proven.value,
            verified=True,
        )
        text = _("%(contact)s now belongs to your card.") % {"contact": proven.hint}
        tell(before, programme=self.programme, text=text)
        return self.go("profile", text=text)

    def _pending(self) -> Pending | None:
        return pending_code(self.request, programme=self.programme, purpose=ADD)


class RemoveContactView(PortalView):
    """Forget one address or number; it is told so."""

    def post(self, request: HttpRequest) -> HttpResponse:
        kind, value = request.POST.get("kind", "")[:8], request.POST.get("value", "")[:254]
        before = _addresses(self.member)
        remove_identifier(self.call(), member=self.member.public_id, kind=kind, value=value)
        text = _("%(contact)s no longer belongs to your card.") % {"contact": mask(kind, value)}
        tell(before, programme=self.programme, text=text)
        return self.go("profile", text=text)


def tell(addresses: list[str], *, programme: Any, text: str) -> None:
    """Write to addresses that were on the card before, so that a thief is noticed."""
    context = {"text": text, "programme": programme}
    for address in addresses:
        letter = EmailMultiAlternatives(
            subject=_("Your card at %(programme)s was changed") % {"programme": programme.name},
            body=render_to_string("portal/email/changed.txt", context),
            to=[address],
        )
        html = render_to_string("portal/email/changed.html", context)
        letter.attach_alternative(html, "text/html")
        letter.send()


def _addresses(member: Member) -> list[str]:
    return [row.value for row in identifiers_of(member) if row.kind == "email"]
