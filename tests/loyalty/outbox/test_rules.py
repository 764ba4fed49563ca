"""Signatures as the open specification has them, and when a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from loyalty.outbox.rules import (
    DELIVERY_PAUSES,
    delivery_due,
    event_pause,
    new_secret,
    retry_after,
    signatures,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("secret", "id", "timestamp", "body", "signature"),
    [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            '{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1649367553,
            '{"email":"test@example.com","username":"test_user"}',
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ],
)
def test_signatures_match_the_published_vectors(
    secret: str, id: str, timestamp: int, body: str, signature: str
) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    assert signatures([secret], id=id, at=at, body=body) == signature


def test_during_a_rotation_both_secrets_verify_and_a_third_does_not() -> None:
    old, new, third = (new_secret(bytes([n]) * 32) for n in (1, 2, 3))
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures([new, old], id="evt_1", at=at, body="{}"),
    }
    Webhook(old).verify("{}", headers)
    Webhook(new).verify("{}", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(third).verify("{}", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify('{"a":1}', headers)


def test_attempts_spread_over_three_days_and_end() -> None:
    assert sum(DELIVERY_PAUSES, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    first = delivery_due(attempts=1, at=NOON, luck=0)
    assert first == NOON + timedelta(seconds=5)
    late = delivery_due(attempts=4, at=NOON, luck=100)
    assert late == NOON + timedelta(hours=2, minutes=12)
    assert delivery_due(attempts=len(DELIVERY_PAUSES) + 1, at=NOON, luck=0) is None


def test_the_receiver_may_ask_for_more_time_but_not_for_ever() -> None:
    def due(asked: timedelta | None) -> timedelta:
        at = delivery_due(attempts=1, at=NOON, luck=0, asked=asked)
        assert at is not None
        return at - NOON

    assert due(timedelta(minutes=3)) == timedelta(minutes=3)
    assert due(timedelta(seconds=1)) == timedelta(seconds=5)
    assert due(timedelta(days=900)) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: int | None) -> None:
    wait = retry_after(header, at=NOON)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_a_failing_event_waits_longer_each_time() -> None:
    pauses = [event_pause(n) for n in range(1, 9)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    assert pauses[-1] == timedelta(hours=6)
