"""Who is invited hears of it by e-mail."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.tenancy.models import Staff


@subscriber("staff.invited")
def send_invitation(event: Happened) -> None:
    """One letter, in the programme's language, that says where and how to enter."""
    row = Staff.objects.select_related("user").filter(public_id=event.subject).first()
    if row is None or not row.is_active:
        return
    face = "till" if row.role in ("cashier", "redeemer") else "dashboard"
    with translation.override(row.user.language):
        context = {
            "programme": event.programme,
            "role": row.get_role_display(),
            "email": row.user.email,
            "url": f"{settings.BASE_URL}/{face}/{event.programme.slug}/",
            "code_url": f"{settings.BASE_URL}/accounts/login/code/",
        }
        send_mail(
            _("You work with %(programme)s now") % {"programme": event.programme.name},
            render_to_string("setup/email/invitation.txt", context),
            None,
            [row.user.email],
            html_message=render_to_string("setup/email/invitation.html", context),
        )
