"""Messages to phones as letters in the mailbox, where a demo or a test can read them."""

from __future__ import annotations

from django.core.mail import send_mail


class MailboxGateway:
    """``mailbox://``: delivered as mail to ``<number>@sms.invalid``."""

    def send(self, *, to: str, text: str) -> None:
        """Put the message into the mailbox."""
        send_mail(subject=f"SMS {to}", message=text, from_email=None, recipient_list=[_box(to)])


def _box(to: str) -> str:
    return f"{to.removeprefix('+')}@sms.invalid"
