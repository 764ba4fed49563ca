"""Ways to a phone: one interface, one file per kind of gateway, chosen by ``SMS_URL``.

``mailbox://`` puts the message into the mailbox (demo, tests), ``console://`` into the log; an
``https://`` address is called for every message. Empty: no codes by phone are offered.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from members.profiles.gateways.console import ConsoleGateway
from members.profiles.gateways.http import HttpGateway
from members.profiles.gateways.mailbox import MailboxGateway


class Gateway(Protocol):
    """Something that brings a short text to a phone."""

    def send(self, *, to: str, text: str) -> None:
        """Send to an E.164 number. Raises ``Refused`` (``sms_failed``) when it did not go out."""


def sms_gateway() -> Gateway | None:
    """The gateway in use; ``None`` where none is set up."""
    scheme = urlsplit(settings.SMS_URL).scheme
    if scheme == "mailbox":
        return MailboxGateway()
    if scheme == "console":
        return ConsoleGateway()
    return HttpGateway(settings.SMS_URL) if scheme in ("http", "https") else None
