"""One attempt to deliver one webhook: sign, connect to the checked address, post, read a little.

No database here, so that several attempts can run side by side in threads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from loyalty.common.clock import now as clock_now
from loyalty.outbox.guard import RefusedAddressError, resolve
from loyalty.outbox.rules import retry_after, signatures

TIMEOUT_SECONDS = 15.0
_EXCERPT = 500
_READ_AT_MOST = 4_096


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A delivery ready to be posted. ``id`` is the event's: the receiver's idempotency key."""

    delivery_id: int
    url: str
    id: str
    body: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of one attempt. ``status`` is 0 where there was no answer; ``error`` says why."""

    delivery_id: int
    at: datetime
    status: int
    duration_ms: int
    excerpt: str = ""
    error: str = ""
    retry_after: timedelta | None = None

    @property
    def succeeded(self) -> bool:
        """Only 2xx counts; a redirect is a failure."""
        return 200 <= self.status < 300


def post(letter: Letter) -> Attempt:
    """Make one attempt. Never raises: whatever went wrong is in the answer."""
    at, began = clock_now(), time.monotonic()
    status, excerpt, error, wait = 0, "", "", None
    try:
        response, excerpt = _exchange(letter, at)
        status = response.status_code
        wait = retry_after(response.headers.get("Retry-After", ""), at=at)
    except RefusedAddressError as refused:
        error = f"refused: {refused}"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failed:
        error = f"{type(failed).__name__}: {failed}"
    return Attempt(
        delivery_id=letter.delivery_id,
        at=at,
        status=status,
        duration_ms=int((time.monotonic() - began) * 1000),
        excerpt=excerpt,
        error=error[:_EXCERPT],
        retry_after=wait,
    )


def _exchange(letter: Letter, at: datetime) -> tuple[httpx.Response, str]:
    url = httpx.URL(letter.url)
    address = resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    headers = {
        "host": url.netloc.decode("ascii"),
        "content-type": "application/json",
        "user-agent": "Than-Webhooks/1",
        "accept-encoding": "identity",
        "webhook-id": letter.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures(letter.secrets, id=letter.id, at=at, body=letter.body),
    }
    deadline = time.monotonic() + TIMEOUT_SECONDS
    # The certificate is checked for the name, while the connection goes to the checked address.
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            url.copy_with(host=address),
            content=letter.body.encode(),
            headers=headers,
            extensions={"sni_hostname": url.host},
        ) as response,
    ):
        return response, _beginning(response, deadline)


def _beginning(response: httpx.Response, deadline: float) -> str:
    """The first words of the answer for the log; a slow or endless body is left unread."""
    read = b""
    try:
        for chunk in response.iter_raw(1024):
            read += chunk
            if len(read) >= _READ_AT_MOST or time.monotonic() > deadline:
                break
    except httpx.HTTPError:
        pass
    text = read.decode("utf-8", "replace").replace("\x00", "")
    return text[:_EXCERPT]
