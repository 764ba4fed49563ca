"""Prefixed, sortable, unguessable ids for the outside; integer keys never leave the database.

``mem_01jd3k…``: a prefix, then 48 bits of milliseconds and 80 random bits in Crockford's base 32
(the layout of a ULID, in lower case), so ids sort by age and cannot be guessed.
"""

from __future__ import annotations

import os
import time
from typing import Any

from django.db import models

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BODY_LENGTH = 26
# Two characters at a time: ids are made by the dozen with every sale.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]

_SHIFTS = range(5 * (_BODY_LENGTH - 2), -1, -10)


def new_id(prefix: str) -> str:
    """A fresh id such as ``pur_01jd3kq6…`` (26 characters behind the prefix)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    body = [_PAIRS[number >> shift & 1023] for shift in _SHIFTS]
    return f"{prefix}_{''.join(body)}"


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    """A unique id with this prefix, made when the row is."""

    def __init__(self, *, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.setdefault("max_length", len(prefix) + 1 + _BODY_LENGTH)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "prefix": self.prefix}

    def get_default(self) -> str:
        return new_id(self.prefix)

    def has_default(self) -> bool:
        return True
