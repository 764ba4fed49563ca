"""Strict fields for what comes in: nothing is converted on the quiet.

A number is a number and not its text, a whole number has no decimals, a text has a length and no
control characters, an instant has its time zone. Every refusal has a stable code.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from loyalty.common.errors import DomainError
from loyalty.common.money import MAX_MINOR, MAX_WHOLE

MAX_PLAIN_TEXT = 1_000  # of one text inside a free object
# Direction overrides let a text read as another one; a byte order mark inside text is debris.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\ufeff")


class Strict(serializers.Field):  # type: ignore[type-arg]
    """Base of the fields that say themselves what they take."""

    def to_representation(self, value: Any) -> Any:
        return value

    def describe(self) -> dict[str, Any]:
        """The JSON schema of what is taken."""
        raise NotImplementedError


class Whole(Strict):
    """A whole JSON number within bounds: no text, no decimals, no ``true``."""

    default_error_messages = {
        "not_an_integer": _("Give a whole number: no text, no decimals."),
        "out_of_range": _("Give a number from {minimum} to {maximum}."),
    }

    def __init__(self, *, minimum: int = 0, maximum: int = MAX_WHOLE, **kwargs: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_an_integer")
        if not self.minimum <= data <= self.maximum:
            self.fail("out_of_range", minimum=self.minimum, maximum=self.maximum)
        return int(data)

    def describe(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Money(Whole):
    """An amount in the currency's smallest unit: 125.000 ₫ is ``125000``, $12.50 is ``1250``."""

    def __init__(self, *, minimum: int = 0, maximum: int = MAX_MINOR, **kwargs: Any) -> None:
        super().__init__(minimum=minimum, maximum=maximum, **kwargs)


class Quantity(Strict):
    """How many, as a number or text with up to three decimals; turned into whole thousandths."""

    default_error_messages = {
        "not_a_number": _("Give a number such as 2 or “0.750”."),
        "too_many_decimals": _("Give at most three decimals."),
        "out_of_range": _("Give a quantity above 0 and up to 10,000,000."),
    }
    _TEXT = re.compile(r"^\d{1,8}(\.\d{1,20})?$", re.ASCII)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | Decimal | str):
            self.fail("not_a_number")
        if isinstance(data, str) and not self._TEXT.match(data):
            self.fail("not_a_number")
        if isinstance(data, int):
            milli = Decimal(min(abs(data), 10**9) * 1000) * (1 if data >= 0 else -1)
        else:
            milli = self._scaled(data)
        if milli != milli.to_integral_value():
            self.fail("too_many_decimals")
        if not 0 < milli <= 10**10:
            self.fail("out_of_range")
        return int(milli)

    def _scaled(self, data: Decimal | str) -> Decimal:
        try:
            number = Decimal(data)
        except InvalidOperation:
            self.fail("not_a_number")
        if not number.is_finite() or abs(number) > 10**9:
            self.fail("out_of_range")
        if -int(number.as_tuple().exponent) > 20:
            self.fail("too_many_decimals")
        return number.scaleb(3)

    def describe(self) -> dict[str, Any]:
        number = {"type": "number", "exclusiveMinimum": 0, "maximum": 10_000_000}
        number["multipleOf"] = 0.001
        return {"oneOf": [number, {"type": "string", "pattern": r"^\d{1,8}(\.\d{1,3})?$"}]}


