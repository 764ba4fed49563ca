"""The refusals of the domain: one small hierarchy, no HTTP.

Every error a user can cause is a :class:`DomainError` with a stable ``code`` (integrators switch
on it), a translated message that says what to do, and, where one input is at fault, its ``field``
(a dotted path into the input, ``lines.0.quantity``). Faults of the programmer are ``assert``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a stable code.

    Args:
        code: stable, lower snake case, part of the public API.
        message: translated (may be lazy) sentence for the person who acts.
        field: dotted path of the input at fault, empty where none is.
        params: plain values an integrator may want (``missing``, ``maximum`` …).
    """

    def __init__(
        self,
        code: str,
        message: str | Promise,
        *,
        field: str = "",
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params = dict(params or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def move_under(self, parent: str, *, apart: Container[str] = ()) -> None:
        """Name the field as part of a larger input: ``points`` of a rule is ``values.points``.

        Args:
            apart: fields (their first steps) that stand beside ``parent`` and keep their names.
        """
        if self.field and self.field.split(".")[0] not in apart:
            self.field = f"{parent}.{self.field}"


class Invalid(DomainError):
    """The input itself is wrong (a float, a negative amount, an unknown currency)."""


class Refused(DomainError):
    """The input is well formed, and the rules say no (too few points, voucher expired)."""


class TooMany(Refused):
    """Too much in a short time. ``params`` hold ``wait_seconds``: when to come back."""


class NotFound(DomainError):
    """No such thing in this programme; another programme's thing is not found either."""


class Conflict(DomainError):
    """It clashes with what is already recorded (a key reused, a receipt with another amount)."""


class Outdated(Conflict):
    """It was changed since the actor read it; read it again and repeat the change."""


class Forbidden(DomainError):
    """The actor is known and may not do this."""


class Several(DomainError):
    """Several errors of one input, told together so that a form can show them all."""

    def __init__(self, errors: list[DomainError]) -> None:
        super().__init__(errors[0].code, errors[0].message, field=errors[0].field)
        self.errors = errors

    def move_under(self, parent: str, *, apart: Container[str] = ()) -> None:
        super().move_under(parent, apart=apart)
        for error in self.errors:
            error.move_under(parent, apart=apart)
