"""Tamper evidence: each transaction's hash covers its content and the one before it.

Anyone with a member's statement can recompute the chain: SHA-256 over the previous hash and the
canonical JSON (sorted keys, no spaces, UTF-8) of the content below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson


def canonical(
    *,
    public_id: str,
    sequence: int,
    kind: str,
    cause: str,
    happened_at: datetime,
    recorded_at: datetime,
    entries: Iterable[tuple[str, int, str, str]],
) -> dict[str, object]:
    """The content a hash covers. ``entries``: asset code, amount, pot, reason, in posting order."""
    return {
        "id": public_id,
        "sequence": sequence,
        "kind": kind,
        "cause": cause,
        "happened_at": _instant(happened_at),
        "recorded_at": _instant(recorded_at),
        "entries": [list(entry) for entry in entries],
    }


def link(previous: str, content: dict[str, object]) -> str:
    """The hash of a transaction, 64 hexadecimal digits."""
    body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous.encode() + body).hexdigest()


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
