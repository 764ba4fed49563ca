"""The club card: its number, and the QR on the phone that changes every half minute.

Number: 16 digits, the first an 8 (so that it is taken for no payment card), the last a check digit
by Luhn (ISO/IEC 7812-1, annex B). 10^14 numbers, drawn at random, so none can be guessed.

QR: ``THAN1.<member>.<step>.<mac>`` in capitals, which fits the dense alphanumeric mode of QR codes.
``step`` counts half minutes, ``mac`` is an HMAC-SHA-256 with the member's own secret (as in RFC
6238), so that a photograph of yesterday's screen opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

STEP_SECONDS = 30
# A token is good in its own half minute and the one before or after: phones' clocks differ, and
# a cashier needs time to scan.
TOLERANCE = 1
_MAC_LENGTH = 20
_PREFIX = "mem_"  # an underscore has no place in the dense mode
_TOKEN = re.compile(r"^THAN1\.([0-9A-Z]{26})\.([0-9A-Z]{1,10})\.([0-9A-F]{20})$")
_DIGITS36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CARD_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Token:
    """A scanned QR, read but not yet believed."""

    member: str
    step: int
    mac: str


def new_card_number() -> str:
    """A fresh, unguessable card number of 16 digits."""
    body = "8" + "".join(str(secrets.randbelow(10)) for _ in range(_CARD_LENGTH - 2))
    return body + check_digit(body)


def new_card_secret() -> str:
    """A fresh seed for a member's QR: 256 random bits."""
    return secrets.token_hex(32)


def check_digit(body: str) -> str:
    """The Luhn check digit that belongs behind these digits."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card_number(text: str) -> str | None:
    """The digits of a card number however it was spaced; ``None`` for anything else."""
    digits = re.sub(r"[\s\-.]", "", text)
    if len(digits) != _CARD_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def spaced(number: str) -> str:
    """In groups of four, as printed on the card."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def step_at(now: datetime) -> int:
    """The running half minute, counted from 1970."""
    return int(now.astimezone(UTC).timestamp()) // STEP_SECONDS


def seconds_left(now: datetime) -> int:
    """Seconds until the QR changes, 1 to 30."""
    return STEP_SECONDS - int(now.astimezone(UTC).timestamp()) % STEP_SECONDS


def make_token(*, member: str, secret: str, now: datetime) -> str:
    """What a member's QR says at this instant."""
    step = step_at(now)
    reference = member.removeprefix(_PREFIX).upper()
    return f"THAN1.{reference}.{_base36(step)}.{_mac(member, secret, step)}"


def read_token(text: str) -> Token | None:
    """The parts of a scanned token; ``None`` where it is none."""
    found = _TOKEN.match(text.strip().upper())
    if found is None:
        return None
    return Token(_PREFIX + found[1].lower(), int(found[2], 36), found[3])


def is_genuine(token: Token, *, secret: str, now: datetime) -> bool:
    """Was it made with this secret, and just now?"""
    if abs(step_at(now) - token.step) > TOLERANCE:
        return False
    return hmac.compare_digest(_mac(token.member, secret, token.step), token.mac)


def _mac(member: str, secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), f"{member}:{step}".encode(), hashlib.sha256).hexdigest()
    return digest[:_MAC_LENGTH].upper()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS36[rest] + digits
    return digits or "0"
