"""The outbox's own reactions: owners hear by mail that an endpoint was switched off."""

from __future__ import annotations

from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.outbox.models import WebhookEndpoint
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.tenancy.models import Staff
from loyalty.tenancy.roles import OWNER


@subscriber("webhook_endpoint.disabled")
def tell_owners(event: Happened) -> None:
    """One mail to each owner, in their language, saying which endpoint and why."""
    endpoint = WebhookEndpoint.objects.filter(public_id=event.subject).first()
    if endpoint is None:
        return
    for owner in Staff.objects.select_related("user").filter(role=OWNER, is_active=True):
        with translation.override(owner.user.language):
            why = (
                _("It answered that it is gone for good (410).")
                if event.data.get("reason") == "gone"
                else _("It has not answered well for days.")
            )
            told = _(
                "Events of %(programme)s are no longer sent to %(url)s.\n%(why)s\n"
                "When it works again, switch it on and replay what it missed."
            )
            send_mail(
                _("Webhook switched off: %(url)s") % {"url": endpoint.url[:120]},
                told % {"programme": event.programme.name, "url": endpoint.url, "why": why},
                None,
                [owner.user.email],
            )