class Text(serializers.CharField):
    """Text of a bounded length, in any script, without control characters; trimmed."""

    default_error_messages = {
        "invalid": _("Give text."),
        "control_character": _("The text holds a character that cannot be shown. Remove it."),
        "max_length": _("Give at most {max_length} characters."),
        "blank": _("Give some text."),
    }

    def __init__(self, *, maximum: int, lines: bool = False, **kwargs: Any) -> None:
        self._allowed = {"\n", "\t"} if lines else set()
        kwargs.setdefault("allow_blank", not kwargs.get("required", True))
        super().__init__(max_length=maximum, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if any(_unshowable(one) and one not in self._allowed for one in data):
            self.fail("control_character")
        return super().to_internal_value(data)


class Base64(Strict):
    """Bytes (a picture) as base64 text, of a bounded size."""

    default_error_messages = {
        "invalid": _("Send the bytes as base64."),
        "too_large": _("Send at most {maximum} MB."),
    }

    def __init__(self, *, maximum: int, **kwargs: Any) -> None:
        self.maximum = maximum
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> bytes:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > self.maximum * 4 // 3 + 4:
            self.fail("too_large", maximum=self.maximum // 1024 // 1024)
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            self.fail("invalid")

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64"}


class PublicId(Strict):
    """An id of ours such as ``mem_01jd…``. What is malformed is answered like what is unknown."""

    default_error_messages = {"invalid": _("Give an id such as “{prefix}_…”.")}

    def __init__(self, *, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or len(data) > 40 or not data.isprintable():
            self.fail("invalid", prefix=self.prefix)
        return data

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 40, "examples": [f"{self.prefix}_01jd3kq6…"]}


class Instant(Strict):
    """An RFC 3339 instant with its time zone: ``2026-11-23T09:30:00+07:00``."""

    default_error_messages = {
        "invalid": _("Give an instant such as 2026-11-23T09:30:00+07:00."),
        "no_time_zone": _("Give the time with its time zone, such as +07:00 or Z."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or len(data) > 40:
            self.fail("invalid")
        try:
            instant = parse_datetime(data)
        except ValueError:
            instant = None
        if instant is None:
            self.fail("invalid")
        if instant.tzinfo is None:
            self.fail("no_time_zone")
        if not 1900 <= instant.year <= 9000:
            self.fail("invalid")
        return instant

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Day(Strict):
    """A calendar day: ``2026-11-23``."""

    default_error_messages = {"invalid": _("Give a day such as 2026-11-23.")}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", data, re.ASCII):
            self.fail("invalid")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Flag(Strict):
    """``true`` or ``false``, nothing that resembles them."""

    default_error_messages = {"invalid": _("Give true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data

    def describe(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Choice(Strict):
    """One of a few words."""

    default_error_messages = {"invalid_choice": _("Give one of: {choices}.")}

    def __init__(self, *, choices: Sequence[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(one for one in self.choices if one))
        return data

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


class ItemList(serializers.ListField):
    """A list of one kind of thing, with a bounded length."""

    default_error_messages = {
        "not_a_list": _("Give a list."),
        "max_length": _("Give at most {max_length} of them."),
        "min_length": _("Give at least {min_length} of them."),
    }

    def __init__(self, *, maximum: int, minimum: int = 0, **kwargs: Any) -> None:
        super().__init__(max_length=maximum, min_length=minimum, **kwargs)


class JudgedList(ItemList):
    """A list of free objects that the app which knows them judges: what is wrong with one is told at
    its own place (``/audience/0/value``), with all that is wrong beside it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=PlainObject(any_number=True), **kwargs)

    def faults(self, found: list[dict[str, Any]]) -> Iterable[DomainError]:
        """What is wrong with them, each by its place: ``0.value``."""
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().to_internal_value(data)
        told: dict[str, Any] = {}
        for fault in self.faults(found):
            *way, last = fault.field.split(".")
            place = told
            for step in way:
                place = place.setdefault(step, {})
            place[last] = [ErrorDetail(str(fault.message), code=fault.code)]
        if told:
            raise serializers.ValidationError(told)
        return found


class PlainObject(Strict):
    """A free JSON object, bounded in depth and size, for what a mechanic itself checks.

    A value inside that can never be right is named by its own place (``/use/points``).

    Args:
        any_number: let numbers with decimals and beyond 64 bits through, because who checks the
            values refuses them beside all else that is wrong (``number_faults``). The latter come
            as ``Decimal``, which the key of a command can be told with.
    """

    default_error_messages = {
        "not_an_object": _("Give an object."),
        "not_an_integer": Whole.default_error_messages["not_an_integer"],
        "out_of_range": Whole.default_error_messages["out_of_range"],
        "max_length": Text.default_error_messages["max_length"],
        "control_character": Text.default_error_messages["control_character"],
        "too_deep": _("This is nested too deeply."),
        "too_large": _("This holds too much: send less at once."),
    }

    def __init__(
        self, *, deepest: int = 5, most: int = 500, any_number: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.deepest, self.most, self.any_number = deepest, most, any_number

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        self._look(data, depth=self.deepest, budget=[self.most])
        return data

    def _look(self, value: Any, *, depth: int, budget: list[int]) -> None:
        budget[0] -= 1
        if budget[0] < 0:
            self.fail("too_large")
        if depth < 0:
            self.fail("too_deep")
        if isinstance(value, dict | list):
            self._look_inside(value, depth=depth, budget=budget)
        elif isinstance(value, str):
            if len(value) > MAX_PLAIN_TEXT:
                self.fail("max_length", max_length=MAX_PLAIN_TEXT)
            if any(_unshowable(one) for one in value if one != "\n"):
                self.fail("control_character")  # what may have lines is each field's own affair
        elif isinstance(value, int):
            if abs(value) > MAX_WHOLE and not self.any_number:
                self.fail("out_of_range", minimum=-MAX_WHOLE, maximum=MAX_WHOLE)
        elif value is not None and not self.any_number:
            self.fail("not_an_integer")

    def _look_inside(self, value: Any, *, depth: int, budget: list[int]) -> None:
        faults: dict[str, Any] = {}
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(name, str):
                self._look(name, depth=depth, budget=budget)
            if type(one) is int and abs(one) > MAX_WHOLE and self.any_number:
                value[name] = Decimal(one)
            try:
                self._look(one, depth=depth - 1, budget=budget)
            except serializers.ValidationError as error:
                if budget[0] < 0:
                    raise  # it is the whole that is too much, not this value
                faults[str(name)] = error.detail
        if faults:
            raise serializers.ValidationError(faults)

    def describe(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": True}


def _unshowable(character: str) -> bool:
    """Control characters, NUL and lone surrogates; directional overrides that forge text."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in _OVERRIDES
