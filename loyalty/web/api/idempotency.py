"""``Idempotency-Key``: required on every POST, so that a retry after a timeout is always safe.

Both forms are taken: the structured-field string of the IETF draft (``"8e03978e-…"``) and the bare
word. A key belongs to the merchant whose API key sends it, so two shops of a coalition may number
their calls alike.
"""

from __future__ import annotations

import hashlib
import re
from uuid import uuid4

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from loyalty.commands.decorator import MAX_KEY_LENGTH
from loyalty.common.errors import Invalid
from loyalty.tenancy.models import ApiKey

_QUOTED = re.compile(r'^"((?:[^"\\]|\\["\\])*)"$')
_PRINTABLE = re.compile(r"^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$")


def command_key(request: Request) -> str:
    """The key to run this request's command under. Raises ``Invalid`` where it is missing or bad.

    Updates by PATCH, PUT and DELETE may go without: ``If-Match`` or their nature guards them.
    """
    given = request.headers.get("Idempotency-Key")
    if given is None:
        if request.method == "POST":
            raise Invalid(
                "missing_idempotency_key",
                _("Send an Idempotency-Key header with every POST; a UUID will do."),
            )
        given = str(uuid4())
    return stored_key(_bare(given), merchant=_merchant(request))


def stored_key(key: str, *, merchant: str) -> str:
    """The key as commands keep it: the merchant's, hashed where both together are too long."""
    whole = f"{merchant}:{key}"
    if len(whole) <= MAX_KEY_LENGTH:
        return whole
    return f"{merchant}:sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _bare(given: str) -> str:
    quoted = _QUOTED.match(given.strip())
    key = re.sub(r"\\([\"\\])", r"\1", quoted[1]) if quoted else given.strip()
    if not _PRINTABLE.match(key):
        raise Invalid(
            "bad_idempotency_key",
            _("Give an Idempotency-Key of 1 to 255 printable ASCII characters."),
        )
    return key


def _merchant(request: Request) -> str:
    assert isinstance(request.auth, ApiKey)
    return str(request.auth.merchant.public_id)
