"""Messages to phones through any gateway that is called over HTTP (eSMS, SpeedSMS, Twilio …).

``SMS_BODY`` is the JSON it wants, with ``{to}`` and ``{text}`` where they belong; ``SMS_HEADERS``
carries its key. Without a body both go into the address.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Refused

TIMEOUT_SECONDS = 8


class HttpGateway:
    """An ``https://`` address that takes one message per call."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, *, to: str, text: str) -> None:
        """Call the gateway. Raises ``Refused`` (``sms_failed``) unless it answers 2xx."""
        url = self.url.replace("{to}", quote(to)).replace("{text}", quote(text))
        body = _filled(json.loads(settings.SMS_BODY), to, text) if settings.SMS_BODY else None
        headers = json.loads(settings.SMS_HEADERS) if settings.SMS_HEADERS else {}
        try:
            answer = httpx.post(url, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            # Neither the number nor the text belongs into a log.
            structlog.get_logger(__name__).warning("sms_failed", error=type(error).__name__)
            raise Refused(
                "sms_failed",
                _("The message could not be sent. Try again, or use your e-mail."),
                field="contact",
            ) from error


def _filled(value: Any, to: str, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, to, text) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, to, text) for one in value]
    if isinstance(value, str):
        return value.replace("{to}", to).replace("{text}", text)
    return value
