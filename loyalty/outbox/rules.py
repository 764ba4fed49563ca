"""When to try again, and how a delivery is signed: pure functions."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks.webhooks import Webhook

SEALED_FOR = "webhook-secret"
# Standard Webhooks 1.0.0: the pause before each further attempt, about 75 hours in all.
DELIVERY_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# An endpoint that never answered well for this long is switched off.
GIVE_UP_ON_ENDPOINT = timedelta(days=5)
LONGEST_WAIT = timedelta(hours=24)

# What happened to shared members and their balances: every merchant of a coalition hears of it.
SHARED_TYPES = ("member.", "balance.", "points.", "card.", "consent.", "level.", "programme.")

_EVENT_PAUSES = (5, 30, 120, 600, 3600, 6 * 3600)
_JITTER_PERCENT = 10
_SECRET_PREFIX = "whsec_"  # noqa: S105  the form of a secret


def event_pause(attempts: int) -> timedelta:
    """How long a failed event waits after so many attempts; in the end six hours each time."""
    return timedelta(seconds=_EVENT_PAUSES[min(attempts, len(_EVENT_PAUSES)) - 1])


def delivery_due(
    *, attempts: int, at: datetime, luck: int, asked: timedelta | None = None
) -> datetime | None:
    """When to attempt a delivery again, or ``None`` when all attempts are used up.

    Args:
        attempts: made so far.
        luck: 0 to 100, spreads the attempts of many deliveries by up to ten percent.
        asked: the receiver's ``Retry-After``; never sooner than that, never later than a day.
    """
    if attempts > len(DELIVERY_PAUSES):
        return None
    pause = DELIVERY_PAUSES[attempts - 1]
    pause += pause * (_JITTER_PERCENT * luck) // 10_000
    return at + max(pause, min(asked or pause, LONGEST_WAIT))


def retry_after(header: str, *, at: datetime) -> timedelta | None:
    """``Retry-After`` as seconds or as an HTTP date; ``None`` where it says nothing usable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment - at if moment > at else None


def new_secret(random: bytes) -> str:
    """A signing secret as Standard Webhooks writes it."""
    assert 24 <= len(random) <= 64
    return _SECRET_PREFIX + base64.b64encode(random).decode()


def signatures(secrets: Sequence[str], *, id: str, at: datetime, body: str) -> str:
    """The ``webhook-signature`` header: one ``v1`` signature per secret, newest first."""
    return " ".join(Webhook(one).sign(id, at, body) for one in secrets)
