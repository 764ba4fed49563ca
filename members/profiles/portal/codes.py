"""One-time codes: six digits to an e-mail address or a phone, good once, for ten minutes.

The code is kept (as a keyed digest) in the visitor's session, so it works in the very browser that
asked for it. Everybody is sent one, known or not: the answer and the work are the same, and nobody
can learn from this page who is a member.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from allauth.core import ratelimit
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.common.clock import now
from loyalty.common.errors import Invalid, Refused
from loyalty.tenancy.models import Programme
from members.profiles.gateways import sms_gateway
from members.profiles.rules.names import mask, normalise_email
from members.profiles.rules.phones import normalise_phone

MINUTES = 10
MOST_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A code that is on its way, and what shall happen once it is typed."""

    kind: str
    value: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        """Where it went, masked."""
        return mask(self.kind, self.value)


def read_contact(text: str, *, programme: Programme, field: str = "contact") -> tuple[str, str]:
    """An e-mail address or phone number as kind and value. Raises ``Invalid``."""
    if "@" in text:
        return "email", normalise_email(text, field=field)
    if sms_gateway() is None:
        raise Invalid("bad_email", _("Type your e-mail address."), field=field)
    return "phone", normalise_phone(text, country=programme.country, field=field)


def send_code(request: HttpRequest, *, programme: Programme, purpose: str, to: Pending) -> None:
    """Send a fresh code; one sent before is worthless from here on.

    Raises ``Refused``: ``too_many_tries``, ``sms_failed``.
    """
    _slow_down(request, "portal_code", to.value)
    code = f"{secrets.randbelow(1_000_000):06d}"
    request.session[_slot(programme, purpose)] = {
        "pending": asdict(to),
        "digest": _digest(to.value, code),
        "until": (now() + timedelta(minutes=MINUTES)).timestamp(),
        "tries": 0,
    }
    if to.kind == "email":
        _send_letter(to.value, code, programme)
        return
    gateway = sms_gateway()
    assert gateway is not None
    text = _("%(code)s is your code for %(programme)s. Do not give it to anyone.")
    gateway.send(to=to.value, text=text % {"code": code, "programme": programme.name})


def pending_code(request: HttpRequest, *, programme: Programme, purpose: str) -> Pending | None:
    """What waits for its code in this browser."""
    kept = request.session.get(_slot(programme, purpose))
    return Pending(**kept["pending"]) if kept else None


def check_code(request: HttpRequest, *, programme: Programme, purpose: str, typed: str) -> Pending:
    """Take the code. Raises ``Invalid`` (wrong) and ``Refused`` (too late, too many tries)."""
    slot = _slot(programme, purpose)
    kept = request.session.get(slot)
    if kept is None or kept["until"] < now().timestamp():
        request.session.pop(slot, None)
        raise _expired()
    value = kept["pending"]["value"]
    _slow_down(request, "portal_code_try", value)
    digits = "".join(sign for sign in typed if sign.isdigit())
    if not constant_time_compare(_digest(value, digits), kept["digest"]):
        kept["tries"] += 1
        if kept["tries"] >= MOST_TRIES:
            del request.session[slot]
            raise _expired()
        request.session[slot] = kept
        raise Invalid("wrong_code", _("This is not the code we sent."), field="code")
    del request.session[slot]
    return Pending(**kept["pending"])


def _slow_down(request: HttpRequest, action: str, value: str) -> None:
    if not ratelimit.consume(request, action=action, key=value):
        raise Refused(
            "too_many_tries",
            gettext_lazy("Too many tries. Please wait a few minutes."),
            field="",
        )


def _expired() -> Refused:
    return Refused(
        "code_expired", gettext_lazy("This code no longer works. Ask for a new one."), field="code"
    )


def _slot(programme: Programme, purpose: str) -> str:
    return f"code:{programme.public_id}:{purpose}"


def _digest(value: str, code: str) -> str:
    return salted_hmac("members.profiles.code", f"{value}:{code}", algorithm="sha256").hexdigest()


def _send_letter(address: str, code: str, programme: Programme) -> None:
    context = {"code": code, "programme": programme}
    letter = EmailMultiAlternatives(
        subject=_("%(code)s is your code for %(programme)s")
        % {"code": code, "programme": programme.name},
        body=render_to_string("portal/email/code.txt", context),
        to=[address],
    )
    letter.attach_alternative(render_to_string("portal/email/code.html", context), "text/html")
    letter.send()
