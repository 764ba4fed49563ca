"""Letters of the e-mail club: the one that asks to confirm, and newsletters. Django's mail sends them."""

from __future__ import annotations

from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from loyalty.outbox.subscriptions import Happened
from loyalty.tenancy.models import Programme
from members.messaging import selectors
from members.messaging.models import Delivery
from members.messaging.rules import Asked, addressed, confirm_token, labelled, mail_token
from members.messaging.services.letters import note_letter
from members.profiles.models import Member

# Whom the preview is written to.
_SOMEBODY = "Nguyễn Thị Hoa"


def absolute(programme: Programme, name: str, *args: str) -> str:
    """The full address of a page of the portal, on the programme's own domain where it has one."""
    path = reverse(f"portal:{name}", args=[programme.slug, *args])
    base = settings.BASE_URL.rstrip("/")
    if programme.domain:
        base = f"{urlsplit(base).scheme}://{programme.domain}"
    return f"{base}{path}"


def send_confirmation(programme: Programme, asked: Asked) -> None:
    """Ask somebody to confirm their address: once, and nothing else is sent before they do."""
    with override(asked.language):
        url = absolute(programme, "club_confirm", confirm_token(asked))
        context = {"programme": programme, "action_url": url, "action_label": _("Yes, that is me")}
        letter = _letter(
            programme,
            subject=_("Please confirm: news of %(programme)s") % {"programme": programme.name},
            template="messaging/email/confirm",
            context=context,
            to=asked.address,
        )
    letter.send()


def newsletter_letter(
    programme: Programme, delivery: Delivery, *, address: str
) -> EmailMultiAlternatives:
    """One newsletter for one member, with the headers of RFC 8058 for leaving in one click."""
    member, row = delivery.member, delivery.newsletter
    token = mail_token(member.public_id, row.public_id)
    with override(member.language):
        url = absolute(programme, "club_mail", token)
        subject = addressed(row.subject(member.language), name=member.name)
        letter = _letter(
            programme,
            subject=labelled(subject, topic=row.topic, country=programme.country),
            template="messaging/email/newsletter",
            context={
                "programme": programme,
                "subject": subject,
                "body": addressed(row.body(member.language), name=member.name),
                "unsubscribe_url": url,
            },
            to=address,
        )
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    letter.extra_headers |= {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Message-ID": f"<{delivery.public_id}@{host}>",
    }
    return letter


def send_service_letter(
    event: Happened,
    member: Member,
    *,
    subject: str,
    text: str,
    url: str,
    label: str,
    topic: str = "",
) -> bool:
    """A letter about something the member has (a ticket, a gift): no advertising, no consent needed.

    In the language that is active. Once for an event and a member, however often the reaction runs;
    not to an address letters came back from, nor, where a ``topic`` of the club is named, to who
    said they do not want to read about it. Answers whether it left.
    """
    programme, call = event.programme, event.call(f"letter:{member.public_id}")
    if selectors.was_noted(call.key) or (topic and not selectors.wants(member, topic)):
        return False
    address = selectors.service_address(member)
    if not address:
        return False
    letter = _letter(
        programme,
        subject=subject,
        template="messaging/email/service",
        context={
            "programme": programme,
            "subject": subject,
            "body": text,
            "action_url": url,
            "action_label": label,
        },
        to=address,
    )
    letter.send()
    # Afterwards: a letter that could not leave is tried again with its event.
    note_letter(call, member=member.public_id, about=event.type)
    return True


def preview(programme: Programme, row: Any, language: str) -> dict[str, str]:
    """Subject and text as a reader of that language will see them."""
    with override(language):
        subject = addressed(row.subject(language), name=_SOMEBODY)
        return {
            "language": language,
            "subject": labelled(subject, topic=row.topic, country=programme.country),
            "body": addressed(row.body(language), name=_SOMEBODY),
        }


def _letter(
    programme: Programme, *, subject: str, template: str, context: dict[str, Any], to: str
) -> EmailMultiAlternatives:
    letter = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"{template}.txt", context),
        from_email=_sender(programme),
        to=[to],
        reply_to=[programme.contact_email] if programme.contact_email else None,
    )
    letter.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return letter


def _sender(programme: Programme) -> str:
    """The house's own address under the programme's name, so that it passes the checks of mailboxes."""
    ours = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    name = " ".join(programme.name.split())
    try:
        return str(Address(display_name=name, addr_spec=ours))
    except ValueError:
        return settings.DEFAULT_FROM_EMAIL
