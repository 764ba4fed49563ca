"""Codes of offers and invitations: unguessable, with a sign that shows typing mistakes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid

# 31 signs that people do not mix up (no 0 O 1 I L). 31 is prime, so one weighted sum finds every
# single wrong sign and every two that were swapped.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
RANDOM_SIGNS = 11
CODE_LENGTH = RANDOM_SIGNS + 1
MAX_POOL_CODES = 20_000
MAX_POOL_CODE = 120
_IGNORED = frozenset(" -\u2013\u00a0\t\r\n")


def new_code() -> str:
    """A fresh code: 11 random signs (54 bits) and a check sign."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """Sum of value x place, modulo 31."""
    total = sum(place * _VALUE[sign] for place, sign in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def is_ours(code: str) -> bool:
    """May we have made this code? Its length, signs and check sign say so."""
    if len(code) != CODE_LENGTH or any(sign not in _VALUE for sign in code):
        return False
    return check_sign(code[:-1]) == code[-1]


def plain_code(text: str) -> str:
    """A code as it is looked up, however it was typed or scanned."""
    return "".join(sign for sign in text.upper() if sign not in _IGNORED)[:MAX_POOL_CODE]


def shown_code(code: str) -> str:
    """A code of ours in groups of four, as people read it out; another one as it is."""
    if not is_ours(code):
        return code
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def digest(secret: str) -> str:
    """What is kept of an invitation or of a device's token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """What a device keeps: 256 random bits."""
    return secrets.token_urlsafe(32)


def pool_lines(codes: Sequence[str]) -> tuple[list[tuple[str, str]], list[DomainError]]:
    """Codes of an upload as (code, look-up) pairs, and what is wrong with them, by line from 1.

    Empty lines count as lines and are passed over; a header “code” in the first line too.
    """
    found: dict[str, tuple[int, str]] = {}
    faults: list[DomainError] = []
    for number, raw in enumerate(codes, start=1):
        code = raw.strip().strip('"').strip()
        if not code or (number == 1 and code.casefold() in ("code", "codes", "mã")):
            continue
        where, key = f"codes.{number - 1}", plain_code(code)
        if len(code) > MAX_POOL_CODE or not code.isprintable() or not key or "," in code:
            text = _("Line %(line)s is no usable code.") % {"line": number}
            faults.append(Invalid("bad_code", text, field=where, params={"line": number}))
        elif key in found:
            faults.append(repeated(number, found[key][0]))
        else:
            found[key] = (number, code)
    return [(code, key) for key, (_number, code) in found.items()], faults


def repeated(line: int, first: int | None) -> Invalid:
    """A code that stands in the list twice, or (``first`` is ``None``) is in a pool already."""
    if first is None:
        text = _("The code of line %(line)s is there already.") % {"line": line}
    else:
        text = _("Line %(line)s repeats the code of line %(first)s.") % {
            "line": line,
            "first": first,
        }
    params = {"line": line, "first": first}
    return Invalid("duplicate_code", text, field=f"codes.{line - 1}", params=params)
